# BatchRunner and AuditLog: how to build, try and check them.
#
#   make demo      everything once, here: sandbox, samples in, answers out, log verified
#   make run       the same, then stays as a daemon until Ctrl-C
#   make test      every test (prints the seconds spent building apart from those testing)
#   make sanitize  the suites with threads or C in them, under ThreadSanitizer and AddressSanitizer
#   make bench     the bars of the audit log against their peers, in a release build, with fsync;
#                  EVENTS=200000 (a few minutes) or EVENTS=all (an hour)
#   make crash     kill -9, power loss and failed system calls, the long form
#   make kills     kill -9 of the built runner with a provider full of faults, KILLS=500 (`selftest`)
#   make faults    each write, rename and sync of a run fails once, with EIO, ENOSPC and EDQUOT; needs strace
#   make sftp      real SFTP clients against OpenSSH's server and a daemon, ROUNDS=5 times everything
#   make burst     FILES=20000 small files at once under a daemon: one verdict each; time and memory
#   make pickup    how soon a file in an idle inbox is claimed after it has settled, FILES=200
#   make simulate  the real runner through histories of crashes and faults, SEEDS=20000
#   make plantings bugs planted in a copy of the sources, to see that the simulator finds them
#   make tamper    every byte of a small log changed, every part removed, doubled or swapped
#   make fuzz      each parser of the audit log and of SkyPay's messages, 10 million runs or 30 minutes
#   make lint      the formatter's strict rules; changes nothing
#   make format    makes the sources what `make lint` asks for
#   make build     the three tools, debug, in .build/debug
#   make install   release builds of the three tools into PREFIX/bin (/usr/local); `batchrunner selftest`
#                  runs the other two
#   make try-install  the same into a temporary folder, and the installed tools at work from there
#   make peers     the programs of others that tests use when they are there (Go, Chromium, strace …)
#   make setup     installs or names what the system lacks; the others call it
#   make clean     removes what was built; touches no site
#   make clean-site  forgets what demos left here; refuses a site that is not a sandbox's
#
# Needs a Swift toolchain (6.2 or newer) and the headers of zlib and SQLite.
# demo, run and test share one debug build in .build.

SWIFT ?= swift
PREFIX ?= /usr/local
SOURCES = Package.swift Sources Tests
# What has threads of its own or calls C.
SANITIZED = ^(AuditLogTests|BatchRunnerTests|DurableFilesTests|SkyPayTests|SkyPaySandboxTests)\.
# Tests at once. Without a bound all begin at once: thousands of open files, deadlines that pass while others
# compute, and Foundation's Process reads past the list of a process's open files where that is long.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 16

.PHONY: peers bench crash kills faults sftp burst pickup simulate plantings tamper fuzz
.PHONY: help demo run test sanitize lint format build install try-install setup clean clean-site

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

setup:
	@sh scripts/setup.sh

peers:
	@sh scripts/setup-peers.sh

build: setup
	$(SWIFT) build

demo: setup
	@scripts/demo.sh

run: setup
	@scripts/demo.sh daemon

test: setup
	@SWIFT="$(SWIFT)" sh scripts/test.sh

sanitize: setup
	$(SWIFT) test --sanitize=thread --scratch-path .build-tsan --disable-xctest \
	    --filter '$(SANITIZED)'
	# Leaks are left out: Foundation's own Data(contentsOf:) is reported as one.
	ASAN_OPTIONS=detect_leaks=0:suppressions=$(CURDIR)/scripts/address-sanitizer.supp \
	$(SWIFT) test --sanitize=address --scratch-path .build-asan --disable-xctest \
	    --filter '$(SANITIZED)'

tamper: setup
	AUDITLOG_EXHAUSTIVE=1 $(SWIFT) test --disable-xctest --filter '^AuditLogTests\.Tamper'

bench: setup
	@Benchmarks/run.sh $(EVENTS)

crash: setup
	AUDITLOG_KILLS=200 AUDITLOG_FAULTS=100000 AUDITLOG_POWER_LOSSES=4000 AUDITLOG_FUZZ_RUNS=2000 \
	$(SWIFT) test --disable-xctest --filter '^(AuditLogToolTests|AuditLogCrashTests)\.'

# The page stays in the folder, with everything else if something is wrong.
kills: setup
	$(SWIFT) build
	.build/debug/batchrunner selftest --kills $${KILLS:-500} \
	    --folder ".build/selftest/$$(date +%Y%m%d-%H%M%S)"

# Prints a table of the calls and of how the runs that met a fault ended.
faults: setup
	BATCHRUNNER_DISK_FAULTS=$${FAULTS:-all} BATCHRUNNER_FAULTS_AT_ONCE=$${WIDTH:-$$((2 * $$(nproc)))} \
	$(SWIFT) test --disable-xctest --filter '^EndToEndTests\.DiskFaultTests'

sftp: setup
	SFTP_ROUNDS=$${ROUNDS:-5} $(SWIFT) test --disable-xctest \
	    --filter '^EndToEndTests\.(SFTPTests|RemoteFolderTests)'

burst: setup
	@Benchmarks/intake.sh burst $(FILES)

pickup: setup
	@Benchmarks/intake.sh pickup $(FILES)

simulate: setup
	$(SWIFT) build --configuration release --product batchrunner-simulate
	"$$($(SWIFT) build --configuration release --show-bin-path)/batchrunner-simulate" \
	    --seeds $${SEEDS:-20000} --jobs "$$(nproc)" --all

plantings: setup
	@SWIFT="$(SWIFT)" sh scripts/plant.sh $(SEEDS)

fuzz: setup
	SWIFT="$(SWIFT)" sh Fuzz/run.sh
	SWIFT="$(SWIFT)" sh Fuzz/SkyPay/run.sh

lint:
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format:
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

install: setup
	for tool in batchrunner auditlog skypay-sandbox; do \
	    $(SWIFT) build --configuration release --static-swift-stdlib --product $$tool || exit 1; \
	done
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 0755 .build/release/batchrunner .build/release/auditlog .build/release/skypay-sandbox \
	    "$(DESTDIR)$(PREFIX)/bin"

try-install:
	@sh scripts/try-install.sh

clean:
	rm -rf .build .build-tsan .build-asan .build-fuzz .build-fuzz-skypay

clean-site:
	@sh scripts/clean-site.sh
