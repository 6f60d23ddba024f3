# The only list of commands. Each installs what it needs; a bare machine has rustup, Node 20 and npm.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := check
.DELETE_ON_ERROR:

BIN := node_modules/.bin
WASM := target/wasm32-unknown-unknown/release/runesec_scanner.wasm
TRAP_WASM := target/trap-for-tests/wasm32-unknown-unknown/release/runesec_scanner.wasm
TARBALL := target/npm/runesec-scanner.tgz
FUZZ_TARGETS := scan redact view_offsets pattern_loader policy_loader
FUZZ_SECONDS ?= 60

.PHONY: demo test ready package wasm js check fmt docs costs bench eval eval-anomaly fuzz model sizes
.PHONY: fmt-check clippy test-rust test-js test-package lint-js lint-package trap-wasm tarball unchanged

# ---- what people type ----

# Scans a made-up conversation with the package as it would be published.
demo: tarball
	@node demo/start.mjs $(TARBALL)

# Every test. The package itself is tested as its users get it: packed and installed elsewhere.
test: test-rust test-js test-package

# All that CI runs.
ready: fmt-check clippy lint-js test-rust package lint-package sizes test-js test-package unchanged

# Fills pkg/, ready to be published.
package: wasm node_modules/.stamp
	@node scripts/package.mjs

# The core as WebAssembly and its JavaScript glue, in js/generated.
wasm: target/.wasm-target
	@cargo build --quiet --release --target wasm32-unknown-unknown --lib
	@cargo run --quiet -p xtask -- $(WASM) js/generated

# Type-checks the TypeScript face.
js: node_modules/.stamp js/generated/scanner.d.ts
	@$(BIN)/tsc -p tsconfig.json

# What is quick enough to run at every save.
check: js
	@cargo check --quiet --all-targets
	@$(BIN)/biome check .

# Formats everything.
fmt: node_modules/.stamp
	@cargo fmt --all
	@cargo fmt --manifest-path fuzz/Cargo.toml
	@$(BIN)/biome check --write .

# Writes docs/patterns.md anew from the pattern files.
docs:
	@UPDATE_DOCS=1 cargo test --quiet --lib the_documentation_page_is_up_to_date

# What each pattern costs on honest text, dearest first.
costs:
	@cargo test --quiet --lib print_costs -- --ignored --nocapture

# Latency beside plain regular expressions, what a cold start and a protected call cost, and decisions of policies beside other engines.
bench: tarball
	@cargo test --quiet --lib write_regexes -- --ignored >/dev/null
	@node scripts/chromium.mjs
	@node bench/start.mjs $(TARBALL)

# How many attacks are found and how many honest texts raise an alarm, on eval/data or on the *.jsonl and *.jsonl.gz in
# DATA=folder. The figures also go to OUT=file.
eval: tarball
	@node eval/start.mjs $(TARBALL) "$(DATA)" "$(OUT)"

# How soon unusual behaviour of made-up agents is noticed, and how often honest behaviour is.
eval-anomaly: node_modules/.stamp
	@node scripts/run-ts.mjs eval/anomaly/main.ts

# Random texts for a minute each, or for FUZZ_SECONDS: what crashes is kept in fuzz/artifacts. Not part of `make ready`.
fuzz: $(FUZZ_TARGETS:%=fuzz-%)

# Trains the similarity model: on the corpus alone, or also on the sets in DATA="folder …". Packaging never trains.
model: training/.venv/.stamp
	@cargo build --quiet --release -p features
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 training/.venv/bin/python training/train.py $(DATA)

# How big the package is, and what applications ship with it, and whether all stays below the limits in scripts/sizes.json.
sizes: tarball
	@node scripts/sizes.mjs $(TARBALL)

# ---- the parts they are made of ----

# Fails when a file is not formatted.
fmt-check: node_modules/.stamp
	@cargo fmt --all --check
	@cargo fmt --manifest-path fuzz/Cargo.toml --check
	@$(BIN)/biome format .

# Rust's lints, with each warning an error.
clippy:
	@cargo clippy --quiet --workspace --all-targets -- -D warnings

# TypeScript's lints and types.
lint-js: js
	@$(BIN)/biome check --error-on-warnings .

# What registries and bundlers would complain about.
lint-package: tarball
	@$(BIN)/publint run $(TARBALL) --strict
	@$(BIN)/attw $(TARBALL) --profile node16 --exclude-entrypoints scanner.wasm similarity.bin policy.schema.json

# The core, natively.
test-rust:
	@cargo test --quiet --workspace

# The TypeScript face against a core that can be made to trap.
test-js: js trap-wasm
	@node scripts/unit-tests.mjs

# The packed package in Node (ESM and CommonJS, oldest and newest), workerd and a browser, and with a Redis server.
test-package: tarball
	@node scripts/chromium.mjs
	@node scripts/redis.mjs
	@node scripts/package-tests.mjs $(TARBALL)

# The core with `Scanner.trap()`. It is tested, never published, so it is built for speed of building.
trap-wasm: export CARGO_PROFILE_RELEASE_LTO := off
trap-wasm: export CARGO_PROFILE_RELEASE_CODEGEN_UNITS := 16
trap-wasm: target/.wasm-target
	@cargo build --quiet --release --target wasm32-unknown-unknown --lib --features trap-for-tests --target-dir target/trap-for-tests
	@cargo run --quiet -p xtask -- $(TRAP_WASM) target/trap-for-tests/generated

# One fuzz target, starting from the committed seeds and from what earlier runs found interesting.
fuzz-%:
	@cargo +nightly fuzz --version >/dev/null 2>&1 || { echo "cargo-fuzz is missing: \`rustup toolchain install nightly\` and \`cargo install cargo-fuzz --locked\`" >&2; exit 1; }
	@mkdir -p fuzz/corpus/$*
	@cargo +nightly fuzz run $* fuzz/corpus/$* fuzz/seeds/$* -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -print_final_stats=1

# pkg/ as npm would upload it, always under the same name.
tarball: package
	@mkdir -p target/npm
	@cd target/npm && rm -f *.tgz && npm pack --silent ../../pkg >/dev/null && mv *.tgz runesec-scanner.tgz

# Fails when a run of the above has changed a file that is committed. On a clean checkout, that is any difference.
unchanged:
	@if [ -n "$${CI:-}" ]; then git diff --exit-code; fi

# ---- what they need ----

node_modules/.stamp: package.json package-lock.json
	@npm ci --no-audit --no-fund --silent
	@touch $@

js/generated/scanner.d.ts:
	@$(MAKE) --no-print-directory wasm

training/.venv/.stamp: training/requirements.txt
	@python3 -m venv training/.venv
	@training/.venv/bin/pip install --quiet -r $<
	@touch $@

target/.wasm-target: rust-toolchain.toml
	@rustup target add wasm32-unknown-unknown 2>/dev/null
	@mkdir -p target && touch $@
