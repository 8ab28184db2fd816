"""The clinic of lesson 05: its records are what its code does, and its diagnoses hold."""

import ast
import html
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils.explorers.clinic import (
    CASES,
    CHOOSE,
    DIAGNOSES,
    HEALTHY,
    MARK,
    N_EPOCHS,
    N_TRIES,
    case_code,
    records,
    training_clinic,
)

sys.path.append(str(Path(__file__).parents[1] / "tools"))
from record_clinic import record

EVERY = range(len(CASES) + 1)
SOFTMAX, LEAK, RATE, ARGMAX, LABELS, EVAL, PIXELS, ZERO_GRAD = range(1, 9)
FLOOR = math.log(1 + 9 / math.e)  # 1.46, the least loss of scores between 0 and 1
CHANCE = math.log(10)


def kept(run, part, epoch=N_EPOCHS):
    return run[f"{part}_accuracy"][epoch - 1]


def near(losses, others):
    """Tell whether two courses of the loss are alike, epoch by epoch."""
    ours, theirs = (np.reshape(each, (N_EPOCHS, -1)).mean(1) for each in (losses, others))
    return bool((np.abs(ours - theirs) < 0.15 * theirs).all())


def too_good(run, _):
    return kept(run, "val") > kept(run, "train") - 0.01 and run["fresh"] < 0.94 < kept(run, "val")


def explodes(run, _):
    return run["loss"][0] > 4 * run["first"] and min(run["loss"]) > 2


def learned_by_heart(run, _):
    return kept(run, "val") < 0.15 and 0.2 < kept(run, "train") < 0.5


def looks_worse_than_it_is(run, sound):
    lower = kept(sound, "train") - kept(run, "train")
    alike = near(run["loss"], sound["loss"])
    return alike and run["fresh"] > kept(run, "val") > 0.5 and lower > 0.015


def good_start_bad_end(run, _):
    best = min(run["loss"][:4])  # in the first epoch
    unhurt = max(run["first"], run["loss"][0]) < 3
    return unhurt and best < 1.6 and np.mean(run["loss"][-4:]) > 1.2 * best


#: by what each fault is known: what the explorer says of it, in numbers
SIGNS = {
    SOFTMAX: lambda run, _: min(run["loss"]) > FLOOR and kept(run, "val") > 0.8,
    LEAK: too_good,
    RATE: explodes,
    ARGMAX: lambda run, sound: near(run["loss"], sound["loss"]) and kept(run, "val") < 0.25,
    LABELS: learned_by_heart,
    EVAL: looks_worse_than_it_is,
    PIXELS: lambda run, _: run["first"] > 10 * CHANCE,
    ZERO_GRAD: good_start_bad_end,
}


@pytest.fixture(scope="module")
def again():
    """Every training run afresh."""
    return [record(k) for k in EVERY]


@pytest.fixture
def explorer():
    return training_clinic()


def wrong_ones(k):
    return [diagnosis for diagnosis in DIAGNOSES if diagnosis != CASES[k - 1].fault]


@pytest.mark.parametrize("k", EVERY)
def test_the_records_are_what_the_code_does(again, k):
    now, then = again[k], records()[k]
    unsteady = k in (RATE, PIXELS, ZERO_GRAD)  # another processor may end elsewhere
    reach = 0.25 if unsteady else 0.05
    assert now["first"] == pytest.approx(then["first"], rel=1e-3)
    assert now["loss"][0] == pytest.approx(then["loss"][0], rel=0.5 if unsteady else 0.02)
    for part in ("train", "val"):
        assert kept(now, part) == pytest.approx(kept(then, part), abs=reach)
    assert now["fresh"] == pytest.approx(then["fresh"], abs=reach)
    assert now["dead"] == pytest.approx(then["dead"], abs=reach)


@pytest.mark.parametrize("k", EVERY)
def test_each_sign_is_seen_in_its_own_case_and_in_no_other(again, k):
    for runs in (records(), again):
        seen = {fault for fault, sign in SIGNS.items() if sign(runs[k], runs[0])}
        assert seen == ({k} if k else set())


def test_what_is_told_of_the_healthy_run_and_of_dead_units_is_true():
    runs = records()
    assert 0.9 < runs[0]["fresh"] < kept(runs[0], "val") + 0.02 < kept(runs[0], "train")
    assert runs[RATE]["dead"] == 1
    assert runs[PIXELS]["dead"] == pytest.approx(0.75, abs=0.05)
    assert runs[0]["dead"] == pytest.approx(0.2, abs=0.05)
    for k in (LEAK, ARGMAX):
        assert f"{100 * runs[k]['fresh']:.0f}%" in CASES[k - 1].why
    assert f"{100 * kept(runs[LEAK], 'val'):.0f}%" in CASES[LEAK - 1].why


