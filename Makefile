# Two commands do all the set-up: `make serve` and `make test`. Both make their own environment in .venv.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
# One more than there are processors: some tests wait for a browser or for another process.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
BENCH := $(VENV)/.bench-installed
# Where pip may fetch from is the user's setting; the locks name versions and hashes alone.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help serve test lint format schemas messages docs bench bench-quick bench-explanations bench-matching bench-starting bench-batching bench-page lock clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

serve: $(RUN) ## serve the advisor (PORT=8000, HOST=127.0.0.1)
	$(BIN)/advisor serve --host $(HOST) --port $(PORT)

test: $(DEV) lint ## check the code and run all tests
	$(BIN)/advisor check
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q

lint: $(DEV) ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(DEV) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: $(DEV) ## write the published JSON Schemas anew
	ADVISOR_PACKS= $(BIN)/advisor schemas --output schemas

messages: $(DEV) ## list the page's messages anew for translators
	cd api/page && ../../$(BIN)/pybabel -q extract --mapping messages/babel.cfg --no-location --omit-header --sort-output --output messages/messages.pot .

docs: $(DEV) ## write the generated pages of the documentation anew
	ADVISOR_PACKS= $(BIN)/advisor reference --output docs/reference
	$(BIN)/python -c 'from pathlib import Path; from advisor.catalogue_pages import write; write(Path("docs"))'

bench-explanations: $(DEV) ## measure what explanations cost, as ratios to plain answers
	$(BIN)/python benchmarks/explanations.py

bench-matching: $(DEV) ## measure what matching costs, and answers as rules grow in number
	$(BIN)/python benchmarks/matching.py

bench-starting: $(DEV) ## measure what starting costs, as ratios to importing what the advisor is built on
	$(BIN)/python benchmarks/starting.py

bench-batching: $(DEV) ## measure batches: their memory, and two processes beside one
	$(BIN)/python benchmarks/batching.py

bench-page: $(DEV) ## measure the officer's page in a browser: from a click to the changed advice
	$(BIN)/python benchmarks/clicking.py

bench: $(BENCH) ## compare with other engines and a bare endpoint; writes docs/performance.md (20 minutes)
	$(BIN)/python benchmarks/performance.py

bench-quick: $(BENCH) ## the same as a short trial, whose figures mean little; writes build/performance.md
	$(BIN)/python benchmarks/performance.py --quick

lock: $(DEV) ## pin the newest versions that pyproject.toml allows
	$(BIN)/python -m uv pip compile $(UVFLAGS) pyproject.toml --group build -o requirements.lock
	$(BIN)/python -m uv pip compile $(UVFLAGS) pyproject.toml --group build --group dev -o requirements-dev.lock
	$(BIN)/python -m uv pip compile $(UVFLAGS) pyproject.toml --extra bench -c requirements-dev.lock -o requirements-bench.lock

UVFLAGS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

clean: ## remove the environment and what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"Python 3.11 or later is needed; {sys.executable} is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(RUN): $(BIN)/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(BENCH): $(RUN) requirements-bench.lock
	$(PIP) install --require-hashes -r requirements-bench.lock
	@touch $@
