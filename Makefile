# Every target sets up its own needs; `make` without arguments lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CUSTOM_COMPILE_COMMAND := make lock

# RUN_READY has the packages of `make run`, READY all others. pip compiles nothing: Python compiles a module at its first import.
RUN_READY := $(VENV)/.run-ready
READY := $(VENV)/.ready
THIRD_PARTY := build/proto
THIRD_PARTY_READY := build/.proto-ready
# All packages of npm; those that build the web app alone do not suffice.
NODE_READY := node_modules/.ready
WEB_READY := howmuch/web_app/index.html
# The sources of the web app.
WEB_SOURCES := $(shell find web clients/typescript/src -name node_modules -prune -o -type f -print) \
	package.json package-lock.json requirements/web.txt tools/build_web.py
# The protobuf files of the last release, as one image.
BASELINE := proto/baseline.binpb
# The lock files contain no address of an index and no path of a machine.
compile = pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links $(ARGS)

pip = $(BIN)/python -m pip install --quiet

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(READY) ## Set up .venv for development from the lock files; instant when it is up to date

$(RUN_READY): requirements/runtime.txt requirements/build.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("howmuch needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@echo 'Setting up $(VENV), once: about half a minute, and 180 MB'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(pip) --no-compile --no-deps --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(pip) --no-deps --no-build-isolation --editable .
	@touch $@

$(READY): $(RUN_READY) requirements/dev.txt
	@echo 'Adding the tools of development to $(VENV), once: about a minute, and 600 MB'
	@$(pip) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(THIRD_PARTY_READY): tools/third_party_protos.py $(READY)
	$(BIN)/python tools/third_party_protos.py $(THIRD_PARTY)
	touch $@

$(WEB_READY): $(WEB_SOURCES)
	@$(PYTHON) tools/build_web.py

.PHONY: web
web: $(WEB_READY) ## Build the web app into howmuch/web_app; instant when it is up to date

# The two parts of the first start are made at the same time.
.PHONY: run
run: ## Run the web app and REST on 127.0.0.1:8080, gRPC on :50051, with SQLite in .data (more: ARGS="--help")
	@$(MAKE) --silent --no-print-directory --jobs=2 $(RUN_READY) $(WEB_READY)
	@$(BIN)/howmuch run --data-dir .data --grpc-listen 127.0.0.1:50051 --http-listen 127.0.0.1:8080 $(ARGS)

.PHONY: test
test: $(READY) $(WEB_READY) ## Run the quick tests (some of them: ARGS="tests/ledger -k split")
	@$(if $(ARGS),,$(MAKE) --no-print-directory test-web)
	@$(BIN)/python -m pytest --numprocesses=5 -m "not slow" $(ARGS)

.PHONY: test-all
test-all: $(READY) $(NODE_READY) $(WEB_READY) ## Run all tests, with the slow ones; without ARGS, `test-plain` too
	@$(if $(ARGS),,$(MAKE) --no-print-directory test-web)
	@$(BIN)/python -m pytest --numprocesses=5 --dist=loadgroup $(ARGS)
	@$(if $(ARGS),,$(MAKE) --no-print-directory test-plain)

.PHONY: test-web
test-web: $(NODE_READY) ## Run the tests of the web app that need no browser
	@npm run --silent --workspace=web test

.PHONY: test-pgbouncer
test-pgbouncer: $(READY) ## Run all tests of the service on PostgreSQL behind PgBouncer
	@$(BIN)/python -m pytest --numprocesses=5 --database=pgbouncer tests/service $(ARGS)

.PHONY: test-plain
test-plain: $(READY) ## Run the tests of the service and of REST on PostgreSQL with everything off that exists only for speed
	@$(BIN)/python -m pytest --numprocesses=5 --speed=off --database=postgresql -m "not slow" tests/service tests/rest $(ARGS)

.PHONY: chaos
chaos: $(READY) ## Run faults under load and check that nothing is lost: ARGS="--minutes 30 --seed 7 --database postgresql"
	@$(BIN)/python -m tests.chaos $(ARGS)

# The texts that tools/prose.py checks.
PROSE := howmuch *.md *.yml *.yaml Makefile Dockerfile .ci docs proto k8s observability examples clients tools

# The longest first: they run two at a time, and the output of each stays together.
CHECKS := check-types check-prose audit gen-check check-imports check-web check-python check-protobuf

.PHONY: check
check: $(READY) $(THIRD_PARTY_READY) ## Check format, lint, types, import rules, prose, protobuf, generated code, dependencies
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target $(CHECKS)

.PHONY: check-types check-prose check-imports check-web check-python check-protobuf
check-types: $(READY)
	mypy

check-prose: $(READY)
	$(BIN)/python tools/prose.py $(PROSE)

check-imports: $(READY)
	lint-imports --no-logo

check-web: $(NODE_READY)
	npm run --silent --workspace=web check

check-python: $(READY)
	ruff format --check .
	ruff check .

check-protobuf: $(THIRD_PARTY_READY)
	buf format --diff --exit-code proto
	buf lint proto
	buf breaking proto --against $(BASELINE)

.PHONY: audit
audit: $(READY) ## Look for known vulnerabilities in requirements/runtime.txt; skipped where OSV is out of reach
	@$(BIN)/python tools/audit.py

.PHONY: sbom
sbom: $(READY) ## Write build/sbom.cdx.json: the locked dependencies as a CycloneDX bill of materials
	@mkdir -p build
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements/runtime.txt --pyproject pyproject.toml \
		--output-reproducible --output-format JSON --output-file build/sbom.cdx.json

.PHONY: pin-images
pin-images: $(READY) ## Pin the images of Dockerfile and compose.yaml by digest; needs docker, crane or skopeo (only look: ARGS=--check)
	@$(BIN)/python tools/pin_images.py $(ARGS)

.PHONY: overlay-check
overlay-check: $(READY) ## List what is left to set in an overlay for Kubernetes (ARGS=k8s/overlays/mine)
	@$(BIN)/python tools/check_overlay.py $(ARGS)

.PHONY: format
format: $(READY) ## Format Python and protobuf, and repair what ruff can repair
	ruff check --fix-only --exit-zero .
	ruff format .
	buf format --write proto

# The theme warns at every start that it will not support MkDocs 2.0; the lock file has 1.x.
.PHONY: docs
docs: $(READY) ## Build the site of the documentation into build/site
	NO_MKDOCS_2_WARNING=true $(BIN)/python -m mkdocs build --strict

.PHONY: docs-serve
docs-serve: $(READY) ## Serve the documentation on 127.0.0.1:8000, rebuilt on changes (more: ARGS="--help")
	NO_MKDOCS_2_WARNING=true $(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:8000 $(ARGS)

.PHONY: screenshots
screenshots: $(READY) $(WEB_READY) ## Make docs/images and build/screenshots again, of every screen; needs Chromium and chromedriver
	$(BIN)/python tools/screenshots.py
	$(BIN)/python -m tests.web.readme
	$(BIN)/python -m tests.web.pictures

.PHONY: bars
bars: $(READY) $(NODE_READY) $(WEB_READY) ## Measure the bars of the web app, and fail below one (some of them: ARGS="sizes live")
	@$(BIN)/python -m tests.web.bars $(ARGS)

.PHONY: bench
bench: $(READY) ## Measure, beside the floor of the same machine (more: ARGS="--help")
	$(BIN)/python -m bench $(ARGS)

PEER := build/peer
PEER_READY := $(PEER)/.ready

.PHONY: bench-peers
bench-peers: $(READY) $(PEER_READY) ## Measure beside I Hate Money, in about eight minutes (half: ARGS=rates, ARGS=behaviour)
	@$(BIN)/python -m bench.peers $(ARGS)

$(PEER_READY): bench/peers/requirements.txt
	rm -rf $(PEER)
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --require-hashes -r bench/peers/requirements.txt
	touch $@

MUTANTS := build/mutants/venv

.PHONY: mutants
mutants: $(READY) $(MUTANTS)/.ready ## Seed small faults in a copy, and count those that the tests catch (more: ARGS="--help")
	@$(BIN)/python tools/mutants.py $(ARGS)

$(MUTANTS)/.ready: requirements/mutants.txt
	rm -rf $(MUTANTS)
	$(PYTHON) -m venv $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install --quiet --require-hashes -r requirements/mutants.txt
	touch $@

# Generated code goes to build/ first, so that a failure does not change gen/.
define generate
	rm -rf build/gen
	buf generate --output build
	buf build proto --as-file-descriptor-set --output build/gen/python/howmuch/v1/descriptor_set.binpb
endef

.PHONY: gen
gen: $(THIRD_PARTY_READY) ## Generate gen/ from proto/
	$(generate)
	rm -rf gen
	mv build/gen gen

.PHONY: gen-check
gen-check: $(THIRD_PARTY_READY) ## Fail where gen/ is not what proto/ generates
	@$(generate)
	@diff --recursive --brief --exclude=__pycache__ build/gen gen || { echo 'gen/ is out of date: run make gen' >&2; exit 1; }

$(NODE_READY): package-lock.json
	npm ci
	touch $@

.PHONY: clients
clients: $(THIRD_PARTY_READY) $(NODE_READY) ## Generate the TypeScript client, and the Go client where its plugins are installed
	npm run --silent --workspace=clients/typescript generate
	@if type protoc-gen-go protoc-gen-go-grpc >/dev/null 2>&1; then \
		buf generate --template clients/go/buf.gen.yaml; \
	else \
		echo 'clients/go: skipped, without protoc-gen-go and protoc-gen-go-grpc' >&2; \
	fi

.PHONY: release-baseline
release-baseline: $(THIRD_PARTY_READY) ## Make the present proto/ what `buf breaking` compares with; at a release
	buf build proto --exclude-source-info --output $(BASELINE)

.PHONY: migration
migration: $(READY) ## Write the migration from the last one to the tables: M="what it does"
	@test -n '$(M)' || { echo 'usage: make migration M="what it does"' >&2; exit 2; }
	$(BIN)/python tools/new_migration.py '$(M)'
	ruff check --quiet --fix-only howmuch/storage/migrations
	ruff format --quiet howmuch/storage/migrations

.PHONY: lock
lock: $(READY) ## Write the lock files of Python: requirements/, bench/peers/ (newer versions: ARGS=--upgrade)
	$(compile) --output-file requirements/runtime.txt pyproject.toml
	$(compile) --output-file requirements/build.txt --build-deps-for wheel --only-build-deps pyproject.toml
	$(compile) --output-file requirements/dev.txt --extra dev --constraint requirements/runtime.txt pyproject.toml
	$(compile) --output-file bench/peers/requirements.txt bench/peers/requirements.in
	$(compile) --output-file requirements/mutants.txt requirements/mutants.in
	npm install --package-lock-only
	$(BIN)/python tools/npm_lock.py
	$(compile) --output-file requirements/web.txt requirements/web.in

.PHONY: clean
clean: ## Remove what can be made again; .data, the database of `make run`, stays
	rm -rf clients/go/src clients/typescript/dist clients/typescript/*.tsbuildinfo examples/*/dist examples/*/*.tsbuildinfo node_modules
	rm -rf $(VENV) build dist howmuch/web_app .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
