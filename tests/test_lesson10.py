"""Lesson 10: what its own functions compute, beside the package and beside oracles."""

import math
import os

import pytest
import torch
import torch.nn.functional as F
from lesson_code import lesson_definitions
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises.engine import examine
from course_utils.exercises.lesson10 import ELBO, GAN, KL, PURITY
from course_utils.explorers.gan import records
from course_utils.ink.forms import neat
from course_utils.ink.normalize import normalize_drawing, rasterize
from course_utils.ink.rain import rain
from course_utils.models import (
    VAE,
    Autoencoder,
    Denoiser,
    Generator,
    discriminator,
    kl_normal,
    load_pretrained,
)
from course_utils.training import accuracy, fit, one_cycle, predict
from course_utils.training.generative import gan_step

FULL = os.environ.get("COURSE_FULL_MNIST", "")


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE)


@pytest.fixture
def lesson(sample):
    """Return the functions and classes of the lesson, and what they take from its cells."""
    labels = {"y_train": sample.train_labels, "y_test": sample.test_labels}
    return lesson_definitions("10", device=torch.device("cpu"), **labels)


def digits(n, seed=0):
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


# --- the lesson's networks beside the package's -------------------------------------------------


@pytest.mark.parametrize("n_codes", [2, 16])
def test_both_autoencoders_are_the_same_network(lesson, n_codes):
    ours, theirs = lesson["OurAutoencoder"](n_codes), Autoencoder(n_codes)
    ours.load_state_dict(theirs.state_dict())
    X = digits(5)
    torch.testing.assert_close(ours(X), theirs(X))
    assert ours.encode(X).shape == (5, n_codes)


def test_both_variational_autoencoders_have_the_same_loss_and_slopes(lesson):
    ours, theirs = lesson["OurVAE"](3), VAE(3)
    ours.load_state_dict(theirs.state_dict())
    X, slopes = digits(6), []
    for model in (ours, theirs):
        torch.manual_seed(1)
        loss = model.loss(model(X), X)
        loss.backward()
        slopes.append([loss.detach(), *(weights.grad for weights in model.parameters())])
    torch.testing.assert_close(slopes[0], slopes[1])


def test_both_denoisers_are_the_same_network_and_add_no_ink(lesson):
    ours, theirs = lesson["OurDenoiser"](), Denoiser()
    ours.load_state_dict(theirs.state_dict())
    X = digits(5)
    torch.testing.assert_close(ours(X), theirs(X))
    assert (ours(X) <= X).all()


def test_a_dearer_divergence_counts_as_often_as_its_price_says(lesson):
    model, X, losses = lesson["OurVAE"](3), digits(6), []
    for model.price in (0.0, 1e3, 1e5):
        torch.manual_seed(1)
        losses.append(model.loss(model(X), X).item())
    kl = kl_normal(model.mu, model.log_var).mean().item()
    assert losses[1] - losses[0] == pytest.approx(1e3 * kl, rel=1e-3)
    assert losses[2] - losses[0] == pytest.approx(1e5 * kl, rel=1e-3)


def test_the_lessons_game_is_the_packages_step_taken_several_times(lesson):
    X, n_steps = digits(80), 3
    torch.manual_seed(2)
    ours = Generator(), discriminator()
    theirs = Generator(), discriminator()
    for one, other in zip(ours, theirs, strict=True):
        other.load_state_dict(one.state_dict())
    torch.manual_seed(3)
    losses = lesson["play"](*ours, X, n_steps)
    torch.manual_seed(3)
    optimizers = [
        torch.optim.Adam(net.parameters(), lr=0.002, betas=(0.5, 0.999)) for net in theirs
    ]
    wanted = [
        gan_step(*theirs, X[torch.randint(len(X), (64,))], optimizers) for _ in range(n_steps)
    ]
    torch.testing.assert_close(losses, torch.tensor(wanted))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.state_dict(), other.state_dict())


# --- oracles ------------------------------------------------------------------------------------


