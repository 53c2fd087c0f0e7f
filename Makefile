# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Byte code is compiled on first import: installing takes less than half the time.
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --no-compile -c constraints.txt
SCREEN := $(DISPLAY)$(WAYLAND_DISPLAY)
# What PyQt6 needs of a bare Debian or Ubuntu, for windows and offscreen.
QT_LIBRARIES := libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 \
	libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: demo test lint story check-qt system-deps story-deps clean

demo: $(VENV)/.runtime
ifneq ($(SCREEN),)
demo: $(VENV)/.gui check-qt
endif
	$(BIN)/jointpatrol demo $(if $(SCREEN),,--headless)

test: $(VENV)/.dev check-qt lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

# The operator's day in real windows on virtual screens: light and dark, 100 % and 150 %, a picture of every step.
story: $(VENV)/.dev
	STORY_WINDOWS=1 STORY_PICTURES=$${STORY_PICTURES:-build/story} $(BIN)/python -m pytest -q -rs tests/gui/test_story.py -k real_window

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check-qt:
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -c "from PyQt6.QtWidgets import QApplication; QApplication(['check'])" >/dev/null 2>&1 || { \
		echo "Qt cannot start: a system library is missing. On Debian and Ubuntu this line installs it (or: make system-deps):"; \
		echo "  $(SUDO) apt-get install -y $(QT_LIBRARIES)"; exit 1; }

system-deps:
	$(SUDO) apt-get update -qq
	$(SUDO) apt-get install -y --no-install-recommends $(QT_LIBRARIES)

story-deps:
	@command -v Xvfb >/dev/null && command -v openbox >/dev/null && command -v xdotool >/dev/null || { $(SUDO) apt-get update -qq && \
		$(SUDO) apt-get install -y --no-install-recommends xvfb openbox xdotool $(QT_LIBRARIES); }

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: $(SUDO) apt-get install -y python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) -e .
	@touch $@

$(VENV)/.gui: $(VENV)/.runtime
	$(PIP) -e '.[gui]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) -e '.[gui,dev]'
	@touch $(VENV)/.runtime $(VENV)/.gui $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
