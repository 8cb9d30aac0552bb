# Each command sets up what it needs. PYTHON names another Python, 3.11 or newer.
PYTHON ?= python3

.PHONY: run test test-faults bench check schema lock

# The platform on http://127.0.0.1:8000/ (another port: make run PORT=8001).
run:
	@exec $(PYTHON) config/local/bootstrap.py run

# The whole suite on servers of its own (some of it: make test ARGS="tests/tags -x").
test:
	@exec $(PYTHON) config/local/bootstrap.py suite $(ARGS)

# Every promise, and whatever else takes long: kills, outages and campaigns.
test-faults:
	@exec $(PYTHON) config/local/bootstrap.py suite -m "faults or promise" $(ARGS)

# The short form of every benchmark (the long form of one: make bench ARGS="send --pairs 11").
bench:
	@exec $(PYTHON) config/local/bootstrap.py bench $(ARGS)

# Style, types, layers, migrations, deployment settings, API schema and lock files.
check:
	@exec $(PYTHON) config/local/bootstrap.py check

# Writes docs/openapi.yaml, and the types of clients/typescript from it.
schema:
	@exec $(PYTHON) config/local/bootstrap.py schema

# Resolves the requirements anew.
lock:
	@exec $(PYTHON) config/local/bootstrap.py lock
