# `make test` and `make demo` do all the set-up on a fresh machine (Debian; Python 3.11, pip, Node 20, npm, make and apt).
# The set-up is in $(VENV) and node_modules; each step leaves a stamp there and is done again only when what it reads changed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
TESTS ?=
WORKERS ?= 2
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# --- Set-up ---------------------------------------------------------------------------------------

# Each lock names a hash for every file, so what is installed is what was reviewed.
$(VENV)/bin/python:
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/install-packages python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked-%: requirements/%.lock | $(VENV)/bin/python
	$(PIP) install --require-hashes --only-binary :all: -r $<
	@touch $@

# Without build isolation and dependencies: the locks hold the builder and all that it would look for.
define install-tree
	$(PIP) install --no-build-isolation --no-deps --no-index --editable .
	@touch $@
endef

$(VENV)/.tree-demo: pyproject.toml $(VENV)/.locked-demo
	$(install-tree)

$(VENV)/.tree-test: pyproject.toml $(VENV)/.locked-test
	$(install-tree)

node_modules/.stamp: package-lock.json package.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# An example installs as its reader would, from its own lock.
examples/react/node_modules/.stamp: examples/react/package-lock.json examples/react/package.json
	npm ci --prefix examples/react --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

EXAMPLES := examples/react/node_modules/.stamp

# Installed, they would start as services; the tests start them themselves, on ports of their own.
$(VENV)/.unpacked: scripts/unpack-packages | $(VENV)/bin/python
	scripts/unpack-packages $(VENV)/debian nginx apache2-bin libapache2-mod-auth-openidc
	@touch $@

.PHONY: browser
browser: ## install Debian's Chromium and Firefox ESR where they are missing
	@command -v chromium >/dev/null && command -v firefox-esr >/dev/null || \
	  scripts/install-packages chromium firefox-esr fonts-liberation

# --- What a person runs ---------------------------------------------------------------------------

# The last line that is printed is pytest's own, and a failure is make's exit code.
.PHONY: test
test: $(VENV)/.tree-test $(VENV)/.unpacked node_modules/.stamp $(EXAMPLES) browser ## run every test, browsers included; TESTS=, WORKERS=
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS) $(PYTEST_ARGS)

.PHONY: soak
soak: $(VENV)/.tree-test node_modules/.stamp $(EXAMPLES) browser ## run the tests that take minutes to hours
	@$(BIN)/python -m pytest $(TESTS) -m soak $(PYTEST_ARGS)

# Behind a proxy it is another program, and needs the proxies that the tests take.
DEMO := $(if $(PROXY),$(BIN)/python -m examples.proxies.demo $(PROXY),$(BIN)/lunasec demo)
DEMO_NEEDS := $(if $(PROXY),$(VENV)/.tree-test,$(VENV)/.tree-demo) \
  $(if $(filter nginx apache,$(PROXY)),$(VENV)/.unpacked) $(if $(filter apache,$(PROXY)),node_modules/.stamp)

.PHONY: demo
demo: $(DEMO_NEEDS) ## start the demo; HTTPS=1, CROSS_SITE=1, PORT=, TOKENIZER_PORT=, OPERATOR_PORT=, LOG_IN_PORT=, PROXY=apache|caddy|envoy|nginx|traefik|oathkeeper
	@exec $(DEMO) \
	  $(if $(filter-out 0,$(HTTPS)),--https) $(if $(filter-out 0,$(CROSS_SITE)),--cross-site) \
	  $(if $(PORT),--port $(PORT)) $(if $(TOKENIZER_PORT),--tokenizer-port $(TOKENIZER_PORT)) \
	  $(if $(OPERATOR_PORT),--operator-port $(OPERATOR_PORT)) \
	  $(if $(PROXY),$(if $(LOG_IN_PORT),--log-in-port $(LOG_IN_PORT))) $(DEMO_ARGS)

.PHONY: pictures
pictures: $(VENV)/.tree-test browser ## take the pictures of the demo and of the elements anew, into docs/images
	@$(BIN)/python -m pytest tests/browser/test_pictures.py --pictures docs/images

.PHONY: bench
bench: $(VENV)/.tree-test browser ## measure, print the table, write bench/results.json
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

.PHONY: mutation
mutation: $(VENV)/.tree-test ## change the core and the gate in every small way and see the tests fail
	$(BIN)/mutmut run
	$(BIN)/mutmut results

.PHONY: guards
guards: $(VENV)/.tree-test $(VENV)/.unpacked node_modules/.stamp browser ## plant a fault under each claim and see its tests fail; CLAIMS="T1 T10"
	@$(BIN)/python -m tests.guards $(CLAIMS)

# --- Static checks --------------------------------------------------------------------------------

# tests/test_checks.py runs each of these too, so that `make test` is red where `make check` is.
CHECKS := ruff format mypy pyright imports dependencies spelling biome tsc publint

.PHONY: check $(CHECKS:%=check-%)
check: $(CHECKS:%=check-%) ## run every static check; one alone is `make check-mypy`

$(CHECKS:%=check-%): $(VENV)/.tree-test node_modules/.stamp

check-ruff:
	$(BIN)/ruff check --quiet

check-format:
	$(BIN)/ruff format --check --quiet

check-mypy:
	$(BIN)/mypy --no-error-summary src tests scripts conftest.py $(wildcard examples)

check-pyright:
	node_modules/.bin/pyright --pythonpath $(BIN)/python

check-imports:
	$(BIN)/lint-imports --no-logo

check-dependencies:
	$(BIN)/deptry src

check-spelling:
	$(BIN)/typos

check-biome:
	cd web && ../node_modules/@biomejs/cli-linux-*/biome ci --colors=off .

check-tsc:
	node_modules/.bin/tsc --project web

check-publint:
	node_modules/.bin/publint --strict web

# --- What is generated ----------------------------------------------------------------------------

.PHONY: spec
spec: $(VENV)/.tree-test ## write the tables in docs/ and spec/openapi.json anew
	@$(BIN)/python -m scripts.spec

.PHONY: lock
lock: $(VENV)/.tree-test ## resolve the requirements anew
	$(COMPILE) --extra tokenizer --group build --group test --group check --group mutation --group lock -o requirements/test.lock
	$(COMPILE) --extra tokenizer --group build --constraint requirements/test.lock -o requirements/demo.lock

COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --no-header --no-annotate --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url
