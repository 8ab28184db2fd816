# The course: `make lab` opens it, `make test` tries it. Both install what is missing first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup lab test notebooks editions check doctor bench bench-pad bench-hub device twin clean learner developer
.DEFAULT_GOAL := help

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: learner ## open the course in JupyterLab (the first time: install it)
	@"$(BIN)/python" -m course_utils lab $(LAB)

test: developer ## run every test: units, every lesson strictly, a real browser
	@"$(BIN)/python" -m pytest $(TEST)

check: developer ## the quick tests only: no lesson, no browser
	@"$(BIN)/python" -m pytest tests --ignore=tests/browser --ignore=tests/test_notebooks.py

notebooks: developer ## build the lessons from notebooks/source and run them
	@"$(BIN)/python" tools/build_notebooks.py $(LESSONS)

editions: developer ## build the solved and the classroom edition, under build/
	@"$(BIN)/python" tools/build_notebooks.py --edition solved $(LESSONS)
	@"$(BIN)/python" tools/build_notebooks.py --edition classroom $(LESSONS)

doctor: learner ## look whether this machine has what the course needs
	@"$(BIN)/python" -m course_utils doctor

bench: developer ## train every network of the course and print accuracy and CPU seconds
	@"$(BIN)/python" tools/bench.py $(BENCH)

bench-pad: developer ## measure the drawing pad beside ipycanvas, which only this installs
	@echo "ipycanvas goes into $(VENV): only this benchmark needs it."
	@PIP_USER=0 "$(BIN)/python" -m pip install --disable-pip-version-check -q ipycanvas==0.14.3
	@"$(BIN)/python" tools/bench_pad.py $(BENCH)

bench-hub: developer ## log a class in at a real JupyterHub on this machine: memory, times, failures
	@echo "JupyterHub goes into build/hub-venv, its proxy into build/hub-proxy: only this needs them."
	@"$(BIN)/python" tools/bench_hub.py --install
	@"$(BIN)/python" tools/bench_hub.py $(BENCH)

device: developer ## compare a GPU with the CPU, layer by layer and lesson by lesson
	@"$(BIN)/python" tools/check_device.py $(DEVICE)

twin: developer ## run every lesson on a pretended GPU, then with faults that must be caught
	@"$(BIN)/python" -m pytest --twin tests/test_lessons_on_twin.py $(TEST)
	@"$(BIN)/python" tests/mutants.py

setup: developer ## install only: what learners need, and what tests and builds need

# The first command looks, quickly; the second one installs, where the first found something missing.
learner developer:
	@dev=$(if $(filter developer,$@),--dev); \
	"$(BIN)/python" -I tools/install.py "$(VENV)" $$dev --ready 2>/dev/null && exit; \
	command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here. The course needs Python" \
	  "3.10 or newer; with another one: make $(or $(MAKECMDGOALS),lab) PYTHON=python3.12"; exit 1; }; \
	"$(PYTHON)" -I tools/install.py "$(VENV)" $$dev

clean: ## remove what was built (not the lessons, not the virtual environment)
	rm -rf build
