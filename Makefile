# Two commands on a fresh machine: `make demo` and `make test`. Each sets up .venv once and costs nothing afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONHASHSEED ?= random

.PHONY: demo test test-postgres check bench faults docs format requirements clean

demo: $(VENV)/.run
	@$(BIN)/python -m meetup demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest

test-postgres: $(VENV)/.dev
	@$(BIN)/python -m pytest --postgres

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks $(BENCH)

faults: $(VENV)/.dev
	@$(BIN)/python -m tests.faults $(FAULTS)

docs: $(VENV)/.dev
	@COLUMNS=100 $(BIN)/python -m docs.generate

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# uv reads the hashes as pip does and is several times faster; where it cannot be had, pip does the same work.
define install
	@echo "Setting up $(VENV) for '$(2)' (once)"
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: meetup needs Python 3.11 or newer"; echo; echo "hint: make $(2) PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@{ $(BIN)/python -m pip install --quiet uv \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1) \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; } \
		|| { $(BIN)/python -m pip install --quiet --require-hashes --requirement $(1) \
		&& $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . ; }
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib > /dev/null || true
	@touch $@
endef

$(VENV)/.run: requirements/run.txt
	$(call install,requirements/run.txt,demo)

$(VENV)/.dev: requirements/dev.txt
	$(call install,requirements/dev.txt,test)
	@touch $(VENV)/.run

UV_COMPILE = uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet

requirements:
	$(UV_COMPILE) --output-file requirements/run.txt
	$(UV_COMPILE) --group dev --extra postgres --extra cluster --constraint requirements/run.txt --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
