# The two commands are `make demo` and `make test`. Nothing but Python 3.11+, make and git is needed.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: help demo test check check-style check-types check-architecture fmt bench-search bench-purchase bench-monthly bench-cdrs bench-webhooks bench-routes bench-live bench-attack bench-accounts bench-pages screenshots vendor manage demo-reset

PYTHON ?= python3
PORT ?= 8000
DEMO_NUMBERS ?= 100000
N ?= 1000000
FRONT ?=
WORKERS ?= auto
SEED ?=
WIDTHS ?=
SCREENS ?=
TESTFLAGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed

help:
	@echo "make demo            the portal with a pretend world around it, on http://127.0.0.1:8000 (PORT=…, DEMO_NUMBERS=…)"
	@echo "make test            all tests, in parallel (TESTFLAGS='tests/orders -k taken'; SEED=123: in that random order)"
	@echo "make check           format, lint, types, templates, migrations, settings, architecture"
	@echo "make fmt             formats Python and templates, and mends what lint can mend by itself"
	@echo "make manage CMD=…    a manage.py command against the running demo"
	@echo "make screenshots     every screen as a picture under var/screenshots (needs Chromium; WIDTHS=320,768 SCREENS='…')"
	@echo "make bench-search    search speed beside raw PostgreSQL (N=1000000 numbers)"
	@echo "make bench-purchase  purchase speed beside raw PostgreSQL"
	@echo "make bench-monthly   speed of the monthly run beside the raw ledger"
	@echo "make bench-pages     what pages cost a customer with 20,000 numbers"
	@echo "make bench-cdrs      call records by HTTP beside a bare COPY, the server killed in between"
	@echo "make bench-webhooks  messages to customers' servers of which some hang and fail, workers killed; beside a bare loop"
	@echo "make bench-live      searches with and without 200 open search pages"
	@echo "make bench-attack    what eight ordinary clients notice of each attack (FRONT=--front: what the front costs)"
	@echo "make bench-accounts  whether the time of an answer tells which addresses have an account"
	@echo "make bench-routes    300 look-ups of routes a second beside an empty view, alone and while four people search"
	@echo "make vendor          copies the front-end packages of package.json into static/vendor (needs npm)"
	@echo "make demo-reset      forgets the demo's data"

# The locked packages, with hashes. uv is used where there is one, because it is faster; pip does the same.
$(INSTALLED): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; $(PYTHON) is %d.%d. Use another: make PYTHON=python3.12 …" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Installing the locked packages into $(VENV) …"
	@rm -f $@
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV) && \
		uv pip install --quiet --python $(RUN) --require-hashes -r requirements-dev.txt; \
	else \
		{ $(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make virtual environments: install its venv module, or uv." >&2; exit 1; }; } && \
		$(RUN) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --require-hashes -r requirements-dev.txt; \
	fi
	@touch $@

demo: $(INSTALLED)
	@PORT=$(PORT) DEMO_NUMBERS=$(DEMO_NUMBERS) $(RUN) -m sandbox.demo

demo-reset:
	@rm -rf var/demo var/demo.json var/demo.env

test: $(INSTALLED)
	@$(RUN) -m pytest -n $(WORKERS) --dist worksteal $(if $(SEED),-p randomly --randomly-seed=$(SEED)) $(TESTFLAGS)

# Three parts that do not need one another: `make -j3 check` runs them side by side.
check: check-style check-types check-architecture

check-style: $(INSTALLED)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check --quiet . || { echo "Some files are not formatted: make fmt" >&2; exit 1; }
	@git ls-files -z 'templates/*.html' | xargs -0 $(VENV)/bin/djade --check --target-version 5.2

check-types: $(INSTALLED)
	@DEBUG=1 $(RUN) -m mypy .

check-architecture: $(INSTALLED)
	@$(RUN) -m pytest -n 0 tests/architecture

fmt: $(INSTALLED)
	@$(RUN) -m ruff check --fix --exit-zero --silent .
	@$(RUN) -m ruff format --quiet .
	@# djade fails when it changed something; the second look must find nothing.
	@git ls-files -z 'templates/*.html' | xargs -0 $(VENV)/bin/djade --target-version 5.2 2>/dev/null || \
		git ls-files -z 'templates/*.html' | xargs -0 $(VENV)/bin/djade --check --target-version 5.2
	@$(RUN) -m ruff check --quiet .

# Written by `make demo`: the running demo's database, broker and keys.
manage: $(INSTALLED)
	@test -f var/demo.env || { echo "Start the demo first: make demo" >&2; exit 1; }
	@PORTAL_ENV_FILE=var/demo.env $(RUN) manage.py $(CMD)

screenshots: $(INSTALLED)
	@$(RUN) -m sandbox.tour --widths "$(WIDTHS)" $(SCREENS)

vendor:
	@npm install --no-audit --no-fund --ignore-scripts && npm run --silent vendor

bench-search: $(INSTALLED)
	@$(RUN) -m bench.search --numbers $(N)

bench-purchase: $(INSTALLED)
	@$(RUN) -m bench.purchase

bench-monthly: $(INSTALLED)
	@$(RUN) -m bench.monthly

bench-pages: $(INSTALLED)
	@$(RUN) -m bench.pages

bench-webhooks: $(INSTALLED)
	@$(RUN) -m bench.webhooks

bench-cdrs: $(INSTALLED)
	@$(RUN) -m bench.cdrs

bench-accounts: $(INSTALLED)
	@$(RUN) -m bench.accounts

bench-live: $(INSTALLED)
	@$(RUN) -m bench.live

bench-routes: $(INSTALLED)
	@$(RUN) -m bench.routes

bench-attack: $(INSTALLED)
	@$(RUN) -m bench.attack $(FRONT)
