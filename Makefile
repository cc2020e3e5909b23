# The names of these targets are a promise to other people's scripts. CARGO_TARGET_DIR is honoured.

.PHONY: help run test demo lint bench package fresh soak install
.NOTPARALLEL:

help:
	@echo 'make run      start the sandbox and the broker here and open the app on them'
	@echo 'make test     install what is missing, then run every test'
	@echo 'make demo     play the whole journey in the terminal, a line per step'
	@echo 'make lint     formatting, lints, UI checks, generated bindings'
	@echo 'make package  build the .deb'
	@echo 'make bench    what a refresh costs the broker, beside nginx and a broker for Node'
	@echo 'make soak     the tests that count (faults, lost answers, kills, schedules), at full size'
	@echo 'make fresh    make test inside a minimal Debian root'
	@echo 'make install  only install what is missing for all of these'

install:
	@scripts/install-missing build run test bench ui crates

run:
	@scripts/run

demo:
	@scripts/demo

test:
	@scripts/test

lint:
	@scripts/test install ui-check ui-build fmt clippy bindings

package:
	@scripts/package

fresh:
	@scripts/fresh

bench:
	@scripts/bench

soak:
	@scripts/soak
