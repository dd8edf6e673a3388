# Two commands: `make verify` proves and checks everything; `make test` does the rest as well, with torch and a browser.
# One virtual environment, made once, brought up to date when the requirements change.
PYTHON ?= python3
BIN := .venv/bin
PIP = $(BIN)/python -m pip install --quiet
SOURCES := $(shell find derivations elbo_audit elbo_check elbo_cli elbo_ref -name '*.py' -o -name '*.toml')
PAGES := $(shell find docs elbo_lab -type f -not -path '*/__pycache__/*' -not -path 'docs/assets/py/*')
# What is built is built aside and renamed when it is whole; what stands for a folder is a file written last.
# What it takes to run the proofs in a reader's browser; without npm the site is built without.
BROWSER := $(if $(shell command -v npm),docs/assets/py/pyodide-lock.json)
# The CPU wheels of torch are far smaller on Linux: make test TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1
export SITE_URL ?= http://127.0.0.1:8000/

.DELETE_ON_ERROR:
.PHONY: verify test docs site offline lint wheel clean

verify: .venv/.core  ## prove every theorem and run every check; needs no torch
	@mkdir -p build
	$(BIN)/elbo-ref verify --json build/verify.json || { rm -f build/verify.json; exit 1; }

test: site  ## the whole test suite: torch, the site, a real browser
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

docs: .venv/.all build/verify.json $(BROWSER)  ## serve the site while you edit
	$(BIN)/python -m mkdocs serve

site:  ## build the site into site/, strictly; the checks run beside the making of what the browser needs
	@$(MAKE) --no-print-directory --jobs=2 site/index.html

offline: build/verify.json  ## the site as one zip that needs no server
	$(BIN)/python -m mkdocs build --strict --config-file mkdocs.offline.yml
	cd build/offline && ../../$(BIN)/python -m zipfile -c ../elbo-ref-offline.zip.new *
	mv build/elbo-ref-offline.zip.new build/elbo-ref-offline.zip

lint: .venv/.all  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

wheel: .venv/.core  ## build sdist and wheel into dist/; try them with every extra where nothing else is
	$(BIN)/python -m tests.release $(TORCH)

clean:  ## remove the environment and everything that was built
	rm -rf .venv build dist site docs/assets/py

site/index.html: build/verify.json mkdocs.yml CONTRIBUTING.md $(PAGES) $(BROWSER)
	@$(if $(BROWSER),,echo "npm is not on the path: the site gets no button to run proofs in the browser"; rm -rf docs/assets/py)
	$(BIN)/python -m mkdocs build --strict --site-dir build/site.new
	rm -rf build/site.old
	@if [ -e site ]; then mv site build/site.old; fi
	mv build/site.new site
	rm -rf build/site.old

# What the pages say about the checks. The site is not built from an older run than the sources.
build/verify.json: .venv/.all $(SOURCES)
	@mkdir -p build
	$(BIN)/elbo-ref verify --json $@

docs/assets/py/pyodide-lock.json: .venv/.all build/browser/node_modules/.whole $(wildcard docs/_generator/browser/*.*) \
  $(filter derivations/%.py,$(SOURCES))
	$(BIN)/python -m docs._generator.browser

build/browser/node_modules/.whole: docs/_generator/browser/package-lock.json
	@mkdir -p build/browser
	cp docs/_generator/browser/package*.json build/browser
	npm ci --prefix build/browser --ignore-scripts --no-audit --no-fund
	@touch $@

.venv/.core: pyproject.toml locks/core.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "elbo-ref needs Python 3.11 or newer: make verify PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' \
	  || { echo "python3 has no venv: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --requirement locks/core.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.all: .venv/.core locks/all.txt constraints.txt
	$(PIP) --require-hashes --requirement locks/all.txt
	$(PIP) $(TORCH) --constraint constraints.txt torch
	@touch $@
