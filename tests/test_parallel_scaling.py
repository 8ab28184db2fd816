"""The laws of Amdahl and Gustafson, with the cost of a ring all-reduce."""

import math

import numpy as np
import pytest

from course_utils.parallel import (
    Parts,
    all_reduce_seconds,
    amdahl,
    efficiency,
    efficient_until,
    gustafson,
    last_that_pays,
    ring_steps,
    speedup,
    speedup_limit,
    step_seconds,
    traffic,
)

N = np.arange(1, 65)
CHANCE = np.random.default_rng(0)
MANY = [Parts(*CHANCE.uniform(0, (1, 0.3, 0.01, 0.3))) for _ in range(20)]


@pytest.mark.parametrize("share", [0, 0.05, 0.5, 1])
def test_without_communication_the_speedup_is_amdahls_and_gustafsons(share):
    parts = Parts(divides=3 * (1 - share), fixed=3 * share)
    assert parts.share == pytest.approx(share)
    assert np.allclose(speedup(parts, N), amdahl(share, N))
    assert np.allclose(speedup(parts, N, growing=True), gustafson(share, N))


def test_amdahl_and_gustafson_are_one_law_seen_from_two_sides():
    """Gustafson's share is of the time of n workers, Amdahl's of the time of one."""
    share, n = 0.2, 16.0
    of_one = share / (share + (1 - share) * n)
    assert gustafson(share, n) == pytest.approx(amdahl(of_one, n))


def test_gustafsons_own_numbers():
    """1,024 workers, 0.4% to 0.8% serial: scaled speed-ups of 1,021 to 1,016 (Gustafson 1988)."""
    assert gustafson(0.004, 1024) == pytest.approx(1020, abs=1)
    assert gustafson(0.008, 1024) == pytest.approx(1016, abs=1)


def test_amdahl_stays_below_one_over_s_and_comes_near_it():
    assert amdahl(0.1, 10**9) == pytest.approx(10)
    assert amdahl(0.1, 10**6) < 10
    assert speedup_limit(Parts(0.9, 0.1)) == pytest.approx(10)


def test_an_all_reduce_has_as_many_messages_and_bytes_as_the_ring_has():
    for n in range(1, 9):
        n_messages = len(ring_steps(np.zeros((n, n)))) - 1
        assert all_reduce_seconds(Parts(1, 0, latency=3), n) == 3 * n_messages
        sent = traffic("ring", n, size=5).busiest
        assert all_reduce_seconds(Parts(1, 0, transfer=5), n) == pytest.approx(sent)


@pytest.mark.parametrize("n_workers", [2, 3, 8])
def test_measured_parts_give_back_what_was_measured(n_workers):
    parts = Parts.measured(0.02, 0.003, 0.006, tiny=0.001, n_workers=n_workers)
    assert (parts.divides, parts.fixed) == (0.02, 0.003)
    assert all_reduce_seconds(parts, n_workers) == pytest.approx(0.006)
    latency_only = Parts(0.02, 0.003, parts.latency)
    assert all_reduce_seconds(latency_only, n_workers) == pytest.approx(0.001)


def test_a_stopwatch_that_errs_gives_no_negative_part():
    parts = Parts.measured(0.02, 0.003, 0.001, tiny=0.002)
    assert (parts.transfer, parts.latency) == (0, 0.0005)


@pytest.mark.parametrize("growing", [False, True])
@pytest.mark.parametrize("parts", MANY)
def test_one_worker_sends_nothing_and_more_are_never_better_than_the_law(parts, growing):
    assert step_seconds(parts, 1, growing=growing) == pytest.approx(parts.work)
    law = gustafson if growing else amdahl
    assert (speedup(parts, N, growing=growing) <= law(parts.share, N) + 1e-9).all()
    assert (efficiency(parts, N, growing=growing) <= 1 + 1e-9).all()
    assert (np.diff(efficiency(parts, N, growing=growing)) < 1e-9).all()


@pytest.mark.parametrize("parts", MANY)
def test_after_the_last_worker_that_pays_no_number_is_faster(parts):
    last = last_that_pays(parts)
    seconds = step_seconds(parts, np.arange(1, 5000))
    assert last == seconds.argmin() + 1
    # where the derivative of the time is zero: n² = (divides − 2 transfer) / (2 latency)
    gain = (parts.divides - 2 * parts.transfer) / (2 * parts.latency)
    assert abs(last - max(1, math.sqrt(max(gain, 0)))) <= 1


def test_without_latency_a_worker_pays_for_ever_or_never():
    assert last_that_pays(Parts(0.9, 0.1, transfer=0.1)) is None
    assert last_that_pays(Parts(0.9, 0.1, transfer=0.5)) == 1
    assert last_that_pays(Parts(0.0, 1.0)) == 1


@pytest.mark.parametrize("growing", [False, True])
@pytest.mark.parametrize("parts", MANY)
def test_efficiency_is_half_up_to_the_number_that_is_said(parts, growing):
    until = efficient_until(parts, growing=growing)
    assert until is not None
    assert efficiency(parts, until, growing=growing) >= 0.5 - 1e-9
    assert efficiency(parts, until + 1, growing=growing) < 0.5


def test_who_wastes_nothing_is_efficient_with_any_number():
    assert efficient_until(Parts(1, 0)) is None
    assert speedup_limit(Parts(1, 0)) == math.inf


@pytest.mark.parametrize("growing", [False, True])
@pytest.mark.parametrize("latency", [0, 0.01])
def test_the_limit_is_what_very_many_workers_come_to(growing, latency):
    parts = Parts(0.8, 0.2, latency, 0.05)
    limit = speedup_limit(parts, growing=growing)
    many = float(speedup(parts, 1e9, growing=growing))
    assert many > 1e6 if limit == math.inf else many == pytest.approx(limit, abs=1e-4)


@pytest.mark.parametrize("wrong", [(-1, 1), (1, math.nan), (1, 1, math.inf), (0, 0)])
def test_parts_that_no_step_has_are_refused(wrong):
    with pytest.raises(ValueError, match="seconds"):
        Parts(*wrong)


def test_what_is_no_measurement_is_refused():
    with pytest.raises(ValueError, match="at least 2 workers"):
        Parts.measured(1, 1, 1, n_workers=1)
    with pytest.raises(ValueError, match="from 0 up"):
        Parts.measured(1, 1, -1)
    with pytest.raises(ValueError, match="1 or more"):
        amdahl(0.1, [0, 1])
    for law in (amdahl, gustafson):
        with pytest.raises(ValueError, match="0 to 1, such as"):
            law(10, 2)
