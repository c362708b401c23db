# Two commands: `make serve` starts a complete server, `make test` runs every test.
# Both set up all they need first; a second run finds it done.

DATA ?= $(or $(KEYCELL_DATA),data)
HOST ?= $(or $(KEYCELL_HOST),127.0.0.1)
PORT ?= $(or $(KEYCELL_PORT),8080)
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
TEST_PACKAGES := apache2 cadaver chromium chromium-headless-shell curl davfs2 exfat-fuse exfatprogs fish fuse3 libapache2-mod-auth-openidc libatomic1 litmus postgresql systemd zsh

# The rules and what is told of files run in the tests to (nearly) every branch; 100 is the aim.
RULES := src/keycell/oauth/*,src/keycell/files/*
# What runs in processes of its own, where measuring would cost the time and memory that tests judge.
APART := */migrations/versions/*,src/keycell/cli/*,src/keycell/server.py,src/keycell/stores/backup*,src/keycell/outside/archive.py

# One more than there are cores, for tests wait for what they started a quarter of their time.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 4 ? n + 1 : 5)))

# Images of containers forbid Python to keep what it compiled. The tests start Python a thousand times.
unexport PYTHONDONTWRITEBYTECODE

OWN_NODE := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null
WITH_NODE = $$($(OWN_NODE) || echo env "PATH=$(CURDIR)/$(BIN):$$PATH")
NPM = $(WITH_NODE) npm
# What is measured against runs on the same Node.js everywhere.
WITH_PINNED_NODE = env "PATH=$(CURDIR)/$(BIN):$$PATH"
WEB_SOURCES := web/index.html web/vite.config.ts web/lingui.config.ts web/tsconfig.json $(shell find web/src -type f ! -name '*.test.*')

.PHONY: serve build test compiled check check-web applications soak explore fuzz bench bench-grants bench-files bench-sync bench-web lock words wheel clean

serve: $(STAMPS)/server $(STAMPS)/web
	$(BIN)/keycell serve --data $(DATA) --host $(HOST) --port $(PORT) $(ARGS)

# The web frontend, into the package's folder; again only where its sources changed.
build: $(STAMPS)/web

test: $(STAMPS)/tests $(STAMPS)/programs $(STAMPS)/web
	@$(MAKE) --no-print-directory -j2 --output-sync check check-web compiled
	$(WITH_NODE) $(BIN)/pytest -n $(WORKERS) --dist=loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered -q
	$(BIN)/coverage report --skip-covered -m --fail-under=97 --include="$(RULES)"
	$(BIN)/coverage report --format=total --fail-under=80 --omit="$(RULES),$(APART)"

# Once, so that each worker need not: it takes two thirds of the time that one needs to begin.
compiled: $(STAMPS)/tests
	@$(BIN)/pytest --collect-only -qq > $(STAMPS)/collected || { cat $(STAMPS)/collected; exit 1; }

check: $(STAMPS)/tests
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

check-web: $(STAMPS)/web
	@rm -rf $(STAMPS)/locales && cp -r web/src/locales $(STAMPS)
	cd web && $(NPM) run check && $(NPM) test && $(NPM) run words
	@diff -r $(STAMPS)/locales web/src/locales || { echo "The catalogs were not up to date: commit what npm run words made of them." >&2; exit 1; }

# Real applications with the blocks that their presets print. Needs Go 1.25 or later.
applications: $(STAMPS)/tests $(STAMPS)/programs $(STAMPS)/web $(STAMPS)/applications/installed
	$(WITH_NODE) $(BIN)/pytest -n 0 --no-cov tests/applications $(ARGS)

# Two sync clients, a server, kill -9 and cut lines: ARGS="--seconds 3600 --seed 7".
soak: $(STAMPS)/tests
	$(BIN)/python -m tests.sync.whole $(ARGS)

# The property tests by examples of chance, other ones in each run.
explore: $(STAMPS)/tests
	$(BIN)/pytest -n $(WORKERS) --no-cov -q -p no:cacheprovider --hypothesis-profile=explore -m hypothesis $(ARGS)

# Atheris at every parser of what strangers send, a minute each: ARGS="--seconds 3600 --only sigv4".
fuzz: $(STAMPS)/fuzz-packages
	$(BIN)/python -m tests.fuzz $(ARGS)

# Needs two cores, a folder on a disk.
bench: $(STAMPS)/tests $(STAMPS)/pinned-node $(STAMPS)/bench-programs
	$(WITH_PINNED_NODE) $(BIN)/python -m bench $(ARGS)

# Needs two cores, ten gigabytes on a disk that it keeps in .make.
bench-grants: $(STAMPS)/tests $(STAMPS)/pinned-node $(STAMPS)/bench-programs
	$(WITH_PINNED_NODE) $(BIN)/python -m bench.grants $(ARGS)

# Needs two cores, and twenty gigabytes on a disk.
bench-files: $(STAMPS)/tests
	$(BIN)/python -m bench.files $(ARGS)

# Needs two cores, and ten gigabytes on a disk.
bench-sync: $(STAMPS)/tests
	$(BIN)/python -m bench.sync $(ARGS)

# Needs two cores, and a browser: Debian's chromium.
bench-web: $(STAMPS)/tests $(STAMPS)/bench-web-programs $(STAMPS)/web
	$(WITH_NODE) $(BIN)/python -m bench.web $(ARGS)

# Pinned versions with hashes, and no addresses: who installs decides from where.
lock: $(STAMPS)/tests
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  --extra server --group build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  --extra server --group build --group test -c requirements.txt pyproject.toml -o requirements-test.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  --group node -o requirements-node.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  --group fuzz -o requirements-fuzz.txt

# Bring the translations up to date with the sentences of templates and code.
words: $(if $(wildcard $(BIN)/pybabel),,$(STAMPS)/tests)
	@mkdir -p $(STAMPS)
	$(BIN)/pybabel -q extract -F src/keycell/locale/babel.cfg -k N_ -k phrase -k words -k ngettext:1,2 --no-location \
	  -o $(STAMPS)/keycell.pot src/keycell
	$(BIN)/pybabel -q update -D keycell -i $(STAMPS)/keycell.pot -d src/keycell/locale --no-fuzzy-matching \
	  --ignore-pot-creation-date --no-wrap --omit-header

wheel: $(STAMPS)/tests $(STAMPS)/web
	rm -rf src/keycell/frontend/changelog && mkdir -p src/keycell/frontend/changelog
	cp -r CHANGELOG.md changelog.d src/keycell/frontend/changelog
	$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf $(VENV) $(STAMPS) dist web/node_modules tests/journeys/node_modules src/keycell/frontend

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

$(STAMPS)/applications/installed: Makefile
	mkdir -p $(@D)
	$(PYTHON) -m venv $(@D)/synapse && $(@D)/synapse/bin/pip install -q 'matrix-synapse[oidc]==1.163.2'
	$(PYTHON) -m venv $(@D)/jupyterhub && $(@D)/jupyterhub/bin/pip install -q jupyterhub==6.1.1 oauthenticator==17.4.0
	$(NPM) install --prefix $(@D) --no-audit --no-fund configurable-http-proxy@4
	GOBIN=$(CURDIR)/$(@D)/bin go install github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6
	touch $@

$(STAMPS)/fuzz-packages: requirements-fuzz.txt $(STAMPS)/tests
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	@mkdir -p $(STAMPS) && touch $@

# Node.js 20 or later of the machine's own, or the one that PyPI has.
$(STAMPS)/node: requirements-node.txt | $(VENV)/pyvenv.cfg
	@$(OWN_NODE) || $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-node.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/pinned-node: requirements-node.txt | $(VENV)/pyvenv.cfg
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-node.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/web-packages: web/package.json web/package-lock.json web/.npmrc $(STAMPS)/node
	cd web && $(NPM) ci --no-progress --loglevel=error
	@touch $@

$(STAMPS)/web: $(STAMPS)/web-packages $(WEB_SOURCES)
	cd web && $(NPM) run build -- --logLevel warn
	@touch $@

$(STAMPS)/programs: PACKAGES := $(TEST_PACKAGES)
$(STAMPS)/bench-programs: PACKAGES := wrk
$(STAMPS)/bench-web-programs: PACKAGES := chromium
$(STAMPS)/programs $(STAMPS)/bench-programs $(STAMPS)/bench-web-programs: Makefile
	@missing=""; for package in $(PACKAGES); do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if [ -n "$(APT)" ]; then $(ROOT) apt-get update && $(INSTALL) $$missing; \
	  else echo "This needs Debian's packages:$$missing. Install them, then run this again." >&2; exit 1; fi; \
	fi
	@mkdir -p $(STAMPS) && touch $@
