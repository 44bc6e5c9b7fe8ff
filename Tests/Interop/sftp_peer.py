"""Uploads over SFTP with paramiko: sftp_peer.py PORT USER KEY [VERB ARGUMENT ARGUMENT]...

put LOCAL NAME, resume LOCAL NAME, rename OLD NEW, replace OLD NEW, pause SECONDS -
"""

import sys
import time

import paramiko

PIECE_BYTES = 1024


def write(file, data):
    for start in range(0, len(data), PIECE_BYTES):
        file.write(data[start:start + PIECE_BYTES])


def put(sftp, local, name):
    with open(local, "rb") as source, sftp.open(name, "wb") as file:
        write(file, source.read())


def resume(sftp, local, name):
    done = sftp.stat(name).st_size
    with open(local, "rb") as source, sftp.open(name, "ab") as file:
        source.seek(done)
        write(file, source.read())


def main():
    port, user, key = sys.argv[1:4]
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", port=int(port), username=user, key_filename=key,
                   allow_agent=False, look_for_keys=False)
    sftp = client.open_sftp()
    words = sys.argv[4:]
    for verb, first, second in zip(words[0::3], words[1::3], words[2::3]):
        if verb == "put":
            put(sftp, first, second)
        elif verb == "resume":
            resume(sftp, first, second)
        elif verb == "rename":
            sftp.rename(first, second)
        elif verb == "replace":
            sftp.posix_rename(first, second)
        elif verb == "pause":
            time.sleep(float(first))
        else:
            sys.exit(f"{verb}: no such verb")
    client.close()


main()
