"""The unrolling stepper of lesson 08: its numbers are those of nn.RNN and of autograd."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.explorers.unroll import LETTERS, W_HH, W_HY, W_XH, unroll, unrolling_stepper

TEXTS = ("h", "hell", "hello", "loleho")


def theirs(text):
    """Return h_1 to h_T of nn.RNN with the same weights, with a graph, and the scores."""
    rnn = nn.RNN(4, 2, bias=False, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(W_XH))
        rnn.weight_hh_l0.copy_(torch.tensor(W_HH))
    X = torch.eye(4, dtype=torch.float64)[[LETTERS.index(letter) for letter in text]]
    states, h = [], None
    for x in X:
        h = rnn(x[None], h)[1]
        h.retain_grad()
        states.append(h)
    return states, torch.cat(states) @ torch.tensor(W_HY).T


@pytest.mark.parametrize("text", TEXTS)
def test_states_and_scores_are_those_of_nn_rnn(text):
    states, scores = theirs(text)
    net = unroll(text)
    assert np.allclose(net.states[1:], torch.cat(states).detach(), atol=1e-12)
    assert np.allclose(net.scores, scores.detach(), atol=1e-12)
    assert np.allclose(net.probs, scores.softmax(1).detach(), atol=1e-12)
    assert (net.states[0] == 0).all()


@pytest.mark.parametrize("text", TEXTS)
def test_slopes_are_those_of_autograd(text):
    states, scores = theirs(text)
    scores[-1].max().backward()
    gradients = torch.cat([state.grad for state in states])
    assert np.allclose(unroll(text).slopes, gradients, atol=1e-12)


def test_it_spells_hello_again_and_again_and_tells_the_two_l_apart():
    net = unroll("helloh"[:6])
    assert "".join(LETTERS[step.argmax()] for step in net.probs) == "ellohe"
    assert net.probs.max(1).min() > 0.9


def test_the_weights_have_one_decimal_so_that_a_learner_can_compute_with_them():
    for matrix in (W_XH, W_HH, W_HY):
        assert np.allclose(10 * matrix, np.round(10 * matrix))


def test_a_step_forward_says_the_sum_that_a_learner_can_check():
    says = unrolling_stepper("hell", start=3).says.value
    first, second = unroll("hell").states[2]
    assert "tanh(0.2 + 1.4 · 0.76 + (−1.8) · (−0.80)) = 0.99" in says
    assert np.isclose(np.tanh(0.2 + 1.4 * 0.76 + 1.8 * 0.80), first, atol=0.002)
    assert f"the same way: {second:.2f}" in says


def test_the_same_letter_with_another_answer_is_pointed_out():
    assert "read the same ‘l’ and said ‘l’" in unrolling_stepper("hell", start=8).says.value
    assert "the same" not in unrolling_stepper("hell", start=6).says.value


def test_walking_back_ends_at_the_first_state():
    explorer = unrolling_stepper("hell")
    explorer.set(step=9)
    assert "the row ‘o’ of W_hy: (−2.10, 1.70)" in explorer.says.value
    explorer.set(step=12)
    slope = unroll("hell").slopes[0]
    assert explorer.figure.axes[0].get_title(loc="left") == "Step 12, backward: the slopes at h₁"
    assert f"Length {np.linalg.norm(slope):.2f}" in explorer.says.value


def test_unknown_numbers_are_not_shown_before_their_step():
    explorer = unrolling_stepper("hell", start=0)
    texts = [text.get_text() for text in explorer.figure.axes[0].texts]
    assert sum("?" in text for text in texts) == 8
    explorer.set(step=8)
    assert not any("?" in text.get_text() for text in explorer.figure.axes[0].texts)


def test_another_text_has_another_number_of_steps():
    explorer = unrolling_stepper("hell", start=12)
    before = explorer.picture.png
    explorer.set(text="he")
    assert explorer.controls["step"].slider.max == 6
    assert explorer.values["step"] == 6
    assert explorer.picture.png != before


def test_touching_a_letter_or_its_answer_goes_to_that_step():
    explorer = unrolling_stepper("hell")
    assert explorer.touch(2.1, 1.2) == {"step": 3}
    assert explorer.touch(2.1, 2.5) == {"step": 4}
    assert explorer.touch(7, 1) == {}


def test_a_letter_that_the_network_does_not_know_is_said_and_the_picture_stays():
    explorer = unrolling_stepper("hell")
    before = explorer.picture.png
    explorer.set(text="help")
    assert "the network knows the letters h, e, l, o" in explorer.says.value
    assert explorer.picture.png == before


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "hellohe"}, {"start": 13}])
def test_what_cannot_be_walked_is_refused(wrong):
    with pytest.raises(ValueError, match=r"give 1 to 6|start must be"):
        unrolling_stepper(**wrong)
