"""What the browser tests share: one Chromium a module, which reaches this machine only."""

import os

import lab
import pytest


@pytest.fixture(scope="module")
def browser():
    if lab.CHROMIUM is None and not os.environ.get("COURSE_NO_SKIPS"):
        pytest.skip("no Chromium on this machine; CI has one")
    with lab.browser(width=1366, height=768) as browser:
        yield browser
        assert browser.refused == [], "the course asked for something outside this machine"
