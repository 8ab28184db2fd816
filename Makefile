# The course: `make lab` opens it, `make test` tries it. Both install what is missing first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup lab test notebooks editions check doctor bench bench-pad clean
.DEFAULT_GOAL := help

# a virtual environment whose Python has gone, after an upgrade of the system, is made again
ifeq ($(shell $(BIN)/python -c 'print(1)' 2>/dev/null),)
.PHONY: $(READY)
endif

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(READY) ## open the course in JupyterLab (the first time: install it)
	@$(BIN)/python -m course_utils lab $(LAB)

test: $(READY) ## run every test: units, every lesson strictly, a real browser
	@$(BIN)/python -m pytest $(TEST)

check: $(READY) ## the quick tests only: no lesson, no browser
	@$(BIN)/python -m pytest tests --ignore=tests/browser --ignore=tests/test_notebooks.py

notebooks: $(READY) ## build the lessons from notebooks/source and run them
	@$(BIN)/python tools/build_notebooks.py $(LESSONS)

editions: $(READY) ## build the solved and the classroom edition, under build/
	@$(BIN)/python tools/build_notebooks.py --edition solved $(LESSONS)
	@$(BIN)/python tools/build_notebooks.py --edition classroom $(LESSONS)

doctor: $(READY) ## look whether this machine has what the course needs
	@$(BIN)/python -m course_utils doctor

bench: $(READY) ## train every network of the course and print accuracy and CPU seconds
	@$(BIN)/python tools/bench.py $(BENCH)

bench-pad: $(READY) ## measure the drawing pad beside ipycanvas, which only this installs
	@echo "ipycanvas goes into $(VENV): only this benchmark needs it."
	@$(BIN)/python -m pip install --disable-pip-version-check -q ipycanvas==0.14.3
	@$(BIN)/python tools/bench_pad.py $(BENCH)

setup: $(READY) ## install only

$(READY): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "The course needs Python 3.10 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`."; \
	  echo "With another Python: make $(or $(MAKECMDGOALS),lab) PYTHON=python3.12"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "No virtual environment could be made. On Debian or Ubuntu: sudo apt install python3-venv"; \
	  exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt -e .
	@touch $(READY)

clean: ## remove what was built (not the lessons, not the virtual environment)
	rm -rf build