def test_pca_loses_exactly_what_lies_along_the_directions_left_out(lesson, sample):
    X = sample.train_images[:500, None].double() / 255
    mean = X.mean(dim=0).flatten()
    stretched, eigenvectors = torch.linalg.eigh((X.flatten(1) - mean).T @ (X.flatten(1) - mean))
    lesson["flat_mean"], lesson["axes"] = mean, eigenvectors.T.flip(0)
    for k in (0, 2, 10):
        lost = F.mse_loss(lesson["through_pca"](X, k), X, reduction="sum")
        torch.testing.assert_close(lost, stretched.flip(0)[k:].sum())


def test_the_density_is_pytorchs_and_holds_the_shares_that_the_lesson_names(lesson):
    z = torch.linspace(-5, 5, 10_001)
    theirs = torch.distributions.Normal(1.0, 0.5)
    torch.testing.assert_close(lesson["density"](z, 1.0, 0.5), theirs.log_prob(z).exp())
    for reach, share in ((1, 2 / 3), (2, 19 / 20)):
        inside = torch.linspace(-reach, reach, 1001)
        assert torch.trapezoid(lesson["density"](inside), inside) == pytest.approx(share, abs=0.017)


def test_four_points_are_served_best_by_a_flatter_direction(lesson):
    lesson["points"] = torch.tensor([[4.0, 2.0], [2.0, 1.0], [-3.0, -1.0], [-3.0, -2.0]])
    error = lambda w: ((lesson["unfolded"](w) - lesson["points"]) ** 2).sum().item()  # noqa: E731
    assert error(torch.tensor([0.8, 0.6])) == pytest.approx(1.84)
    first = torch.linalg.eigh(lesson["points"].T @ lesson["points"])[1][:, -1]
    assert error(first) == pytest.approx(0.40, abs=0.005)
    assert first[1] / first[0] < 0.6 / 0.8


def test_the_table_of_two_codes_and_two_pictures():
    prior, ink = torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.3])
    p_ink = (prior * ink).sum()
    assert p_ink == pytest.approx(0.6)
    posterior = prior * ink / p_ink
    assert posterior.tolist() == pytest.approx([0.75, 0.25])
    for q, pixels, kl, bound, missing in (
        ([0.5, 0.5], -0.65, 0.0, -0.65, 0.14),
        ([1.0, 0.0], -0.11, 0.69, -0.80, 0.29),
        ([0.75, 0.25], -0.38, 0.13, -0.51, 0.0),
    ):
        q = torch.tensor(q)
        found = [(q * ink.log()).sum(), torch.special.xlogy(q, q / prior).sum()]
        found += [found[0] - found[1], torch.special.xlogy(q, q / posterior).sum()]
        assert [each.item() for each in found] == pytest.approx(
            [pixels, kl, bound, missing], abs=0.0051
        )
        assert found[2] + found[3] == pytest.approx(p_ink.log().item(), abs=1e-6)


class Line(nn.Module):
    """A variational autoencoder of one number and two pixels, small enough to integrate."""

    def spread(self, X):
        return torch.stack([X[:, 0] - 0.5, 0.3 * X[:, 1]], dim=1)  # mean and ln of the variance

    def decode(self, z):
        return torch.sigmoid(z * torch.tensor([[2.0, -1.0]]) + 0.5)


def test_many_draws_come_to_the_probability_of_a_picture_and_one_draw_stays_below(lesson):
    X, model = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), Line()
    z = torch.linspace(-8, 8, 4001)[:, None]
    pixels = model.decode(z)[:, None]  # (4001, 1, 2)
    likely = (X * pixels.log() + (1 - X) * (1 - pixels).log()).sum(dim=2)  # (4001, 3)
    density = torch.distributions.Normal(0.0, 1.0).log_prob(z)
    exact = torch.trapezoid((likely + density).exp(), z[:, 0], dim=0).log()
    torch.manual_seed(0)
    many = lesson["log_p"](model, X.repeat(100, 1), 400).reshape(100, 3)  # 40,000 draws in all
    torch.testing.assert_close(many.logsumexp(0) - math.log(100), exact, atol=0.02, rtol=0)
    bound = lesson["log_p"](model, X.repeat(4000, 1), 1).reshape(4000, 3).mean(dim=0)
    assert (bound < exact - 0.01).all()


