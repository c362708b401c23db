# Two commands: `make serve` starts a complete server, `make test` runs every test.
# Both set up all they need first; a second run finds it done.

DATA ?= data
HOST ?= 127.0.0.1
PORT ?= 8080
ARGS ?=

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make

# As root, or where sudo asks no password, Debian's packages are installed as needed.
ROOT := $(shell if [ "$$(id -u)" = 0 ]; then echo ""; elif sudo -n true 2>/dev/null; then echo sudo; else echo no; fi)
APT := $(if $(filter no,$(ROOT)),,$(shell command -v apt-get 2>/dev/null))
INSTALL = $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends

# libatomic1 is what Playwright's own Node.js needs.
TEST_PACKAGES := apache2 cadaver chromium curl davfs2 fuse3 libapache2-mod-auth-openidc libatomic1 litmus nodejs npm postgresql

# The rules and what is told of files run in the tests to (nearly) every branch; 100 is the aim.
RULES := src/keycell/oauth/*,src/keycell/files/*
# What runs in processes of its own, where measuring would cost the time and memory that tests judge.
APART := */migrations/versions/*,src/keycell/cli/*,src/keycell/server.py,src/keycell/stores/backup*,src/keycell/outside/archive.py

.PHONY: serve test check bench bench-files lock words wheel clean

serve: $(STAMPS)/server
	$(BIN)/keycell serve --data $(DATA) --host $(HOST) --port $(PORT) $(ARGS)

test: $(STAMPS)/tests $(STAMPS)/programs check
	$(BIN)/pytest -n auto --maxprocesses=4 --dist=loadfile --cov --cov-report=term:skip-covered -q
	$(BIN)/coverage report --skip-covered -m --fail-under=97 --include="$(RULES)"
	$(BIN)/coverage report --format=total --fail-under=80 --omit="$(RULES),$(APART)"

check: $(STAMPS)/tests
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

# Needs two cores, a folder on a disk, and Node.js 20 or later.
bench: $(STAMPS)/tests $(STAMPS)/bench-programs
	$(BIN)/python -m bench $(ARGS)

# Needs two cores, and twenty gigabytes on a disk.
bench-files: $(STAMPS)/tests
	$(BIN)/python -m bench.files $(ARGS)

# Pinned versions with hashes, and no addresses: who installs decides from where.
lock: $(STAMPS)/tests
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra server --group build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra server --group build --group test -c requirements.txt pyproject.toml -o requirements-test.txt

# Bring the translations up to date with the sentences of templates and code.
words: $(STAMPS)/tests
	$(BIN)/pybabel -q extract -F src/keycell/locale/babel.cfg -k N_ -k words -k ngettext:1,2 --no-location \
	  -o $(STAMPS)/keycell.pot src/keycell
	$(BIN)/pybabel -q update -D keycell -i $(STAMPS)/keycell.pot -d src/keycell/locale --no-fuzzy-matching \
	  --ignore-pot-creation-date --no-wrap --omit-header

wheel: $(STAMPS)/tests
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) $(STAMPS)

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { \
	  if [ -n "$(APT)" ]; then $(ROOT) apt-get update && $(INSTALL) python3-venv ca-certificates; \
	  else echo "Python's venv is missing: install Debian's package python3-venv." >&2; exit 1; fi; }
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/server: requirements.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/tests: requirements-test.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-test.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/server

$(STAMPS)/programs: PACKAGES := $(TEST_PACKAGES)
$(STAMPS)/bench-programs: PACKAGES := nodejs npm wrk
$(STAMPS)/programs $(STAMPS)/bench-programs: Makefile
	@missing=""; for package in $(PACKAGES); do \
	  case $$package in nodejs) command -v node >/dev/null && continue;; npm) command -v npm >/dev/null && continue;; esac; \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if [ -n "$(APT)" ]; then $(ROOT) apt-get update && $(INSTALL) $$missing; \
	  else echo "This needs Debian's packages:$$missing. Install them, then run this again." >&2; exit 1; fi; \
	fi
	@mkdir -p $(STAMPS) && touch $@