@pytest.mark.parametrize("k", range(1, len(CASES) + 1))
def test_a_case_differs_from_the_healthy_code_in_one_line_which_is_marked(k):
    ours, healthy = case_code(k).splitlines(), HEALTHY.splitlines()
    assert len(ours) == len(healthy)
    differ = [line for line, other in zip(ours, healthy, strict=True) if line != other]
    assert len(differ) == 1
    assert MARK in differ[0]
    assert ast.dump(ast.parse(case_code(k))) != ast.dump(ast.parse(HEALTHY))


def test_the_healthy_code_has_no_mark_and_other_numbers_are_refused():
    assert MARK not in case_code(0)
    for k in (-1, 9, "1"):
        with pytest.raises(ValueError, match="cases 1 to 8"):
            case_code(k)


def test_the_order_of_the_menu_tells_nothing():
    assert sorted(case.fault for case in CASES) == list(DIAGNOSES)
    assert [case.fault for case in CASES] != list(DIAGNOSES)


def test_a_right_diagnosis_is_told_why_and_opens_the_code(explorer):
    assert explorer.below.value == ""
    explorer.controls["fault"].value = CASES[0].fault
    assert f"Right: {CASES[0].fault}." in explorer.text
    assert CASES[0].why in explorer.text
    assert "nn.Softmax(dim=1)" in html.unescape(explorer.below.value)
    assert explorer.below.value.count("<mark>") == 1


@pytest.mark.parametrize("k", range(1, len(CASES) + 1))
def test_a_wrong_diagnosis_is_told_what_it_would_look_like_and_where_to_look(explorer, k):
    explorer.set(case=k)
    first, second, third = wrong_ones(k)[:N_TRIES]
    for diagnosis in (first, second):
        explorer.controls["fault"].value = diagnosis
        sign = next(case.sign for case in CASES if case.fault == diagnosis)
        assert f"No. {sign} {CASES[k - 1].clue}" in explorer.text
        assert CASES[k - 1].fault not in explorer.text
        assert explorer.below.value == ""
    explorer.controls["fault"].value = third
    assert f"The answer: {CASES[k - 1].fault}." in explorer.text
    assert MARK in explorer.below.value


def test_a_diagnosis_twice_is_one_try(explorer):
    first, second = wrong_ones(1)[:2]
    for diagnosis in (first, second, first, second):
        explorer.controls["fault"].value = diagnosis
    assert explorer.below.value == ""


def test_reading_at_another_epoch_is_no_new_try(explorer):
    explorer.controls["fault"].value = wrong_ones(1)[0]
    for epoch in (1, 2, 3, 4):
        explorer.set(epoch=epoch)
    assert explorer.below.value == ""


def test_another_case_begins_without_a_diagnosis_and_a_solved_one_keeps_its_code(explorer):
    explorer.controls["fault"].value = CASES[0].fault
    explorer.controls["case"].slider.value = 2
    assert explorer.values["fault"] == CHOOSE
    assert explorer.below.value == ""
    assert "(1 of 8 cases solved.)" in explorer.text
    explorer.controls["case"].back.click()
    assert "as it was run" in explorer.below.value


def test_two_explorers_know_nothing_of_each_other(explorer):
    explorer.controls["fault"].value = CASES[0].fault
    assert training_clinic().below.value == ""


def test_the_sentence_reads_the_record_at_the_epoch(explorer):
    explorer.set(case=LABELS, epoch=7, fresh=True)
    run = records()[LABELS]
    assert f"loss {run['loss'][27]:.2f}" in explorer.text
    assert f"{100 * kept(run, 'train', 7):.0f}% of the training digits" in explorer.text
    assert f"{100 * kept(run, 'val', 7):.0f}% of the validation digits" in explorer.text
    assert f"{100 * run['fresh']:.0f}% of fresh digits" in explorer.text
    explorer.set(epoch=0)
    assert f"Before the first step: loss {run['first']:.1f}." in explorer.text


@pytest.mark.parametrize("change", [{"case": 2}, {"epoch": 3}, {"healthy": False}, {"fresh": True}])
def test_each_control_changes_the_picture(explorer, change):
    before = explorer.picture.png
    explorer.set(**change)
    assert explorer.picture.png != before


def test_a_touch_reads_the_epoch_that_lies_there(explorer):
    assert explorer.touch(3.4, 1.0) == {"epoch": 3}
    assert explorer.touch(14.0, 1.0) == {}


def test_the_case_slider_ends_at_the_first_and_the_last_case(explorer):
    explorer.controls["case"].back.click()
    assert explorer.values["case"] == 1
    explorer.controls["case"].slider.value = 99
    assert explorer.values["case"] == len(CASES)