if FULL:  # a minute of training

    def test_windows_are_enough_for_a_house(lesson, sample):
        torch.manual_seed(0)
        network = lesson["OurDenoiser"]().share  # the same convolutions, without the factor
        X = sample.train_images[:, None].float() / 255
        wet = {"augment": lambda X: rain(X, 0.5, seed=None), "loss_fn": F.mse_loss}
        fit(network, (X, X), n_epochs=8, lr=0.001, schedule=one_cycle, **wet)
        drawn = [
            torch.tensor(normalize_drawing(rasterize(neat(name)))) for name in ("house", "star")
        ]
        drawn = torch.stack(drawn)[:, None].float()
        assert F.mse_loss(predict(network, rain(drawn, 0.5)), drawn) < 0.02


def test_six_of_seven_codes_lie_where_the_lesson_says():
    inside = torch.distributions.Chi2(2.0).cdf(torch.tensor(4.0))
    assert inside.item() == pytest.approx(0.86, abs=0.005)


def test_purity_by_table_and_by_loop_agree(lesson):
    lot = torch.Generator().manual_seed(4)
    for n in (1, 10, 500):
        groups, labels = torch.randint(10, (2, n), generator=lot)
        wanted = PURITY.reference(groups, labels)
        assert lesson["share_named"](groups, labels) == pytest.approx(wanted)


def test_groups_by_lot_have_a_purity_of_12_percent(lesson, sample):
    groups = torch.randint(10, (4000,), generator=torch.Generator().manual_seed(0))
    assert 0.115 < lesson["share_named"](groups, sample.train_labels) < 0.135


def test_k_means_ends_where_each_row_is_in_the_group_with_the_nearest_mean(lesson):
    X = torch.randn(200, 2, generator=torch.Generator().manual_seed(5))
    groups = lesson["k_means"](X, seed=0, n_rounds=100)
    centres = torch.stack([X[groups == k].mean(dim=0) for k in range(10)])
    assert torch.cdist(X, centres).argmin(dim=1).equal(groups)


def test_one_example_of_each_kind_answers_by_the_nearest(lesson):
    lesson["y_train"], lesson["y_test"] = torch.tensor([7, 3, 5]), torch.tensor([3, 7, 5, 5])
    X, X_new = torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([[0.9], [0.1], [0.2], [8.0]])
    assert lesson["share_by_nearest"](X, X_new, torch.arange(3)) == 0.75
    assert lesson["share_by_nearest"](X, X_new, torch.tensor([1])) == 0.25


def test_a_judge_finds_dust_out_and_can_only_guess_between_real_and_real(lesson, sample):
    X = sample.train_images[:, None].float() / 255
    X = X[torch.randperm(len(X), generator=torch.Generator().manual_seed(0))][:2000]
    lot = torch.Generator().manual_seed(1)
    dust = (torch.rand(1000, 1, 28, 28, generator=lot) < X.mean(dim=0)).float()
    assert lesson["caught"](X[:1000], dust) > 0.97
    assert 0.4 < lesson["caught"](X[:1000], X[1000:]) < 0.6


# --- what the lesson says of PyTorch and of its formulas ----------------------------------------


def test_torch_normal_gives_slopes_of_zero_without_a_word():
    mu, sigma = (torch.full((5,), value, requires_grad=True) for value in (0.5, 1.0))
    (torch.normal(mu, sigma) ** 2).sum().backward()
    assert mu.grad.tolist() == sigma.grad.tolist() == [0.0] * 5


def test_the_generators_slope_is_fifty_times_as_strong_for_a_bad_fake():
    logit = torch.tensor(math.log(0.02 / 0.98), requires_grad=True)
    plain = torch.autograd.grad(torch.log(1 - torch.sigmoid(logit)), logit)[0]
    advised = torch.autograd.grad(-torch.log(torch.sigmoid(logit)), logit)[0]
    assert plain.item() == pytest.approx(-0.02, abs=1e-4)
    assert advised.item() == pytest.approx(-0.98, abs=1e-4)


