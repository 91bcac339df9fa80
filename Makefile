# `make check` is what .ci/run does; the other targets are its stages, for an environment that is already installed.
.PHONY: check lint format test soak bench lock

PYTHON ?= python3

check:
	.ci/run

lint:
	ruff check --no-cache
	ruff format --check
	mypy
	lint-imports
	cargo fmt --check
	cargo clippy --release --all-targets -- -D warnings

format:
	ruff check --fix
	ruff format
	cargo fmt

test:
	pytest
	cargo test --release --all-targets

# The fault suite for hours instead of seconds; SOAK_MINUTES sets how long.
soak:
	CLEW_SOAK_MINUTES=$${SOAK_MINUTES:-30} pytest tests/faults -q -x
	CLEW_SOAK_MINUTES=$${SOAK_MINUTES:-30} cargo test --release -p clew-core --test broken

# TREES: the checkouts that whole-tree and random questions are measured on; a package of npm otherwise.
bench:
	$(PYTHON) benchmarks/index.py
	$(PYTHON) benchmarks/startup.py
	$(PYTHON) benchmarks/search.py
	$(PYTHON) benchmarks/sessions.py
	$(PYTHON) benchmarks/postgres.py
	$(PYTHON) benchmarks/redaction.py $(TREES)
	$(PYTHON) benchmarks/mcp_calls.py $(firstword $(TREES))
	$(PYTHON) benchmarks/scale.py
	$(PYTHON) benchmarks/questions.py $(TREES)

# Writes requirements.lock anew from what pip resolves today, in an environment of its own.
lock:
	set -e; room=$$(mktemp -d); trap 'rm -rf "$$room"' EXIT; \
	$(PYTHON) -m venv "$$room"; \
	"$$room/bin/pip" install --quiet -e '.[dev]' maturin; \
	echo '# The versions that the checks run with: constraints for pip, written by `make lock`.' > requirements.lock; \
	"$$room/bin/pip" freeze --exclude-editable >> requirements.lock
