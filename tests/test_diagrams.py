"""The drawn diagrams: what their words say agrees with the course."""

import re

import build_notebooks as build

from course_utils.figures import diagrams


def test_the_map_names_the_lessons_that_are_there(capsys):
    there = {}
    for source in build.sources():
        title = re.search(r"^# # (\d\d) · (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
        there[title[1]] = title[2]
    diagrams.lesson_map()
    said = capsys.readouterr().out
    assert dict(re.findall(r"^(\d\d) (.+)$", said, re.MULTILINE)) == there


def test_the_timeline_tells_its_events_in_order(capsys):
    diagrams.timeline()
    years = re.findall(r"^(\d{4})(?:/\d\d)?: ", capsys.readouterr().out, re.MULTILINE)
    assert years == sorted(years)
    assert {"1943", "1951", "1952", "1957", "1958", "1969", "1986", "1989", "1997"} <= set(years)
    assert years[-3:] == ["2012", "2014", "2017"]


def test_the_agent_loop_names_its_four_parts(capsys):
    diagrams.agent_loop()
    said = capsys.readouterr().out
    for part in ("environment", "sensor", "actuators", "performance measure"):
        assert part in said
