"""A real JupyterLab in a real Chromium, without a network: for browser tests and screenshots.

    python tools/lab.py 01 --theme dark --width 1366 --height 768

runs lesson 01 and writes pictures of the whole page to build/screenshots/.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
from build_notebooks import FIXED, ROOT
from nbformat.v4 import new_code_cell, new_notebook

PATIENCE = 120  # seconds for an answer that comes within one; only what hangs takes longer
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# JupyterLab that ends, with its kernels, when its standard input does: that is when whoever
# started it has ended, however that came about.
TIED = """
import os, signal, sys, threading
from jupyterlab.labapp import main
def follow():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=follow, daemon=True).start()
main()
"""


@contextlib.contextmanager
def server(folder: Path, theme: str = "light") -> Iterator[str]:
    """Serve copies of the lessons in `folder` by JupyterLab on this machine; gives its address.

    Settings, workspaces and caches lie in a temporary folder, so nothing of the user's is read or
    written. It ends with the process that asked for it, even if that is killed.
    """
    token, home = secrets.token_hex(16), folder / "home"
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": THEMES[theme]}))
    places = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_CONFIG_PATH": ROOT / "course_utils",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    environment = os.environ | FIXED | {name: str(path) for name, path in places.items()}
    options = {
        "IdentityProvider.token": token,
        "ServerApp.root_dir": folder,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.allow_root": True,
        "ServerApp.open_browser": False,
        "ServerApp.port": 0,
    }
    command = [sys.executable, "-c", TIED] + [f"--{k}={v}" for k, v in options.items()]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl+C is for the process that asked
        )
        try:
            yield _address(home / "runtime", process, token)
        finally:
            process.stdin.close()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


def _address(runtime: Path, process: subprocess.Popen, token: str) -> str:
    """Wait until the server answers and return its address with the token."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped with exit code {process.returncode}")
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError):
                base = json.loads(file.read_text())["url"]
                urllib.request.urlopen(f"{base}api/status?token={token}", timeout=60).close()
                return f"{base}lab/tree/{{name}}?token={token}&reset"
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not answer within {PATIENCE} s")


@contextlib.contextmanager
def browser(*, width: int = 1366, height: int = 900, scale: float = 1) -> Iterator[object]:
    """Give a Chromium whose pages reach this machine only; `refused` lists what else they asked."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        context = chromium.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale
        )
        context.set_default_timeout(1000 * PATIENCE)
        context.refused = []
        context.route("**/*", lambda route: _local_only(route, context.refused))
        try:
            yield context
        finally:
            chromium.close()


def _local_only(route: object, refused: list[str]) -> None:
    url = route.request.url
    if url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:")):
        route.continue_()
    else:
        refused.append(url)
        route.abort()


class Lesson:
    """A lesson open in JupyterLab: run its cells, find its outputs."""

    def __init__(self, browser: object, address: str, name: str) -> None:
        self.page = page = browser.new_page()
        page.goto(address.format(name=name))
        self.wait()

    def wait(self) -> None:
        """Wait until the lesson is on the page and its kernel idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(
            "() => document.querySelector('#jp-main-statusbar')?.textContent.includes('| Idle')"
        )

    def menu(self, *names: str) -> None:
        """Choose an entry of JupyterLab's menus, as in menu("Run", "Run All Cells")."""
        self.page.get_by_role("menuitem", name=names[0], exact=True).first.click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-item", has_text=name).first.click()

    def run_all(self) -> None:
        """Run every cell, having cleared what was stored, and wait until each has its number."""
        self.menu("Edit", "Clear Outputs of All Cells")
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll(
                    '.jp-CodeCell .jp-InputArea-prompt')].map((prompt) => prompt.textContent);
                return prompts.length && prompts.every((text) => /\\[\\d+\\]/.test(text));
            }""",
            timeout=10_000 * PATIENCE,
        )

    def unfold(self) -> None:
        """Open every section that is folded, by its button."""
        folded = self.page.locator(".jp-showHiddenCellsButton:visible")
        while folded.count():
            folded.first.click()

    def end(self) -> None:
        """Shut the kernel down, which holds a gigabyte, and close the page."""
        self.menu("Kernel", "Shut Down Kernel")
        self.page.wait_for_function(
            "() => document.querySelector('#jp-main-statusbar')?.textContent.includes('No Kernel')"
        )
        self.page.close()

    def cell(self, text: str) -> object:
        """Return the first code cell that contains a text, scrolled into view."""
        cell = self.page.locator(".jp-CodeCell", has_text=text).first
        cell.scroll_into_view_if_needed()
        return cell


def write(path: Path, sources: list[str]) -> None:
    """Write a notebook of these code cells."""
    cells = [new_code_cell(source.strip()) for source in sources]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


@contextlib.contextmanager
def notebook(browser: object, folder: Path, sources: list[str]) -> Iterator[Lesson]:
    """Open a notebook of these code cells in a JupyterLab that serves `folder`."""
    write(folder / "notebook.ipynb", sources)
    with server(folder) as address:
        lesson = Lesson(browser, address, "notebook.ipynb")
        yield lesson
        lesson.page.close()


def prepare(folder: Path, edition: str = "lesson") -> None:
    """Copy the notebooks of an edition, so that what happens in the browser changes none."""
    source = ROOT / "notebooks" if edition == "lesson" else ROOT / "build" / edition
    for path in source.glob("*.ipynb"):
        shutil.copy(path, folder / path.name)


def main() -> int:
    """Take pictures of a whole lesson, screen by screen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help="two digits")
    parser.add_argument("--theme", choices=THEMES, default="light")
    parser.add_argument("--width", type=int, default=1366)
    parser.add_argument("--height", type=int, default=768)
    parser.add_argument("--cell", help="take one picture, of the code cell with this text")
    parser.add_argument("--stored", action="store_true", help="do not run: what readers see first")
    options = parser.parse_args()
    out = ROOT / "build" / "screenshots"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepare(folder)
        name = next(folder.glob(f"{options.lesson}_*.ipynb")).name
        with (
            server(folder, options.theme) as address,
            browser(width=options.width, height=options.height) as chromium,
        ):
            lesson = Lesson(chromium, address, name)
            if not options.stored:
                lesson.run_all()
            pictures = [one_cell(lesson, options.cell)] if options.cell else screens(lesson.page)
            for number, picture in enumerate(pictures):
                path = out / f"{options.lesson}-{options.theme}-{number:02d}.png"
                path.write_bytes(picture)
                print(path.relative_to(ROOT))
            if chromium.refused:
                print("asked for, and refused:", *sorted(set(chromium.refused)), sep="\n  ")
    return 0


def one_cell(lesson: Lesson, text: str) -> bytes:
    """Give a picture of the page with one cell at its top."""
    lesson.page.keyboard.press("Control+b")
    lesson.cell(text).evaluate("cell => cell.scrollIntoView({block: 'start'})")
    lesson.page.wait_for_timeout(1500)
    return lesson.page.screenshot()


def screens(page: object) -> Iterator[bytes]:
    """Scroll through the notebook and give a picture of each screen."""
    page.keyboard.press("Control+b")  # the file browser away
    area = page.locator(".jp-WindowedPanel-outer").first
    area.evaluate("panel => panel.scrollTo(0, 0)")
    while True:
        page.wait_for_timeout(700)
        yield page.screenshot()
        moved = area.evaluate(
            """panel => {
                const before = panel.scrollTop;
                panel.scrollTo(0, before + 0.9 * panel.clientHeight);
                return panel.scrollTop - before;
            }"""
        )
        if moved < 5:
            return


if __name__ == "__main__":
    sys.exit(main())
