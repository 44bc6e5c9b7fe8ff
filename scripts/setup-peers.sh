#!/bin/sh
# Installs the programs of others that tests use when they are there: Go with golang.org/x/mod and
# PyPI's aics-tlog check proofs, checkpoints and tiles, PyPI's cryptography speaks SkyPay's envelope,
# Chromium opens reports, zbarimg reads bar codes, strace makes system calls fail; OpenSSH's server with
# its own client, lftp, psftp, rclone and PyPI's paramiko bring files, sshfs mounts a remote folder. Tests
# name what they skip, so nothing here is needed to build or to pass.
set -u
cd "$(dirname "$0")/.."

missing=
has() { command -v "$1" >/dev/null 2>&1; }
has go && [ -d /usr/share/gocode/src/golang.org/x/mod ] ||
    missing="$missing golang-go golang-golang-x-mod-dev"
has strace || missing="$missing strace"
has zbarimg || missing="$missing zbar-tools"
has chromium || has google-chrome || missing="$missing chromium"
has python3 || missing="$missing python3"
[ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
has sftp || missing="$missing openssh-client"
has lftp || missing="$missing lftp"
has psftp && has puttygen || missing="$missing putty-tools"
has rclone || missing="$missing rclone"
has sshfs || missing="$missing sshfs"
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ] && has apt-get; then
        echo "setup: installing for tests:$missing"
        apt-get update -qq
        # One word per package.
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null ||
            echo "setup: some could not be installed; the tests that need them are skipped" >&2
    else
        echo "setup: for every test install:$missing" >&2
    fi
fi

# In an environment of their own; aics-tlog needs Python 3.12 or newer.
peers=.build/interop
found() { [ -x "$peers/bin/python" ] && "$peers/bin/python" -c "import $1" 2>/dev/null; }
found aics_tlog && found cryptography && found paramiko && exit 0
for python in python3.14 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3 python3; do
    "$python" -c 'import venv' 2>/dev/null && "$python" -m venv "$peers" || continue
    break
done
"$peers/bin/python" -m pip install --quiet aics-tlog==0.2.1 ||
    echo "setup: no Python 3.12 with aics-tlog; the tests that need it are skipped" >&2
"$peers/bin/python" -m pip install --quiet cryptography ||
    echo "setup: no PyPI cryptography; the tests that need it are skipped" >&2
"$peers/bin/python" -m pip install --quiet paramiko ||
    echo "setup: no PyPI paramiko; the tests that need it are skipped" >&2
exit 0
