# Everything a person does with this checkout. Needs Python 3.11 or newer, make and git; the rest is set up on demand.

PYTHON ?= python3
DEMO_ARGS ?=
SERVE_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
DURABILITY_ARGS ?=
LOCK_ARGS ?=
# Two at a time: more only make the tests on time-outs and races wait for a processor.
TEST_WORKERS ?= 2

# uv must use the Python of this machine, trust the certificates of this system, and ignore a user's own configuration.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_NO_CONFIG := 1

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
UV := .uv/bin/uv

# The interpreter's version is part of each stamp's name, so that a change of PYTHON sets everything up anew.
PYTHON_TAG := $(shell $(PYTHON) -c 'import sys; print("py%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)
STAMPS := .stamps
UV_STAMP := $(STAMPS)/uv-$(PYTHON_TAG)
RUN_STAMP := $(STAMPS)/run-$(PYTHON_TAG)
DEV_STAMP := $(STAMPS)/dev-$(PYTHON_TAG)
SHOPIFY_SCHEMA := .cache/shopify-schema/admin_2026-10.json.gz
BROWSER_STAMP := $(STAMPS)/chromium-$(PYTHON_TAG)

E2E_TESTS := $(shell find tests/e2e -name 'test_*.py' 2>/dev/null)

INSTALL_CROSSDOCK = $(UV) pip install --quiet --python $(BIN)/python --no-deps \
	--build-constraints requirements/build.txt --editable .

.PHONY: help
help: ## List these targets.
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  \1\t/' | expand -t 12

.PHONY: setup
setup: $(DEV_STAMP) $(SHOPIFY_SCHEMA) ## Install everything that developing and testing need.

.PHONY: demo
demo: $(RUN_STAMP) ## Run two sandbox stores and the web application on top; DEMO_ARGS=--once for the terminal.
	$(BIN)/crossdock demo $(DEMO_ARGS)

.PHONY: serve
serve: $(RUN_STAMP) ## Run the web application for your own stores.
	$(BIN)/crossdock serve $(SERVE_ARGS)

.PHONY: check
check: $(DEV_STAMP) ## Run every static check.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/pyright

# Playwright keeps an event loop running, on which async tests would fail: browser tests are a process of their own.
.PHONY: test
test: setup check ## Run every check and every test.
	$(BIN)/pytest --ignore=tests/e2e --numprocesses=$(TEST_WORKERS) --dist=loadgroup $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory e2e

.PHONY: e2e
ifeq ($(E2E_TESTS),)
e2e: ## Run the browser tests.
	@echo "There are no browser tests yet."
else
e2e: setup $(BROWSER_STAMP)
	$(BIN)/pytest tests/e2e $(PYTEST_ARGS)
endif

.PHONY: bench
bench: setup ## Run the benchmarks.
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

.PHONY: durability
durability: setup ## Kill and disturb hundreds of migrations; DURABILITY_ARGS="--kills 20 --faults 20" for fewer.
	$(BIN)/python -m tests.durability $(DURABILITY_ARGS)

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_ARGS)

.PHONY: lock
lock: $(UV_STAMP) ## Pin every dependency again; LOCK_ARGS=--upgrade for newer ones.
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) pyproject.toml --extra postgres --constraints requirements/run.txt --output-file requirements/workers.txt
	$(LOCK) pyproject.toml --extra postgres --group dev --constraints requirements/workers.txt --output-file requirements/dev.txt
	$(LOCK) --group uv --output-file requirements/uv.txt
	$(LOCK) --group build --output-file requirements/build.txt

.PHONY: clean
clean: ## Remove everything that these targets made.
	rm -rf .uv .venv .cache $(STAMPS) .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov test-results build dist
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS):
	@mkdir -p $@

$(UV_STAMP): requirements/uv.txt | $(STAMPS)
	@test -n "$(PYTHON_TAG)" || { echo "There is no $(PYTHON): set PYTHON to a Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Crossdock needs Python 3.11 or newer; $(PYTHON) is $(PYTHON_TAG)." >&2; exit 1; }
	rm -rf .uv .venv $(STAMPS)/uv-* $(STAMPS)/run-* $(STAMPS)/dev-*
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@touch $@

# The run set is a part of the dev set with the same pins: where the dev set is installed, a demo has nothing to add.
$(RUN_STAMP): requirements/run.txt requirements/build.txt pyproject.toml hatch_build.py $(UV_STAMP)
	@if [ -e $(DEV_STAMP) ]; then $(MAKE) --no-print-directory $(DEV_STAMP); else \
		test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv && \
		$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/run.txt && \
		$(INSTALL_CROSSDOCK); fi
	@touch $@

$(DEV_STAMP): requirements/dev.txt requirements/build.txt pyproject.toml hatch_build.py $(UV_STAMP)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	$(INSTALL_CROSSDOCK)
	@touch $@


$(SHOPIFY_SCHEMA): scripts/fetch_shopify_schema.py | $(DEV_STAMP)
	$(BIN)/python scripts/fetch_shopify_schema.py
	@touch $@

$(BROWSER_STAMP): scripts/ensure_chromium.py | $(DEV_STAMP)
	$(BIN)/python scripts/ensure_chromium.py
	@touch $@
