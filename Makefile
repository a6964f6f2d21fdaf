# Everything is set up from here: `make` leaves the command at .venv/bin/fabu.
# Needed beforehand: Python 3.11 or newer, make, and a package index that pip can reach.
# Two dials: PYTHON=python3.12 picks the interpreter, SYSTEM_PACKAGES= skips the system packages.

PYTHON ?= python3
# What the tests need from the distribution beyond Python (Debian names), installed by
# `make test` when run as root and where apt-get exists: the browser that looks at the console's
# pages, and letters for Chinese text. Without them those tests skip and say so (in CI they fail).
SYSTEM_PACKAGES ?= chromium fonts-noto-cjk
UV_VERSION = 0.13.9

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ROOMS := $(patsubst %/__init__.py,%,$(wildcard $(addsuffix /__init__.py,scheduler channels console simulator)))
BENCHMARKS := $(sort $(wildcard benchmarks/bench_*.py))
PYBABEL := $(BIN)/python -m babel.messages.frontend -q
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.DEFAULT_GOAL := $(BIN)/fabu
.DELETE_ON_ERROR:
.PHONY: demo test check static lint types imports fast bench lock words screenshots clean \
  system-packages

# --- set-up ------------------------------------------------------------------------------------

$(BIN)/fabu: $(VENV)/.locked pyproject.toml
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "fabu needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	      --no-install-recommends python3-venv >/dev/null; \
	  else \
	    echo "$(PYTHON) cannot make virtual environments: install its 'venv' package" \
	      "(Debian: python3-venv)" >&2; exit 1; \
	  fi; }
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  echo "Setting up $(VENV) (once, about a minute)"; \
	  $(PYTHON) -m venv --clear $(VENV); fi
	@$(PIP) install -qq --require-hashes -r requirements.lock
	@touch $@

# Never fails a run: without root or apt-get it says what is missing and goes on.
system-packages:
	@missing=; for p in $(SYSTEM_PACKAGES); do \
	  dpkg -s "$$p" >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing system packages:$$missing"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; } || \
	    echo "Could not install:$$missing (tests that need them will say so)" >&2; \
	else \
	  echo "Missing system packages:$$missing (install them as root; tests that need them" \
	    "will say so)" >&2; \
	fi

# --- everyday ----------------------------------------------------------------------------------

demo: $(BIN)/fabu
	@$(BIN)/fabu demo

# The last words are pytest's closing line and, when something is wrong, what the linters say.
test: $(BIN)/fabu system-packages
	@$(PYTEST)
	@$(MAKE) --no-print-directory --keep-going static

check: static fast

static: lint types imports

lint: $(BIN)/fabu
	@$(BIN)/ruff check --quiet .; rc=$$?; $(BIN)/ruff format --check --quiet . && exit $$rc

types: $(BIN)/fabu
	@$(BIN)/mypy --no-error-summary $(ROOMS)

imports: $(BIN)/fabu
	@said=$$($(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }

# One process more than there are cores: these tests wait for sockets about a quarter of the time.
fast: $(BIN)/fabu
	@$(PYTEST) -n $$(($$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1)) \
	  -m "not slow and not postgres"

bench: $(BIN)/fabu
	@for f in $(BENCHMARKS); do echo "== $$f"; $(BIN)/python "$$f" || exit 1; done
	@[ -n "$(BENCHMARKS)" ] || echo "benchmarks/ holds no bench_*.py yet"

# --- now and then ------------------------------------------------------------------------------

# Brings the Chinese catalogue up to date with the sentences in the code and compiles it: new keys
# come in empty, keys no longer used go. Fill in what is empty and run it again; the test of the
# catalogue (tests/unit/test_catalogue.py) says what is missing.
words: $(BIN)/fabu
	@$(PYBABEL) extract -F babel.cfg -k say --no-location --sort-output --no-wrap \
	  -o $(VENV)/fabutai.pot .
	@$(PYBABEL) update -D fabutai -i $(VENV)/fabutai.pot -d scheduler/locale --no-wrap \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(PYBABEL) compile -D fabutai -d scheduler/locale
	@$(BIN)/python -m pytest -q tests/unit/test_catalogue.py

# One lock for Linux x86-64 and arm64 and for Python 3.11 upwards: `make lock` brings every
# package to its newest version that pyproject.toml allows. uv lives in its own environment.
lock:
	@[ -x $(VENV)-lock/bin/uv ] || $(PYTHON) -m venv --clear $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install -qq uv==$(UV_VERSION)
	@$(VENV)-lock/bin/uv pip compile pyproject.toml --quiet --upgrade --all-extras --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --output-file requirements.lock

# Draws every page of the console again, with the same bureau at the same moment; Chromium's own
# fields speak Chinese, too. WEATHERS=FOLDER draws every page in every weather into FOLDER instead
# (nothing, far too much, no daemon, ...), PAGES="crowded today" only these weathers and pages.
screenshots: SYSTEM_PACKAGES += chromium-l10n
screenshots: $(BIN)/fabu system-packages
	@$(if $(WEATHERS)$(PAGES),:,rm -f docs/screenshots/*.png)
	@FABU_LANG=zh_CN $(BIN)/python -m tests.browser.shots $(if $(WEATHERS),--weathers $(WEATHERS)) \
	  $(PAGES)

clean:
	@rm -rf $(VENV) $(VENV)-lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis .import_linter_cache
	@find $(ROOMS) tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + \
	  2>/dev/null || true