@pytest.mark.parametrize("case", range(len(list(KL.cases()))))
def test_the_divergence_of_the_exercise_is_pytorchs_and_the_packages(case):
    mu, log_var = list(KL.cases())[case]
    cloud = torch.distributions.Normal(mu, (log_var / 2).exp())
    standard = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    theirs = torch.distributions.kl_divergence(cloud, standard).sum(dim=1)
    torch.testing.assert_close(KL.reference(mu, log_var), theirs)
    torch.testing.assert_close(kl_normal(mu, log_var), theirs)


def test_the_loss_of_the_exercise_is_the_packages_where_the_code_is_not_drawn():
    model, X = VAE(2), digits(4)
    mu, log_var = model.distribution(X)
    wanted = F.binary_cross_entropy(model.decode(mu), X) * 784 + kl_normal(mu, log_var).mean()
    flat = lambda z: model.decode(z).flatten(1)  # noqa: E731
    got = ELBO.reference(X.flatten(1), mu, log_var, torch.zeros_like(mu), flat)
    torch.testing.assert_close(got, wanted)


def test_an_undecided_discriminator_has_a_loss_of_two_ln_two():
    D, G = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.zeros_(D.weight)
    nn.init.zeros_(D.bias)
    loss_d, loss_g = GAN.reference(D, G, torch.randn(5, 1), torch.randn(5, 1))
    assert loss_d.item() == pytest.approx(2 * math.log(2))
    assert loss_g.item() == pytest.approx(math.log(2))


# --- the figures that the lesson states of what is shipped --------------------------------------


@torch.no_grad()
def test_the_shipped_autoencoders_come_back_as_well_as_the_lesson_says(sample):
    X = sample.test_images[:, None].float() / 255
    reader = load_pretrained("cnn", "cpu")
    for name, error in (("autoencoder", 0.0345), ("vae", 0.0351)):
        model = load_pretrained(name, "cpu")
        returned = model.decode(model.encode(X))
        assert F.mse_loss(returned, X).item() == pytest.approx(error, abs=2e-4)
        if name == "autoencoder":
            right = accuracy(reader(returned), sample.test_labels)
            assert right == pytest.approx(0.81, abs=0.01)


@torch.no_grad()
def test_the_codes_of_the_variational_autoencoder_stay_near_0_and_the_others_do_not(sample):
    X = sample.test_images[:, None].float() / 255
    cloud, free = (load_pretrained(name, "cpu").encode(X).abs() for name in ("vae", "autoencoder"))
    assert (cloud < 3).all(dim=1).float().mean() > 0.97
    assert (free > 4).any(dim=1).float().mean() > 0.5


def test_a_thicker_pen_costs_a_four_more_than_becoming_a_nine(sample):
    fours = sample.test_images[sample.test_labels == 4][:, None].float() / 255
    nines = sample.train_images[sample.train_labels == 9].flatten(1).float() / 255
    thicker = F.mse_loss(F.max_pool2d(fours, 3, stride=1, padding=1), fours).item()
    nearest = torch.cdist(fours.flatten(1), nines).min(dim=1).values.square().mean().item() / 784
    assert thicker == pytest.approx(0.089, abs=1e-3)
    assert nearest == pytest.approx(0.051, abs=1e-3)


def test_cutting_off_what_the_discriminator_says_of_fakes_is_no_right_answer():
    def deaf(D, G, real, z):
        bce, fake = F.binary_cross_entropy_with_logits, G(z)
        on_real, on_fake, verdict = D(real), D(fake).detach(), D(fake)
        loss_d = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
        return loss_d, bce(verdict, torch.ones_like(verdict))

    assert examine(GAN, deaf).status == "wrong"


def test_the_recorded_games_are_as_the_lesson_tells_them():
    healthy, collapsed = records()["healthy"], records()["collapsed"]
    assert round(100 * healthy["twins"][-1]) == 71
    assert round(100 * collapsed["twins"][-1]) == 7
    assert collapsed["discriminator"][-1] < 0.1
    assert healthy["discriminator"][-1] < 0.8  # well ahead of 1.39
    assert 280 < healthy["counts"][-1][1] < 350  # a third are ones
    assert healthy["counts"][-1][0] < 30  # hardly a zero
    commonest = {max(range(10), key=counts.__getitem__) for counts in collapsed["counts"][1:]}
    assert {0, 3, 7, 8} <= commonest  # the forger moves on
