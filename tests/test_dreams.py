"""Autoencoder, denoiser, VAE and GAN: shapes, the formula of the divergence, the step of a GAN."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.ink.rain import median, rain
from course_utils.models import (
    VAE,
    Autoencoder,
    Denoiser,
    DenseGenerator,
    Generator,
    dense_discriminator,
    discriminator,
    kl_normal,
    load_pretrained,
    reparameterise,
)
from course_utils.training import Part, evaluate, fit, predict
from course_utils.training.generative import dream, gan_step, noise, to_twin


@pytest.fixture(scope="module")
def digits():
    return load_mnist(MNIST_SAMPLE).train_images[::10, None].float() / 255


@pytest.fixture(autouse=True)
def fixed():
    torch.manual_seed(0)


@pytest.mark.parametrize("network", [Autoencoder, VAE, Denoiser])
def test_digits_come_back_as_pictures(network, digits):
    pictures = network()(digits)
    assert pictures.shape == digits.shape
    assert pictures.min() >= 0
    assert pictures.max() <= 1


@pytest.mark.parametrize("network", [Autoencoder, VAE])
@pytest.mark.parametrize("n_codes", [1, 2, 5])
def test_codes_are_as_many_as_wanted_and_are_decoded(network, n_codes, digits):
    model = network(n_codes)
    codes = model.encode(digits[:3])
    assert codes.shape == (3, n_codes)
    assert model.decode(codes).shape == (3, 1, 28, 28)


def test_an_autoencoder_decodes_what_it_encodes(digits):
    model = Autoencoder()
    assert torch.equal(model(digits), model.decode(model.encode(digits)))


def test_the_denoiser_never_adds_ink(digits):
    assert (Denoiser()(digits) <= digits).all()


@pytest.mark.parametrize("network", [Autoencoder, VAE, Denoiser])
def test_fit_brings_the_loss_down(network, digits):
    model = network()
    loss_fn = getattr(model, "loss", F.mse_loss)
    settings = {"n_epochs": 4, "lr": 0.003, "progress": False}
    history = fit(model, (digits, digits), loss_fn=loss_fn, **settings)
    assert history.train_loss[-1] < 0.85 * history.train_loss[0]


# --- the variational autoencoder ---------------------------------------------------------------


def test_the_divergence_agrees_with_pytorch():
    mu, log_var = torch.randn(50, 3), torch.randn(50, 3)
    theirs = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl_normal(mu, log_var), theirs, rtol=1e-5, atol=1e-5)


def test_the_divergence_agrees_with_a_mean_over_samples():
    mu, log_var = torch.tensor([[1.0, -0.5]]), torch.tensor([[-1.0, 0.3]])
    z = reparameterise(mu.expand(200_000, 2), log_var.expand(200_000, 2))
    q, p = Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)
    sampled = (q.log_prob(z) - p.log_prob(z)).sum(1)
    assert abs(sampled.mean() - kl_normal(mu, log_var)) < 5 * sampled.std() / 200_000**0.5


def test_the_divergence_is_zero_for_the_standard_normal_distribution_alone():
    assert kl_normal(torch.zeros(1, 4), torch.zeros(1, 4)).item() == 0
    assert (kl_normal(torch.randn(100, 2), torch.randn(100, 2)) > 0).all()


def test_draws_have_the_mean_and_spread_asked_for_and_let_gradients_through():
    mu = torch.full((100_000, 1), 2.0, requires_grad=True)
    log_var = torch.full((100_000, 1), math.log(0.25), requires_grad=True)
    z = reparameterise(mu, log_var)
    assert z.mean().item() == pytest.approx(2, abs=0.01)
    assert z.std().item() == pytest.approx(0.5, abs=0.01)
    z.sum().backward()
    assert torch.equal(mu.grad, torch.ones_like(mu))
    torch.testing.assert_close(log_var.grad, ((z - mu) / 2).detach())


def test_the_loss_of_a_vae_is_cross_entropy_and_divergence_in_nats_a_digit(digits):
    model = VAE()
    torch.manual_seed(5)
    X_hat = model(digits)
    loss = model.loss(X_hat, digits)
    torch.manual_seed(5)
    mu, log_var = model.distribution(digits)
    q = Normal(mu, (log_var / 2).exp())
    drawn = model.decode(reparameterise(mu, log_var)).clamp(1e-9, 1 - 1e-7)
    pixels = -(digits * drawn.log() + (1 - digits) * (1 - drawn).log()).flatten(1).sum(1)
    wanted = (pixels + kl_divergence(q, Normal(0.0, 1.0)).sum(1)).mean()
    torch.testing.assert_close(loss, wanted, rtol=1e-4, atol=1e-3)


def test_the_loss_of_a_vae_belongs_to_one_forward_pass(digits):
    model = VAE()
    X_hat = model(digits)
    model.loss(X_hat, digits)
    with pytest.raises(ValueError, match=r"call model\(X\) before"):
        model.loss(X_hat, digits)


def test_a_vae_can_be_copied_and_measured_after_training(digits):
    model = VAE()
    fit(model, (digits, digits), loss_fn=model.loss, n_epochs=1, progress=False)
    twin = copy.deepcopy(model)
    assert torch.equal(twin.encode(digits), model.encode(digits))
    assert evaluate(model, digits, digits, loss_fn=model.loss).loss > 0


# --- dreams ------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [Generator, DenseGenerator, VAE, Autoencoder])
def test_the_same_seed_dreams_the_same_digits(network):
    model = network()
    dreams = dream(model, 6, seed=1)
    assert dreams.shape == (6, 1, 28, 28)
    assert torch.equal(dreams, dream(model, 6, seed=1))
    assert not torch.equal(dreams, dream(model, 6, seed=2))


def test_dreaming_leaves_the_generator_in_its_mode_and_its_statistics_alone():
    model = Generator()
    before = copy.deepcopy(model.state_dict())
    dream(model, 10)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_model_without_codes_cannot_dream():
    with pytest.raises(ValueError, match="has no n_codes; give a Generator"):
        dream(Denoiser(), 3)


def test_the_twin_is_the_most_similar_other_picture():
    pictures = torch.randn(30, 1, 4, 4)
    flat = pictures.flatten(1)
    wanted = [
        min(float((flat[i] - flat[k]).norm()) for k in range(30) if k != i) for i in range(30)
    ]
    torch.testing.assert_close(to_twin(pictures), torch.tensor(wanted), rtol=1e-4, atol=1e-4)
    assert to_twin(pictures[:1].repeat(3, 1, 1, 1)).max() < 1e-3, "copies"
    with pytest.raises(ValueError, match="two pictures at least"):
        to_twin(pictures[:1])


# --- the step of a GAN -------------------------------------------------------------------------


@pytest.fixture(params=["convolutions", "dense"])
def gan(request):
    dense = request.param == "dense"
    nets = (DenseGenerator(), dense_discriminator()) if dense else (Generator(), discriminator())
    return nets, tuple(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets)


def test_a_step_gives_the_losses_of_the_formula_before_it_is_taken(digits, gan):
    nets, optimizers = gan
    old = copy.deepcopy(nets)
    torch.manual_seed(1)
    loss_d, _ = gan_step(*nets, digits, optimizers)
    torch.manual_seed(1)
    made = old[0](noise(old[0], len(digits), None))
    real = -old[1](digits).sigmoid().log().mean()
    fake = -(1 - old[1](made).sigmoid()).log().mean()
    assert loss_d == pytest.approx((real + fake).item(), rel=1e-4)
    assert loss_d == pytest.approx(2 * math.log(2), abs=0.2), "untrained, it guesses"


def test_the_discriminator_moves_by_its_own_loss_alone(digits, gan):
    nets, optimizers = gan
    old = copy.deepcopy(nets)
    torch.manual_seed(1)
    gan_step(*nets, digits, optimizers)
    torch.manual_seed(1)
    made = old[0](noise(old[0], len(digits), None)).detach()
    losses = F.softplus(-old[1](digits)).mean() + F.softplus(old[1](made)).mean()
    grads = torch.autograd.grad(losses, list(old[1].parameters()))
    for new, before, grad in zip(nets[1].parameters(), old[1].parameters(), grads, strict=True):
        torch.testing.assert_close(new, before - 0.1 * grad)


def test_the_generator_moves_by_its_own_loss_alone(digits, gan):
    nets, (optimizer, _) = gan
    still = torch.optim.SGD(nets[1].parameters(), lr=0.0)
    old = copy.deepcopy(nets)
    torch.manual_seed(1)
    _, loss_g = gan_step(*nets, digits, (optimizer, still))
    torch.manual_seed(1)
    made = old[0](noise(old[0], len(digits), None))
    old[1](digits), old[1](made)  # the discriminator's turn, with its random numbers
    logits = old[1](old[0](noise(old[0], len(digits), None)))
    wanted = -logits.sigmoid().log().mean()
    assert loss_g == pytest.approx(wanted.item(), rel=1e-4)
    grads = torch.autograd.grad(wanted, list(old[0].parameters()))
    for new, before, grad in zip(nets[0].parameters(), old[0].parameters(), grads, strict=True):
        torch.testing.assert_close(new, before - 0.1 * grad)


def test_a_generator_learns_to_fool_a_discriminator_that_stands_still(digits, gan):
    nets, (optimizer, _) = gan
    still = torch.optim.SGD(nets[1].parameters(), lr=0.0)
    losses = [gan_step(*nets, digits[:64], (optimizer, still))[1] for _ in range(15)]
    assert losses[-1] < losses[0]


# --- the shipped weights, on digits of the sample, which they have not seen --------------------


@pytest.fixture(scope="module")
def unseen():
    return load_mnist(MNIST_SAMPLE).test_images[:, None].float() / 255


def test_two_codes_of_the_shipped_autoencoder_are_as_good_as_nine_principal_components(unseen):
    known = load_mnist(MNIST_SAMPLE).train_images.flatten(1) / 255
    middle = known.mean(0)
    axes = torch.linalg.eigh(torch.cov(known.T)).eigenvectors.flip(1)[:, :9]
    shadow = (unseen.flatten(1) - middle) @ axes @ axes.T + middle
    error = evaluate(load_pretrained("autoencoder"), unseen, unseen, loss_fn=F.mse_loss).loss
    assert error < F.mse_loss(shadow, unseen.flatten(1)).item()


def test_the_shipped_denoiser_beats_the_median_tenfold_and_leaves_dry_digits_dry(unseen):
    model, rainy = load_pretrained("denoiser"), rain(unseen, 0.5)
    error = evaluate(model, rainy, unseen, loss_fn=F.mse_loss).loss
    assert error < F.mse_loss(median(rainy), unseen).item() / 10
    assert evaluate(model, unseen, unseen, loss_fn=F.mse_loss).loss < 1e-3


def test_the_codes_of_the_shipped_vae_lie_as_its_prior_has_them(unseen):
    model = load_pretrained("vae")
    mu, log_var = (part.detach() for part in model.distribution(unseen))
    z = reparameterise(mu, log_var)
    assert z.mean(0).abs().max() < 0.3
    assert (z.std(0) - 1).abs().max() < 0.3
    plain = predict(Part(load_pretrained("autoencoder"), "encode"), unseen)
    assert plain.std(0).min() > 3, "those of the plain autoencoder lie anywhere"
    assert evaluate(model, unseen, unseen, loss_fn=model.loss).loss < 160


def test_the_shipped_generator_draws_every_digit(unseen):
    answers = predict(load_pretrained("cnn"), dream(load_pretrained("generator"), 1000)).argmax(1)
    assert answers.bincount(minlength=10).min() >= 10
