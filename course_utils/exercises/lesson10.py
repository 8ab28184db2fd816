"""Exercises and quiz of lesson 10, Can a network dream digits?"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- code: squeeze pictures into a few numbers and unfold them again ---------------------------


def _code(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return mean + (X - mean) @ axes.T @ axes


def _code_one_row(X: Tensor, mean: Tensor, axes: Tensor) -> Tensor:
    return mean + ((X - mean) @ axes.T)[:, :1] @ axes[:1]


def _code_cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(10)
    three = torch.randint(-4, 5, (3, 3), generator=generator).float()
    planes = torch.tensor([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    return [
        (torch.tensor([[3.0, 1.0]]), torch.zeros(2), torch.tensor([[1.0, 0.0]])),
        (torch.tensor([[3.0, 1.0]]), torch.ones(2), torch.tensor([[0.0, 1.0]])),
        (torch.tensor([[5.0, 0.0], [0.0, 5.0]]), torch.zeros(2), torch.tensor([[0.6, 0.8]])),
        (three, torch.tensor([1.0, -1.0, 2.0]), planes),
        (three, three.mean(dim=0), torch.eye(3)),
    ]


CODE = Exercise(
    title="squeeze and unfold",
    reference=_code,
    cases=_code_cases,
    mistakes=(
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T,
            "These are the codes. They are only half of the way: unfold them again, so that a row "
            "has as many numbers as at the beginning.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes.T @ axes,
            "The mean was taken away before squeezing, and it is still missing. Add it behind the "
            "unfolding.",
        ),
        Mistake(
            lambda X, mean, axes: mean + X @ axes.T @ axes,
            "The mean is added at the end, but it was not taken away at the beginning. So it "
            "counts twice along the axes.",
        ),
        Mistake(
            lambda X, mean, axes: X @ axes.T @ axes,
            "The mean does not appear at all. The axes tell how a picture differs *from the mean*.",
        ),
        Mistake(
            lambda X, mean, axes: X.mean(dim=0) + (X - X.mean(dim=0)) @ axes.T @ axes,
            "You take the mean of the rows that came. The mean that is wanted was given: it "
            "belongs to the training pictures, and one test picture alone would be its own mean.",
        ),
        Mistake(
            lambda X, mean, axes: (X - mean) @ axes,
            "The axes lie in rows, (K, D). To get from D numbers to K, multiply by axes.T.",
        ),
        Mistake(
            lambda X, mean, axes: mean + (X - mean) @ axes.T @ axes.T,
            "Squeezing is right: times axes.T. Unfolding goes back, from K numbers to D: times "
            "axes.",
        ),
        Mistake(
            lambda X, mean, axes: (X + mean) @ axes.T @ axes - mean,
            "The mean is turned round: take it away before squeezing, add it behind the unfolding.",
        ),
        Mistake(
            lambda X, mean, axes: X,
            "Nothing was squeezed: X comes back as it went in. What points along none of the axes "
            "has to be lost.",
        ),
        Mistake(
            lambda X, mean, axes: mean + axes,
            "That is the picture of the code 1, the same for every row. The code has to come from "
            "X.",
        ),
        Mistake(
            _code_one_row,
            "Only the first axis is used. There are K of them, and the product of matrices takes "
            "all at once.",
        ),
    ),
    hints=(
        "Three steps: take the mean away, multiply by one matrix, multiply by another. What is "
        "missing at the end?",
        "Codes: (N, D) times (D, K). Back: (N, K) times (K, D). The axes are (K, D).",
        "codes = (X - mean) @ axes.T; then mean + codes @ axes.",
    ),
    notice="In the last case there were as many axes as numbers, and all came back. With fewer, "
    "what points along none of the axes is lost.",
)

# --- purity: how much do groups know of labels? ------------------------------------------------


def _purity(groups: Tensor, labels: Tensor) -> float:
    right = 0
    for group in groups.unique():
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)


def _purity_unweighted(groups: Tensor, labels: Tensor) -> float:
    shares = [_purity(groups[groups == g], labels[groups == g]) for g in groups.unique()]
    return sum(shares) / len(shares)


def _purity_counts(groups: Tensor, labels: Tensor) -> float:
    return _purity(groups, labels) * len(labels)


def _purity_of_all_numbers(groups: Tensor, labels: Tensor) -> float:
    right = 0
    for group in range(10):
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)


def _purity_divided_by_groups(groups: Tensor, labels: Tensor) -> float:
    return _purity_counts(groups, labels) / len(groups.unique())


def _purity_last_group(groups: Tensor, labels: Tensor) -> float:
    last = groups == groups.max()
    return _purity_counts(groups[last], labels[last]) / len(labels)


def _purity_first_group(groups: Tensor, labels: Tensor) -> float:
    first = groups == groups.min()
    return _purity_counts(groups[first], labels[first]) / len(labels)


def _purity_digits_added(groups: Tensor, labels: Tensor) -> float:
    return sum(labels[groups == g].bincount().argmax().item() for g in groups.unique()) / len(
        labels
    )


def _purity_each_name_once(groups: Tensor, labels: Tensor) -> float:
    right, free = 0, torch.ones(10)
    for group in groups.unique():
        counts = labels[groups == group].bincount(minlength=10) * free
        right += counts.max().item()
        free[counts.argmax()] = 0
    return right / len(labels)


def _purity_per_picture(groups: Tensor, labels: Tensor) -> float:
    return sum(labels[groups == g].bincount().max().item() for g in groups) / len(labels)


def _purity_by_digit(groups: Tensor, labels: Tensor) -> float:
    """Give each digit its commonest group, not the other way round."""
    return _purity(labels, groups)


def _purity_cases() -> list[tuple[Tensor, Tensor]]:
    pairs = [
        ([0, 0, 1], [3, 3, 5]),
        ([0, 0, 0, 1], [3, 3, 5, 5]),
        ([0, 0, 0, 1, 1], [3, 3, 5, 3, 3]),
        ([2, 2, 7, 7, 7, 7], [1, 1, 1, 4, 9, 9]),
        ([4, 0, 4, 0, 4, 4, 9, 4], [4, 8, 8, 8, 4, 9, 9, 0]),
    ]
    return [(torch.tensor(groups), torch.tensor(labels)) for groups, labels in pairs]


PURITY = Exercise(
    title="name the groups, count what is right",
    reference=_purity,
    cases=_purity_cases,
    mistakes=(
        Mistake(
            lambda groups, labels: (groups == labels).float().mean().item(),
            "You compare the number of the group with the digit. The groups come without names: "
            "group 0 may be the threes.",
        ),
        Mistake(
            _purity_unweighted,
            "You take the mean over groups. A small group then counts as much as a large one; add "
            "up the pictures that are right, and divide by all pictures.",
        ),
        Mistake(
            _purity_by_digit,
            "You gave each digit its commonest group. Asked is the other way: give each group its "
            "commonest digit. Two groups may get the same one.",
        ),
        Mistake(
            _purity_counts,
            "That is how many are right. Divide by how many there are.",
        ),
        Mistake(
            lambda groups, labels: labels.bincount().max().item() / len(labels),
            "That is the share of the commonest digit of all. The groups do not appear.",
        ),
        Mistake(
            _purity_of_all_numbers,
            "Somewhere labels[...] is empty, and nothing is the commonest of none. Compare "
            "`groups` (not `labels`) with a number, and only with those of groups.unique().",
        ),
        Mistake(
            _purity_divided_by_groups,
            "You divide by the number of groups. A share of pictures is wanted.",
        ),
        Mistake(
            _purity_last_group,
            "Only one group is counted. Add each to those before: += in place of =, and the return "
            "behind the loop.",
        ),
        Mistake(
            _purity_first_group,
            "Only the first group is counted: the return stands inside the loop, so it ends after "
            "one round.",
        ),
        Mistake(
            _purity_digits_added,
            "argmax() tells *which* digit is the commonest. Add up how often it appears: max().",
        ),
        Mistake(
            _purity_each_name_once,
            "You give each name to one group only. Two groups may have the same commonest digit.",
        ),
        Mistake(
            _purity_per_picture,
            "You go through the pictures, so a large group is counted many times. Go through "
            "groups.unique().",
        ),
        Mistake(
            lambda groups, labels: 1.0,
            "Everything is right, by your count. In each group only the commonest digit is: max() "
            "of its counts, not their sum.",
        ),
        Mistake(
            lambda groups, labels: 100 * _purity(groups, labels),
            "That is right in percent. Wanted is a share, from 0 to 1.",
        ),
        Mistake(
            lambda groups, labels: len(groups.unique()) / len(labels),
            "One for each group: you count the groups, not the pictures that have their group's "
            "commonest digit.",
        ),
    ),
    hints=(
        "Go through the groups. Which labels lie in this one, and how often does the commonest of "
        "them appear?",
        "labels[groups == group] are the labels of one group; .bincount() counts each digit in it; "
        ".max() is how many would be right.",
        "right += labels[groups == group].bincount().max().item(), for each group of "
        "groups.unique(); at the end right / len(labels).",
    ),
    notice="The labels were needed to give the groups names, not to find them. With as many groups "
    "as pictures this share is always 1, so compare it only at the same number of groups.",
)

# --- kl: how far is a cloud from the standard one ----------------------------------------------


def _kl(mu: Tensor, log_var: Tensor) -> Tensor:
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1)


def _kl_cases() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(11)
    wide = float(torch.tensor(4.0).log())  # sigma = 2
    pairs = [
        ([[0.0]], [[0.0]]),
        ([[1.0]], [[0.0]]),
        ([[-2.0]], [[0.0]]),
        ([[0.0]], [[wide]]),
        ([[1.0, 0.0]], [[0.0, -wide]]),
        ([[1.0, 2.0], [0.0, 3.0]], [[-1.0, 0.5], [0.0, -2.0]]),
    ]
    drawn = torch.randn(2, 4, 3, generator=generator).mul(10).round() / 10
    return [(torch.tensor(mu), torch.tensor(log_var)) for mu, log_var in pairs] + [tuple(drawn)]


KL = Exercise(
    title="the distance from the standard cloud, in closed form",
    reference=_kl,
    cases=_kl_cases,
    mistakes=(
        Mistake(
            lambda mu, log_var: (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "Twice as much as it should be: the ½ is missing.",
        ),
        Mistake(
            lambda mu, log_var: -0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1),
            "The sign is turned round. A KL divergence is never below 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 + log_var).sum(dim=1),
            "The logarithm is subtracted: it is large where the cloud is wide, and σ² pays for "
            "that already.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - log_var).sum(dim=1),
            "The −1 is missing. For μ = 0 and σ = 1 the two clouds are one, and the answer is 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu + log_var.exp() - 1 - log_var).sum(dim=1),
            "μ enters squared: a cloud on the left is as far away as one on the right.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (log_var / 2).exp() - 1 - log_var).sum(dim=1),
            "exp(log_var / 2) is σ. The formula wants σ², and that is exp(log_var).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - 2 * log_var).sum(dim=1),
            "You took log_var for ln σ. It is ln σ², so σ² is its exponential.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + (2 * log_var).exp() - 1 - log_var).sum(dim=1),
            "log_var.exp() is σ² already, and you square it once more.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var.log()).sum(dim=1),
            "ln σ² is log_var itself. It needs no other logarithm.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() + 1 - log_var).sum(dim=1),
            "The 1 is subtracted. For μ = 0 and σ = 1 the two clouds are one, and the answer is 0.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * ((mu**2 + log_var.exp() - log_var).sum(dim=1) - 1),
            "The −1 belongs to each number of the code. You subtract it once for all of them: put "
            "it into the sum.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (2 * mu + log_var.exp() - 1 - log_var).sum(dim=1),
            "mu * 2 is twice μ. μ² is mu**2.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var**2 - 1 - 2 * log_var.log()).sum(dim=1),
            "You took log_var for σ. It is ln σ²: σ² is log_var.exp(), and ln σ² is there already.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var - 1 - log_var.log()).sum(dim=1),
            "You took log_var for σ². It is ln σ²: σ² is log_var.exp(), and ln σ² needs no other "
            "logarithm.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var),
            "Right for each number of the code. Their sum is wanted, one number for each picture: "
            ".sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(dim=1),
            "You take the mean over the numbers of the code. Independent directions add up.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=0),
            "You added up the pictures. dim=0 is the batch, dim=1 are the numbers of a code.",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(),
            "You added up everything. One number for each picture is wanted: .sum(dim=1).",
        ),
        Mistake(
            lambda mu, log_var: 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1).mean(),
            "That is the mean over the batch. Here one number for each picture is wanted.",
        ),
    ),
    hints=(
        "Write the four terms in the bracket one after the other. Which of them do you have, and "
        "which needs exp()?",
        "σ² is log_var.exp(), ln σ² is log_var itself. Sum over the numbers of the code, the last "
        "axis.",
        "0.5 * (mu**2 + log_var.exp() - 1 - log_var), and .sum(dim=1) behind the bracket.",
    ),
    notice="It is 0 for μ = 0 and σ = 1 only. A cloud that shrinks to a point, σ → 0, costs as "
    "much as you like: this keeps the encoder from giving every picture a point of its own.",
)

# --- elbo: find the mistakes in a variational autoencoder's loss -------------------------------


def _elbo(
    x: Tensor,
    mu: Tensor,
    log_var: Tensor,
    noise: Tensor,
    decode: Callable[[Tensor], Tensor],
    *,
    half: bool = True,
    all_pixels: bool = True,
    sign: int = 1,
    weight: float = 1.0,
) -> Tensor:
    """Return the loss; each switch puts one of the mistakes back."""
    sigma = (log_var / (2 if half else 1)).exp()
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="none")
    pixels = pixels.sum(dim=1) if all_pixels else pixels.mean()
    kl = 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)
    return (pixels + sign * weight * kl).mean()


def _elbo_reference(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, decode)


def _elbo_with(**mistakes: object) -> Callable:
    return lambda x, mu, log_var, noise, decode: _elbo(x, mu, log_var, noise, decode, **mistakes)


def _elbo_sum(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
    return len(x) * _elbo(x, mu, log_var, noise, decode)


def _elbo_no_noise(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, torch.zeros_like(noise), decode)


def _elbo_each(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable) -> Tensor:
    rows = [part[:, None] for part in (x, mu, log_var, noise)]
    return torch.stack([_elbo(*row, decode) for row in zip(*rows, strict=True)])


def _elbo_pixels_over_batch(
    x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable
) -> Tensor:
    """Add up the pixels of the whole batch, and the mean of the divergences once."""
    sigma = (log_var / 2).exp()
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="sum")
    return (pixels + 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)).mean()


def _elbo_halved(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    sigma = log_var.exp() / 2
    pixels = F.binary_cross_entropy(decode(mu + sigma * noise), x, reduction="none").sum(dim=1)
    return (pixels + 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)).mean()


def _elbo_kl_mean(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, decode, weight=1 / mu.shape[1])


def _elbo_sigmoid_twice(x: Tensor, mu: Tensor, log_var: Tensor, noise: Tensor, decode: Callable):
    return _elbo(x, mu, log_var, noise, lambda z: torch.sigmoid(decode(z)))


def blank(z: Tensor) -> Tensor:
    """Decode every code into two pixels of one half."""
    return torch.full((len(z), 2), 0.5)


def tilted(z: Tensor) -> Tensor:
    """Decode a code into three pixels, of which its first number tells how dark they are."""
    return torch.sigmoid(z[:, :1] * torch.tensor([[1.0, -1.0, 0.5]]) + 0.25)


def _elbo_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(12)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator).mul(10).round() / 10

    one, ink = torch.ones(1, 1), torch.tensor([[1.0, 0.0]])
    return [
        (ink, 0 * one, 0 * one, 0 * one, blank),
        (ink, 2 * one, 0 * one, 0 * one, blank),
        (torch.tensor([[1.0, 0.0, 1.0]]), 0 * one, -2 * one, one, tilted),
        (drawn(4, 3).clamp(0, 1), drawn(4, 2), drawn(4, 2), drawn(4, 2), tilted),
        (drawn(2, 3).clamp(0, 1), drawn(2, 3), drawn(2, 3), drawn(2, 3), tilted),
    ]


ELBO = Exercise(
    title="find the mistakes: the loss of a variational autoencoder, wrong in three places",
    reference=_elbo_reference,
    cases=_elbo_cases,
    mistakes=(
        Mistake(
            _elbo_with(half=False, all_pixels=False, sign=-1),
            "That is the snippet as it was. Start with the first case: two pixels of one "
            "half cost ln 2 each, so 2 · 0.693 together.",
        ),
        Mistake(
            _elbo_with(half=False, all_pixels=False),
            "The sign is mended. Two are left: what is σ if log_var is ln σ²? And do the pixels "
            "add up, as the divergence does?",
        ),
        Mistake(
            _elbo_with(half=False, sign=-1),
            "The pixels are mended. Two are left: what is σ if log_var is ln σ²? And should a "
            "larger divergence lower the loss?",
        ),
        Mistake(
            _elbo_with(all_pixels=False, sign=-1),
            "σ is mended. Two are left: do the pixels add up, as the divergence does? And should "
            "a larger divergence lower the loss?",
        ),
        Mistake(
            _elbo_with(half=False),
            "Sign and pixels are mended. log_var is ln σ², so half of it is ln σ: "
            "σ = (log_var / 2).exp().",
        ),
        Mistake(
            _elbo_with(all_pixels=False),
            "Sign and σ are mended. The pixels are still a mean: for a digit that makes them 784 "
            'times too light beside the divergence. Use reduction="none" and .sum(dim=1).',
        ),
        Mistake(
            _elbo_with(sign=-1),
            "Pixels and σ are mended. The divergence is still subtracted: so the further the "
            "clouds fly away, the lower the loss.",
        ),
        Mistake(
            _elbo_halved,
            "exp(log_var) / 2 is half of σ². Take the half first, and then exp: "
            "(log_var / 2).exp().",
        ),
        Mistake(
            _elbo_kl_mean,
            "The numbers of the code are averaged. Independent directions add up: .sum(dim=1), as "
            "in the snippet.",
        ),
        Mistake(
            _elbo_sigmoid_twice,
            "decode gives probabilities already. binary_cross_entropy_with_logits takes the "
            "sigmoid once more; use binary_cross_entropy.",
        ),
        Mistake(
            _elbo_with(weight=0.0),
            "The divergence is gone altogether. What is left is an autoencoder with noise in it.",
        ),
        Mistake(
            _elbo_with(weight=0.5),
            "Nearly. The ½ of the divergence counts twice.",
        ),
        Mistake(
            _elbo_with(weight=2.0),
            "Nearly. The ½ of the divergence is missing.",
        ),
        Mistake(
            _elbo_sum,
            "Right for one picture. For a batch the *mean* over its pictures is wanted, so that "
            "the learning rate need not change with the size of the batch.",
        ),
        Mistake(
            _elbo_no_noise,
            "The noise is not used: z = μ. That was right in the snippet: z = μ + σ · noise.",
        ),
        Mistake(
            _elbo_each,
            "Right for each picture. The mean over the batch is missing: one number is wanted.",
        ),
        Mistake(
            _elbo_pixels_over_batch,
            'reduction="sum" adds up the pixels of all pictures, so they grow with the batch and '
            'the divergence does not. Add up each picture by itself: reduction="none", then '
            ".sum(dim=1).",
        ),
    ),
    hints=(
        "One mistake in the first line, one in the third, one in the last. The first case needs "
        "only the third line.",
        "σ = exp(½ ln σ²). The pixels of one picture add up. Loss = pixels + divergence.",
        'sigma = (log_var / 2).exp(); reduction="none" and .sum(dim=1) behind it; '
        "(pixels + kl).mean().",
    ),
    notice="None of the three raises an error, and with each of them the loss falls during "
    "training. A case that you can compute by hand finds what a falling curve hides.",
)

# --- gan: the two losses of a generator and a discriminator ------------------------------------

BCE = F.binary_cross_entropy_with_logits


def _says(logits: Tensor, label: float) -> Tensor:
    """Return the mean cross-entropy of logits if all of them should have said `label`."""
    return BCE(logits, torch.full_like(logits, label))


def _gan(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    loss_d = _says(D(real), 1) + _says(D(fake.detach()), 0)
    return loss_d, _says(D(fake), 1)


def _gan_no_detach(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    return _says(D(real), 1) + _says(D(fake), 0), _says(D(fake), 1)


def _gan_losses(
    D: nn.Module,
    G: nn.Module,
    real: Tensor,
    z: Tensor,
    *,
    labels: tuple[float, float] = (1, 0),
    wish: float = 1,
    share: tuple[float, float] = (1, 1),
    sign: float = 1,
) -> tuple[Tensor, Tensor]:
    """Return both losses; the settings put one of the mistakes in."""
    fake = G(z)
    loss_d = share[0] * _says(D(real), labels[0]) + share[1] * _says(D(fake.detach()), labels[1])
    return loss_d, sign * _says(D(fake), wish)


def _gan_with(**mistakes: object) -> Callable:
    return lambda D, G, real, z: _gan_losses(D, G, real, z, **mistakes)


def _gan_cut_off(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z).detach()
    return _says(D(real), 1) + _says(D(fake), 0), _says(D(fake), 1)


def _gan_deaf(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Cut off what the discriminator says of the fakes, and not the fakes."""
    fake = G(z)
    return _says(D(real), 1) + _says(D(fake).detach(), 0), _says(D(fake), 1)


