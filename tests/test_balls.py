"""The bouncing balls: their rule, against a ball that is moved in a thousand small steps."""

import pytest
import torch

from course_utils.datasets import bouncing_balls, fly
from course_utils.datasets.balls import FASTEST, SLOWEST


def moved_bit_by_bit(position, velocity, n_steps, parts=1000):
    """The oracle: tiny steps, and at a wall the velocity turns."""
    position, velocity = (torch.tensor(v, dtype=torch.float64) for v in (position, velocity))
    path = [position.clone()]
    for _ in range(n_steps - 1):
        for _ in range(parts):
            position += velocity / parts
            over = position.abs() > 1
            position[over] = position[over].sign() * 2 - position[over]
            velocity = torch.where(over, -velocity, velocity)
        path.append(position.clone())
    return torch.stack(path).float()


@pytest.mark.parametrize(
    ("position", "velocity"),
    [
        ((0.0, 0.0), (0.1, 0.07)),
        ((0.9, -0.95), (0.3, -0.2)),  # into a corner
        ((-1.0, 1.0), (0.5, 0.9)),  # from a corner, along both walls
        ((0.2, 0.3), (0.0, -1.7)),  # through the whole box in a step
    ],
)
def test_a_throw_goes_as_a_ball_that_is_moved_bit_by_bit(position, velocity):
    wanted = moved_bit_by_bit(position, velocity, 8)
    torch.testing.assert_close(fly(position, velocity, 8), wanted, atol=1e-5, rtol=0)


def test_many_throws_fly_as_each_alone():
    positions, velocities = torch.rand(2, 5, 2, generator=torch.Generator().manual_seed(0))
    together = fly(positions, velocities, 6)
    alone = [fly(p, v, 6) for p, v in zip(positions, velocities, strict=True)]
    assert torch.equal(together, torch.stack(alone))


def test_a_ball_that_flies_back_retraces_its_path():
    there = fly((0.3, -0.5), (0.17, 0.11), 30)
    straight = there[-1] - there[-2]  # no wall between the last two
    back = fly(there[-1], -straight, 30)
    torch.testing.assert_close(back.flip(0), there, atol=1e-4, rtol=0)


def test_balls_are_float32_in_the_box_and_keep_their_speed_between_walls():
    paths = bouncing_balls(300, n_steps=40, seed=1)
    assert (paths.shape, paths.dtype) == ((300, 40, 2), torch.float32)
    assert paths.abs().max() <= 1
    speeds = paths.diff(dim=1).norm(dim=2)  # shorter only where a wall lies between
    fastest = speeds.max(1).values
    assert fastest.min() >= SLOWEST - 1e-6
    assert fastest.max() <= FASTEST + 1e-6
    assert fastest.aminmax().min < 0.07 < 0.17 < fastest.max()
    free = (paths[:, :-1].abs().amax(2) < 1 - FASTEST) & (paths[:, 1:].abs().amax(2) < 1 - FASTEST)
    assert ((speeds - fastest[:, None]).abs()[free] < 1e-5).all()


def test_balls_start_anywhere_and_fly_in_all_directions():
    paths = bouncing_balls(4000, n_steps=2, seed=3)
    assert paths[:, 0].mean(0).abs().max() < 0.05
    assert paths[:, 0].abs().mean() == pytest.approx(0.5, abs=0.03)
    steps = paths[:, 1] - paths[:, 0]
    angles = torch.atan2(steps[:, 1], steps[:, 0])
    counts = torch.histc(angles, bins=8, min=-torch.pi, max=torch.pi)
    assert counts.min() > 350


def test_same_seed_gives_same_balls_and_leaves_the_global_state_alone():
    before = torch.get_rng_state()
    paths = bouncing_balls(5, 7, seed=2)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(paths, bouncing_balls(5, 7, seed=2))
    assert not torch.equal(paths, bouncing_balls(5, 7, seed=3))


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (((0, 0), (1, 1), 0), "n_steps must be a whole number above 0"),
        (((0, 0, 0), (1, 1, 1), 3), r"got \(3,\) and \(3,\)"),
        (((0, 0), (1, 1, 1), 3), r"got \(2,\) and \(3,\)"),
        (((0, 1.2), (1, 1), 3), "must start in the box"),
        (((0, 0), (float("nan"), 1), 3), "must be finite"),
    ],
)
def test_impossible_throws_are_refused(arguments, part):
    with pytest.raises(ValueError, match=part):
        fly(*arguments)


def test_no_balls_are_refused():
    with pytest.raises(ValueError, match="n must be a whole number above 0, got 0"):
        bouncing_balls(0)
