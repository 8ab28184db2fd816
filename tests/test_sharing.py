"""The diagrams of three ways to share a network: what they draw and say agrees with the rules."""

import itertools
import re

import pytest

from course_utils.figures import model_parallel, pipeline_parallel, sharded_parallel, sharing


@pytest.mark.parametrize(("n_devices", "n_parts"), [(1, 1), (2, 1), (4, 1), (4, 4), (3, 8)])
def test_a_device_does_one_thing_at_a_time_and_each_pass_has_its_turn(n_devices, n_parts):
    plan = sharing.busy(n_devices, n_parts)
    for row in plan:
        spans = sorted((start, start + length) for start, length, _ in row)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        assert len(row) == 2 * n_parts
    for part in range(n_parts):
        passes = [[(s, s + n) for s, n, what in row if what == str(part)] for row in plan]
        down = [forward for forward, _ in passes]
        up = [backward for _, backward in reversed(passes)]
        ways = down + up
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ways))


@pytest.mark.parametrize(("n_devices", "n_parts"), [(4, 1), (4, 4), (4, 16), (2, 3)])
def test_the_bubble_is_what_gpipe_says(n_devices, n_parts):
    wanted = (n_devices - 1) / (n_parts + n_devices - 1)
    assert sharing.idle_share(n_devices, n_parts) == pytest.approx(wanted)


def test_the_diagrams_say_how_long_devices_wait(capsys):
    model_parallel()
    assert "each waits for 75% of the time" in capsys.readouterr().out
    pipeline_parallel()
    assert "43% of the time" in capsys.readouterr().out


def test_the_sharded_diagram_names_what_a_worker_keeps(capsys):
    sharded_parallel()
    said = capsys.readouterr().out
    assert re.search(r"worker 0 keeps the first quarter", said)
    assert "thrown away" in said