def _gan_blind(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    fake = G(z)
    return _says(D(real).detach(), 1) + _says(D(fake.detach()), 0), _says(D(fake), 1)


def _gan_one_mean(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    logits = torch.cat([D(real), D(G(z).detach())])
    labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(z), 1)])
    return BCE(logits, labels), _says(D(G(z)), 1)


def _gan_numbers(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[float, float]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d.item(), loss_g.item()


def _gan_both_in_one(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> Tensor:
    return sum(_gan(D, G, real, z))


def _gan_swapped(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    return _gan(D, G, real, z)[::-1]


def _gan_squeezed_twice(
    D: nn.Module, G: nn.Module, real: Tensor, z: Tensor
) -> tuple[Tensor, Tensor]:
    return _gan(nn.Sequential(D, nn.Sigmoid()), G, real, z)


def _gan_no_logits(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    real_logits, fake_logits = D(real), D(G(z))
    loss_d = F.binary_cross_entropy(real_logits, torch.ones_like(real_logits))
    return loss_d, F.binary_cross_entropy(fake_logits, torch.ones_like(fake_logits))


def _gan_also_real(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, loss_g = _gan(D, G, real, z)
    return loss_d, loss_g + _says(D(real), 0)


def _gan_same_loss(D: nn.Module, G: nn.Module, real: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    loss_d, _ = _gan_no_detach(D, G, real, z)
    return _gan(D, G, real, z)[0], -loss_d


def _both_losses(
    answer: Callable[[nn.Module, nn.Module, Tensor, Tensor], object],
    d_weight: float,
    g_weight: float,
    real: Tensor,
    z: Tensor,
) -> dict[str, object]:
    """Return both losses, and how strongly they pull at the weights."""
    D, G = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(D.weight, d_weight)
    nn.init.constant_(G.weight, g_weight)
    losses = answer(D, G, real, z)
    if not isinstance(losses, tuple | list) or len(losses) != 2:
        kind = type(losses).__name__
        raise ValueError(f"two losses were wanted, (loss_d, loss_g); a {kind} came")
    if not all(isinstance(loss, Tensor) for loss in losses):
        raise ValueError("the losses are plain numbers; leave them as tensors, without .item()")
    loss_d, loss_g = losses
    pulls = [_slope(loss, G.weight) for loss in losses]
    return {
        "the discriminator's loss": _rounded(loss_d),
        "the generator's loss": _rounded(loss_g),
        "slope of the discriminator's loss for its weight": _slope(loss_d, D.weight),
        "slope of the discriminator's loss for the generator's weight": pulls[0],
        "slope of the generator's loss for its weight": pulls[1],
    }


def _slope(loss: Tensor, weight: Tensor) -> float:
    if not loss.requires_grad:
        return 0.0
    (slope,) = torch.autograd.grad(loss, weight, retain_graph=True, allow_unused=True)
    return 0.0 if slope is None else _rounded(slope)


def _rounded(number: Tensor) -> float:
    return round(number.item(), 3) + 0.0  # -0.0 looks odd


def _gan_cases() -> list[tuple[float, float, Tensor, Tensor]]:
    column = [[[1.0]], [[2.0], [1.0]], [[3.0], [-1.0], [0.5]]]
    one, two, three = (torch.tensor(numbers) for numbers in column)
    return [
        (0.0, 1.0, one, one),
        (1.0, 2.0, one, one),
        (2.0, -1.0, two, one),
        (-1.0, 0.5, two, three),
    ]


GAN = Exercise(
    title="both losses of the game",
    reference=_gan,
    cases=_gan_cases,
    apply=_both_losses,
    names=("D(x) = d·x, G(z) = g·z with d", "g", "real", "z"),
    mistakes=(
        Mistake(
            _gan_no_detach,
            "Both losses are right. But the discriminator's loss pulls at the generator, too, and "
            "in the wrong direction: it would teach the forger to be caught. Cut it off: "
            "D(fake.detach()).",
        ),
        Mistake(
            _gan_cut_off,
            "The fakes are cut off for both. Then the generator learns nothing at all: only the "
            "discriminator's loss wants fake.detach().",
        ),
        Mistake(
            _gan_deaf,
            "Both losses are right, but you cut off what D *says* of the fakes, so D learns "
            "nothing from them. Cut off the fakes before D sees them: D(fake.detach()).",
        ),
        Mistake(
            _gan_blind,
            "Both losses are right, but D(real) is cut off, so D learns nothing from real ones. "
            "Only the fakes want detach().",
        ),
        Mistake(
            _gan_one_mean,
            "You take one mean over real and fake pictures together. Wanted is the sum of two "
            "means, one over the real ones and one over the fakes.",
        ),
        Mistake(
            _gan_numbers,
            "The losses are right, but as plain numbers they have no slope. Leave them as tensors.",
        ),
        Mistake(
            _gan_both_in_one,
            "Two losses are wanted, for two optimizers: return loss_d, loss_g.",
        ),
        Mistake(
            _gan_with(labels=(0, 1)),
            "The discriminator's labels are swapped: real pictures should get a 1, fakes a 0.",
        ),
        Mistake(
            _gan_with(wish=0),
            "The generator's label is 1: it wishes that its fakes were taken for real. With 0 it "
            "would learn to be caught.",
        ),
        Mistake(
            _gan_with(wish=0, sign=-1),
            "That is the game as it was first written down: the generator raises the "
            "discriminator's loss. It has the same goal, but hardly a slope where the fakes are "
            "still bad. Use the cross-entropy with the label 1.",
        ),
        Mistake(
            _gan_same_loss,
            "The generator takes the whole of the discriminator's loss, with the sign turned "
            "round. The goal is the same, but where the fakes are still bad there is hardly a "
            "slope. Use the cross-entropy of D(fake) with the label 1.",
        ),
        Mistake(
            _gan_with(share=(1, 0)),
            "The discriminator is never shown a fake. To call everything real would be its best "
            "answer.",
        ),
        Mistake(
            _gan_with(share=(0, 1)),
            "The discriminator is never shown a real picture. To call everything a fake would be "
            "its best answer.",
        ),
        Mistake(
            _gan_with(share=(0.5, 0.5)),
            "Right but for a factor: here the two parts of the discriminator's loss are added, not "
            "averaged.",
        ),
        Mistake(
            _gan_swapped,
            "The two losses are swapped: the discriminator's comes first.",
        ),
        Mistake(
            _gan_squeezed_twice,
            "D gives logits, and binary_cross_entropy_with_logits takes the sigmoid itself. With "
            "another sigmoid before it the scores are squeezed twice.",
        ),
        Mistake(
            _gan_no_logits,
            "binary_cross_entropy wants probabilities. D gives logits: use "
            "binary_cross_entropy_with_logits.",
        ),
        Mistake(
            _gan_also_real,
            "The generator has no part in real pictures. Its loss is about its fakes only.",
        ),
    ),
    hints=(
        "Three cross-entropies: D(real), D(fake) for the discriminator, D(fake) for the generator. "
        "Which label does each want?",
        "The discriminator wants real 1, fake 0. The generator wants fake 1. Let no slope of the "
        "first loss reach G.",
        "loss_d = bce(D(real), ones) + bce(D(fake.detach()), zeros); loss_g = bce(D(fake), ones); "
        "torch.ones_like(logits) makes the ones.",
    ),
    notice="The same fake stands in both losses with opposite labels. That is the whole game: what "
    "lowers one loss raises a part of the other. Where D is undecided, the losses are 2 ln 2 "
    "and ln 2.",
)

EXERCISES = {"code": CODE, "purity": PURITY, "kl": KL, "elbo": ELBO, "gan": GAN}

QUIZ = [
    Question(
        "An autoencoder is trained on 4,000 digits. Which labels does it need?",
        (
            "None: the picture that goes in is the answer that is wanted.",
            "The narrow middle makes this hard: all that is to come out must pass through it.",
        ),
        (
            (
                "The ten digits, as for any reader.",
                "The labels are never shown to it. In the lesson they told us, afterwards, what "
                "lies where.",
            ),
            (
                "The codes: somebody has to say which two numbers belong to a picture.",
                "Nobody knows them. They are found by training, like what a hidden layer says.",
            ),
            (
                "None, since it is not trained.",
                "It is, by the same loop as ever. The loss compares the picture that comes out "
                "with the picture that went in.",
            ),
        ),
        place=2,
    ),
    Question(
        "A linear autoencoder (two layers, no activation) squeezes digits into 2 numbers. Can its "
        "error on the training digits be lower than that of PCA with 2 numbers?",
        (
            "No. It can come as near as you like, and never below.",
            "PCA is the best straight squeeze for the pictures it was computed from. It takes "
            "bends to be better: a nonlinear activation.",
        ),
        (
            (
                "Yes, if it is trained for long enough.",
                "Long training brings it nearer to PCA. Without an activation it is a product of "
                "matrices, and no such product is better.",
            ),
            (
                "Yes: it has more parameters.",
                "More parameters, but the same set of functions: two layers without a bend make "
                "one.",
            ),
            (
                "No, since gradient descent always ends in a bad minimum.",
                "It ends near PCA here. The reason is another: nothing straight is better than "
                "PCA.",
            ),
        ),
        place=0,
    ),
    Question(
        "A denoiser was trained on digits in the rain. You rain on a drawing of a house. What will "
        "it give back?",
        (
            "The house, nearly dry.",
            "From its pairs it has learned what rain looks like, in small windows. Of digits it "
            "knows little; it even washes thin slanted strokes out of them.",
        ),
        (
            (
                "A digit that resembles the house.",
                "That is the autoencoder: everything it draws comes out of two numbers that tell "
                "digits apart. The denoiser has no such narrow place.",
            ),
            (
                "The house in the rain, as it was: it has only seen digits.",
                "Rain on a house looks like rain on a digit, at least in small windows.",
            ),
            (
                "The mean of all training digits.",
                "Only a network without any information from its input would answer that.",
            ),
        ),
        place=1,
    ),
    Question(
        "The encoder says μ = 2 and σ = 1 for a picture, code of one number. What is the KL "
        "divergence from the standard normal distribution?",
        (
            "2",
            "½ (2² + 1 − 1 − ln 1) = ½ · 4 = 2 nats.",
        ),
        (
            ("0", "That would be μ = 0, σ = 1: both clouds the same."),
            ("4", "That is μ². The formula has a ½ before it."),
            ("1", "μ counts squared: ½ · 2², not ½ · 2."),
        ),
        place=3,
    ),
    Question(
        "Why is z = μ + σ · ε written, with ε drawn at random, and not z drawn from the cloud "
        "directly?",
        (
            "So that z depends on μ and σ by plain arithmetic, and a slope reaches the encoder.",
            "The chance is in ε alone, and no weight has a part in ε. The numbers z are the same "
            "either way.",
        ),
        (
            (
                "So that the numbers come out differently distributed.",
                "They are distributed exactly as before. Only the path back is different.",
            ),
            (
                "Because it is faster.",
                "It takes as long. What counts is the way back.",
            ),
            (
                "So that the decoder sees no noise.",
                "It does see it, and must get along with it: whole neighbourhoods have to decode "
                "into the same digit.",
            ),
        ),
        place=0,
    ),
    Question(
        "You train a GAN. For the last ten epochs neither loss has fallen. What do you do?",
        (
            "Look at the samples: with two that play against each other, the losses do not tell "
            "how good they are.",
            "If both get better at the same pace, both losses stay where they are.",
        ),
        (
            (
                "Stop: it has learned nothing since then.",
                "That would be right for a reader. Here each loss is measured against the other "
                "player, who learns as well.",
            ),
            (
                "Wait until the generator's loss is 0.",
                "That would mean that the discriminator has given up. Then nobody teaches the "
                "generator any more.",
            ),
            (
                "Raise the learning rate until they fall.",
                "They need not fall at all. Higher rates often end the balance of the two.",
            ),
        ),
        place=1,
    ),
    Question(
        "All samples of a GAN are good ones, and every one of them is a 1. How do you notice, and "
        "what is it called?",
        (
            "Count the classes among many samples: mode collapse.",
            "The discriminator judges one picture at a time, and each of them is good. Only many "
            "together show what is missing.",
        ),
        (
            (
                "By the discriminator's loss: overfitting.",
                "The loss need not show it. And the training digits are not learned by heart here: "
                "most of them are never drawn.",
            ),
            (
                "By the error of each picture: underfitting.",
                "There is no picture to compare a sample with, and each by itself is good.",
            ),
            (
                "By the accuracy on the test digits: distribution shift.",
                "A generator reads nothing, so it has no accuracy.",
            ),
        ),
        place=2,
    ),
]
