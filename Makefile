# Everything runs in .venv, made from requirements.lock: no command needs anything set up by hand.
RULES  ?= fixtures/rules
OUT    ?= sigma_out
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

NIGHTLY := tests/differential tests/sigma tests/regex tests/evaluate/spl/test_bad_input.py \
	tests/evaluate/sigma/test_sigma_random.py

.PHONY: convert test nightly lint corpus coverage conformance picture kusto-parser lock clean

convert: $(READY)
	@$(BIN)/converter convert $(RULES) --out $(OUT)

test: $(READY) lint kusto-parser
	@$(BIN)/python -m pytest -n 2

# What chance finds: ten thousand examples a property, other ones each time.
nightly: $(READY)
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 $(NIGHTLY)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Microsoft's Kusto parser, which checks the emitted KQL; installed once.
kusto-parser: $(READY)
	@$(BIN)/python -m converter.backends.kusto_check

# These read the rule corpus that RULE_CORPUS names.
conformance: $(READY)
	@$(BIN)/python scripts/conformance.py

corpus: $(READY)
	@$(BIN)/python scripts/corpus.py

# The same, with its tables as docs/coverage.md.
coverage: $(READY)
	@$(BIN)/python scripts/corpus.py --write docs/coverage.md

# The lock file carries the hash of every wheel; a changed lock file or pyproject remakes the environment.
$(READY): requirements.lock pyproject.toml scripts/environment.sh
	@PYTHON="$(PYTHON)" scripts/environment.sh $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The README's picture of the verdict table.
picture: $(READY)
	@$(BIN)/python scripts/picture.py

lock:
	@$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--allow-unsafe --strip-extras --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .cache
