"""What tests read out of a page of HTML."""

from __future__ import annotations

from html.parser import HTMLParser


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attributes))


def images(html: str) -> list[dict[str, str | None]]:
    """Return the attributes of each picture, in the order of the page."""
    reader = _Images()
    reader.feed(html)
    reader.close()
    return reader.found
