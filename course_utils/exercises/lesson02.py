"""Exercises and quiz of lesson 02, How sure is the neuron?"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.exercises.engine import Exercise, Mistake
from course_utils.exercises.quiz import Question

# --- slope: the sigmoid's slope from its output ------------------------------------------------


def _slope(y_hat: Tensor) -> Tensor:
    return y_hat * (1 - y_hat)


def _slope_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1)
    return [
        (torch.tensor([0.8]),),
        (torch.tensor([0.5, 0.2]),),
        (torch.tensor([0.1, 0.9]),),
        (torch.rand(6, generator=generator),),
    ]


SLOPE = Exercise(
    title="the slope of the sigmoid from its output",
    reference=_slope,
    cases=_slope_cases,
    mistakes=(
        Mistake(
            lambda y_hat: torch.sigmoid(y_hat) * (1 - torch.sigmoid(y_hat)),
            "You put the output through the sigmoid once more. y_hat is σ(z) already.",
        ),
        Mistake(
            lambda y_hat: 1 - y_hat**2,
            "That is the slope of tanh. For the sigmoid it is g(1 − g).",
        ),
        Mistake(
            lambda y_hat: y_hat * (y_hat - 1),
            "The sign is turned: the sigmoid rises everywhere, so its slope is never negative.",
        ),
        Mistake(
            lambda y_hat: 1 - y_hat,
            "One factor is missing: the slope is g times (1 − g). Where the output is near 0 the "
            "sigmoid is flat too.",
        ),
        Mistake(
            lambda y_hat: y_hat * 1 - y_hat,
            "A pair of brackets is missing: Python multiplies first, so y_hat * 1 - y_hat is 0.",
        ),
        Mistake(
            lambda y_hat: (y_hat * (1 - y_hat)).mean(),
            "You put all outputs into one number. Wanted is a slope for each output.",
        ),
        Mistake(
            lambda y_hat: (y_hat * (1 - y_hat)).sum(),
            "You add the slopes up. Wanted is a slope for each output.",
        ),
        Mistake(
            lambda y_hat: (y_hat * (1 - y_hat))[0],
            "Only the first slope comes back. A return inside a loop ends the function in its "
            "first round. You need no loop: a tensor is worked on number by number.",
        ),
        Mistake(lambda y_hat: y_hat, "You return the output itself. Wanted is the slope there."),
    ),
    hints=(
        "Look at the table of activations: which of the slopes can be written with g alone?",
        "σ′(z) = σ(z)(1 − σ(z)), and σ(z) is what you were given.",
        "One line: the output times (1 − the output).",
    ),
    notice="The slope is largest, 1/4, where the output is 1/2, and almost 0 where the neuron is "
    "sure. This product comes back in every chain rule through a sigmoid.",
)

# --- gradient: all students at once ------------------------------------------------------------


def _gradient(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (torch.sigmoid(X @ w) - y) / len(y)


def _gradient_sum(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (torch.sigmoid(X @ w) - y)


def _gradient_sign(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return -_gradient(w, X, y)


def _gradient_no_sigmoid(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ (X @ w - y) / len(y)


def _gradient_threshold(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return X.T @ ((X @ w >= 0).to(X.dtype) - y) / len(y)


def _gradient_squared(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(X @ w)
    return X.T @ (2 * (y_hat - y) * y_hat * (1 - y_hat)) / len(y)


def _gradient_half_squared(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _gradient_squared(w, X, y) / 2


def _gradient_by_weights(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _gradient_sum(w, X, y) / len(w)


def _gradient_first(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _gradient_sum(w, X[:1], y[:1]) / len(y)


def _gradient_step(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return w - _gradient(w, X, y)


def _gradient_one_number(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return (X.T * (torch.sigmoid(X @ w) - y)).mean()


def _gradient_wrong_axis(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return (X.T * (torch.sigmoid(X @ w) - y)).mean(0)


def _gradient_column(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return _gradient(w, X, y)[:, None]


def _gradient_without_x(w: Tensor, X: Tensor, y: Tensor) -> Tensor:
    return (torch.sigmoid(X @ w) - y).mean().expand(len(w))


def _gradient_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(3)
    X = torch.cat([torch.ones(12, 1), torch.randn(12, 3, generator=generator)], dim=1)
    return [
        (torch.zeros(2), torch.tensor([[1.0, 2.0]]), torch.tensor([1.0])),
        (
            torch.tensor([0.0, 1.0]),
            torch.tensor([[1.0, 2.0], [1.0, -1.0]]),
            torch.tensor([1.0, 0.0]),
        ),
        (torch.randn(4, generator=generator), X, (torch.arange(12) % 2).float()),
        (torch.randn(4, generator=generator), X[:4], torch.ones(4)),  # as many rows as weights
    ]


GRADIENT = Exercise(
    title="the gradient of the loss, without a loop",
    reference=_gradient,
    cases=_gradient_cases,
    mistakes=(
        Mistake(
            _gradient_sum,
            "You forgot the mean: divide by the number of students. Otherwise a learning rate that "
            "suits 100 students is far too large for 10,000.",
        ),
        Mistake(
            _gradient_sign,
            "The sign is turned. The gradient points uphill, so it is (ŷ − y)x; the minus comes "
            "later, in the step.",
        ),
        Mistake(
            _gradient_no_sigmoid,
            "You compare y with the net input z. The error is ŷ − y with ŷ = σ(z).",
        ),
        Mistake(
            _gradient_threshold,
            "You compare y with the hard answer 0 or 1: that is the perceptron's rule. Here ŷ is "
            "the probability σ(z).",
        ),
        Mistake(
            _gradient_squared,
            "That is the gradient of the squared error. With the cross-entropy the factor "
            "ŷ(1 − ŷ) cancels.",
        ),
        Mistake(
            _gradient_half_squared,
            "You multiply by the slope ŷ(1 − ŷ) of the sigmoid. With the cross-entropy it cancels: "
            "the error ŷ − y alone is multiplied with the inputs.",
        ),
        Mistake(
            _gradient_by_weights,
            "You divide by the number of weights. A mean over students divides by the number of "
            "students, len(y).",
        ),
        Mistake(
            _gradient_first,
            "Only the first student counts in yours. A return inside a loop ends the function in "
            "its first round; X.T @ errors needs no loop.",
        ),
        Mistake(
            _gradient_step,
            "You have made a step already: w minus the gradient. Wanted is the gradient alone.",
        ),
        Mistake(
            _gradient_one_number,
            "You take the mean over everything. Wanted is one slope for each weight: a mean over "
            "the students only.",
        ),
        Mistake(
            _gradient_wrong_axis,
            "You take the mean over the weights, and get a number for each student. Take it over "
            "the students, to get a number for each weight.",
        ),
        Mistake(
            _gradient_column,
            "The numbers are right, but they stand in a column, (D, 1). Wanted is (D,), like w.",
        ),
        Mistake(
            _gradient_without_x,
            "You give every weight the mean error. Each weight's slope is the mean of the error "
            "times its own input.",
        ),
    ),
    hints=(
        "First the errors ŷ − y of all students, shape (N,). What is each of them multiplied with?",
        "Errors times rows, added up: X.T @ errors. Then divide by N.",
        "X.T @ (torch.sigmoid(X @ w) - y), divided by len(y).",
    ),
    notice="Check the shapes: (D, N) @ (N,) gives (D,), one slope for each weight. The shape "
    "alone almost writes the formula. (A loop gives the same numbers, only far more slowly.)",
)

# --- stable: a loss from logits that does not break --------------------------------------------


def _stable(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()


def _stable_naive(z: Tensor, y: Tensor) -> Tensor:
    y_hat = torch.sigmoid(z)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()


def _stable_clamped(z: Tensor, y: Tensor) -> Tensor:
    return F.binary_cross_entropy(torch.sigmoid(z), y)


def _stable_overflows_below(z: Tensor, y: Tensor) -> Tensor:
    return (torch.log1p(torch.exp(-z)) + (1 - y) * z).mean()


def _stable_overflows_above(z: Tensor, y: Tensor) -> Tensor:
    return (torch.log1p(torch.exp(z)) - y * z).mean()


def _stable_sum(z: Tensor, y: Tensor) -> Tensor:
    return _stable(z, y) * len(y)


def _stable_without_y(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) + _bend(z)).mean()


def _bend(z: Tensor) -> Tensor:
    return torch.log1p(torch.exp(-z.abs()))


def _stable_not_the_mean(z: Tensor, y: Tensor) -> Tensor:
    return z.clamp(min=0) - y * z + _bend(z)


def _stable_plus(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) + y * z + _bend(z)).mean()


def _stable_y_alone(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y + _bend(z)).mean()


def _stable_without_bend(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z).mean()


def _stable_log(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z + torch.log(torch.exp(-z.abs()))).mean()


def _stable_one_twice(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z + torch.log1p(1 + torch.exp(-z.abs()))).mean()


def _stable_max_below(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(max=0) - y * z + _bend(z)).mean()


def _stable_exp_up(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(z.abs()))).mean()


def _stable_by_cases(z: Tensor, y: Tensor) -> Tensor:
    return torch.where(y == 1, torch.log1p(torch.exp(-z)), torch.log1p(torch.exp(z))).mean()


def _stable_sigmoid_twice(z: Tensor, y: Tensor) -> Tensor:
    return _stable(torch.sigmoid(z), y)


def _stable_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(4)
    pairs = [(0.0, 1.0), (2.0, 1.0), (2.0, 0.0), (20.0, 1.0), (200.0, 0.0), (-200.0, 1.0)]
    small = [(torch.tensor([z]), torch.tensor([y])) for z, y in pairs]
    many = (30 * torch.randn(12, generator=generator), (torch.arange(12) % 2).float())
    return [*small, many]


STABLE = Exercise(
    title="a loss that does not break",
    reference=_stable,
    cases=_stable_cases,
    mistakes=(
        Mistake(
            _stable_naive,
            "You go through ŷ = σ(z). At z = 20 it is exactly 1 in 32 bits, and the logarithm of "
            "1 − ŷ is −∞. Stay with z.",
        ),
        Mistake(
            _stable_clamped,
            "PyTorch's loss for probabilities cuts logarithms off at −100: no crash, but the loss "
            "of a very wrong student is too small. Stay with z.",
        ),
        Mistake(
            _stable_overflows_below,
            "The formula is right, but exp(−z) overflows for very negative z. Use "
            "exp(−|z|) and max(z, 0).",
        ),
        Mistake(
            _stable_overflows_above,
            "The formula is right, but exp(z) overflows for large z. Use exp(−|z|) and max(z, 0).",
        ),
        Mistake(
            _stable_by_cases,
            "The two formulas are right, but exp overflows where its argument is large. Use "
            "exp(−|z|) and max(z, 0).",
        ),
        Mistake(_stable_sum, "You add the losses up; take their mean."),
        Mistake(
            _stable_not_the_mean,
            "The losses are right, one for each student. Wanted is their mean.",
        ),
        Mistake(_stable_plus, "A sign is turned: the term y·z is subtracted."),
        Mistake(
            _stable_y_alone,
            "You subtract y; the term is y times z.",
        ),
        Mistake(
            _stable_without_bend,
            "The third term, ln(1 + exp(−|z|)), is missing. It matters where z is near 0.",
        ),
        Mistake(
            _stable_log,
            "ln(exp(−|z|)) is just −|z|. The 1 is missing: ln(1 + exp(−|z|)), which torch.log1p "
            "works out.",
        ),
        Mistake(
            _stable_one_twice,
            "You add 1 twice: torch.log1p(a) is ln(1 + a) already.",
        ),
        Mistake(
            _stable_max_below,
            "z.clamp(max=0) cuts off what lies above 0. max(z, 0) is z.clamp(min=0).",
        ),
        Mistake(
            _stable_exp_up,
            "The minus in exp(−|z|) is missing: yours grows with |z| and overflows.",
        ),
        Mistake(
            _stable_sigmoid_twice,
            "You put z through the sigmoid first. The form takes z itself.",
        ),
        Mistake(
            _stable_without_y,
            "The labels have no part in yours: the term −y·z is missing, so that every student "
            "counts as failed.",
        ),
    ),
    hints=(
        "Three terms, and none of them may overflow or take the logarithm of 0.",
        "max(z, 0) − y·z + ln(1 + exp(−|z|)), then the mean.",
        "(z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))) and .mean().",
    ),
    notice="exp(−|z|) lies between 0 and 1 whatever z is. Making the argument of exp never "
    "positive is the whole trick; lesson 03 uses it again for ten classes.",
)

# --- train: find the two mistakes --------------------------------------------------------------


def _train_by(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int, **flaws: bool) -> Tensor:
    """Gradient descent by autograd, with the flaws that are switched on."""
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        if not flaws.get("keeps_slopes"):
            w.grad = None
        z = X @ w
        z = torch.sigmoid(z) if flaws.get("sigmoid_twice") else z
        F.binary_cross_entropy_with_logits(z, y).backward()
        with torch.no_grad():
            w += (lr if flaws.get("uphill") else -lr) * w.grad
    return w.detach()


def _train(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps)


def _train_handed_in(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, keeps_slopes=True, sigmoid_twice=True)


def _train_keeps(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, keeps_slopes=True)


def _train_twice(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, sigmoid_twice=True)


def _train_uphill(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps, uphill=True)


def _train_sum(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr * len(y), n_steps)


def _train_once(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, 1)


def _train_one_less(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(w, X, y, lr, n_steps - 1)


def _train_from_zero(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return _train_by(torch.zeros_like(w), X, y, lr, n_steps)


def _train_on_probabilities(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy(torch.sigmoid(X @ w), y).backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _train_gives_the_loss(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    before = _train_by(w, X, y, lr, n_steps - 1)
    return F.binary_cross_entropy_with_logits(X @ before, y)


def _train_forgets_too_late(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(X @ w, y).backward()
    w.grad = None
    return w.detach() - lr * w.grad  # a number times None: TypeError


def _train_records_the_step(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    F.binary_cross_entropy_with_logits(X @ w, y).backward()
    w -= lr * w.grad  # a leaf, changed in place while the record is on: RuntimeError
    return w


def _train_new_tensor(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(n_steps):
        w.grad = None
        F.binary_cross_entropy_with_logits(X @ w, y).backward()
        with torch.no_grad():
            w = w - lr * w.grad  # no slope is wanted for this one: RuntimeError in round two
    return w


def _train_empties_nothing(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    w.grad.zero_()  # None has no zero_: AttributeError
    return w


def _train_nothing(w: Tensor, X: Tensor, y: Tensor, lr: float, n_steps: int) -> Tensor:
    return w.clone()


def _train_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(5)
    X = torch.cat([torch.ones(20, 1), torch.randn(20, 2, generator=generator)], dim=1)
    y = (X[:, 1] + torch.randn(20, generator=generator) > 0).float()
    X_two, y_two = torch.tensor([[1.0, 1.0], [1.0, -2.0]]), torch.tensor([1.0, 0.0])
    return [
        (torch.zeros(2), X_two, y_two, 1.0, 1),
        (torch.zeros(2), X_two, y_two, 1.0, 2),
        (torch.tensor([0.5, -1.0, 1.0]), X, y, 0.5, 10),
        (torch.tensor([0.0, 40.0]), 5 * X_two, 1 - y_two, 1.0, 2),  # z = 200: sure, and wrong
    ]


TRAIN = Exercise(
    title="find the mistake: train with autograd",
    reference=_train,
    cases=_train_cases,
    mistakes=(
        Mistake(
            _train_handed_in,
            "That is still the code that was handed in. The loss gets probabilities where it wants "
            "logits, and old slopes are never forgotten.",
        ),
        Mistake(
            _train_keeps,
            "One of the two is mended. But backward() adds to w.grad: from the second step on you "
            "walk along the sum of all slopes so far. Set w.grad = None before each backward().",
        ),
        Mistake(
            _train_twice,
            "One of the two is mended. But the loss takes logits and applies the sigmoid itself; "
            "you apply it twice. Give it X @ w.",
        ),
        Mistake(
            _train_on_probabilities,
            "You give the loss for probabilities, and while z is small it does the same. But at "
            "z = 200 σ(z) is exactly 1, its slope 0, and the neuron cannot learn from its worst "
            "mistake. Give the loss for logits X @ w.",
        ),
        Mistake(
            _train_uphill,
            "Your steps go uphill: subtract the gradient, do not add it.",
        ),
        Mistake(
            _train_once,
            "Only one step is made, whatever n_steps is. Does your return stand inside the loop?",
        ),
        Mistake(_train_one_less, "You make one step too few. range(n) runs n times."),
        Mistake(
            _train_from_zero,
            "You begin with zeros. Begin with the w that was handed in.",
        ),
        Mistake(
            _train_sum,
            "You take the sum of the losses. The mean was wanted, which the loss takes by itself.",
        ),
        Mistake(
            _train_gives_the_loss,
            "You return the last loss. Wanted are the weights.",
        ),
        Mistake(
            _train_forgets_too_late,
            "You forget the slopes after backward() and before the step that needs them, so w.grad "
            "is None. Forget first: forget, loss, backward, step.",
        ),
        Mistake(
            _train_records_the_step,
            "If the message speaks of an in-place operation: put the step inside torch.no_grad(). "
            "If it says that no tensor requires grad: the copy of w needs requires_grad_().",
        ),
        Mistake(
            _train_new_tensor,
            "Right for one step, then it stops: w = w − … inside torch.no_grad() makes a new "
            "tensor that wants no slope. Change the old one with w -= …",
        ),
        Mistake(
            _train_empties_nothing,
            "If w.grad.zero_() is what stops: in the first round w.grad is still None. Write "
            "w.grad = None, which works in every round.",
        ),
        Mistake(
            _train_nothing,
            "Your weights never change. Are the slopes forgotten after backward() and before "
            "the step?",
        ),
    ),
    hints=(
        "Compare with the four lines of train: forget, loss, backward, step. Which is missing?",
        "The loss wants z, not ŷ; and w.grad must be emptied in each round.",
        "Begin each round with w.grad = None, and give the loss X @ w and y.",
    ),
    notice="Neither mistake raises an error, and the loss falls at first with both. A check "
    "against gradient descent by hand finds them.",
)

EXERCISES = {
    "slope": SLOPE,
    "gradient": GRADIENT,
    "stable": STABLE,
    "train": TRAIN,
}

QUIZ = [
    Question(
        "A neuron has bias 1 and weights (3, −2). How likely is class 1 for it at x = (1, 2)?",
        (
            "0.5: z = 1 + 3 − 4 = 0.",
            "The point lies on the line where the neuron is undecided.",
        ),
        (
            ("0: z = 0.", "z is the logit. The probability is σ(0) = 1/2."),
            ("About 0.0025.", "That is σ(−6), at the point (−1, 2)."),
            ("1, since z ≥ 0.", "It says 1 there, but with a probability of only 1/2."),
        ),
        place=2,
    ),
    Question(
        "All weights and the bias are multiplied by 10. What changes?",
        (
            "Only how sure the neuron is; the boundary stays.",
            "10z = 0 where z = 0, and σ(10z) is nearer to 0 or 1 everywhere else.",
        ),
        (
            ("The boundary moves away from the origin.", "10z = 0 is the same line as z = 0."),
            ("Nothing at all.", "Yes and no stay the same, the probabilities do not."),
            ("The boundary turns.", "The direction of w stays, and with it the line's."),
        ),
        place=0,
    ),
    Question(
        "The neuron says 0.01 for a student who passed. Why does the cross-entropy teach better?",
        (
            "Its slope in z is about −1 there; the squared error's is almost 0.",
            "The factor ŷ(1 − ŷ), which is tiny here, cancels in the cross-entropy.",
        ),
        (
            ("It is cheaper to compute.", "A logarithm costs more than a square."),
            ("It cannot become infinite.", "It can, for ŷ = 0; the squared error cannot."),
            ("It ignores such students.", "On the contrary: they have the steepest slope."),
        ),
        place=1,
    ),
    Question(
        "The loss jumps up and down and ends higher than it began. What do you try first?",
        (
            "A smaller learning rate.",
            "The steps shoot over the valley. Scaled features help as well.",
        ),
        (
            ("More steps.", "They would shoot over the valley again and again."),
            ("A larger learning rate.", "The steps are too long already."),
            ("The squared error.", "The length of the steps is the problem, not the loss."),
        ),
        place=3,
    ),
    Question(
        "You compute the loss and call backward(), then do both once more, without forgetting in "
        "between. What is in .grad?",
        (
            "The sum of both gradients.",
            "backward() adds. That is why each step begins with zero_grad().",
        ),
        (
            ("The second gradient.", "It would be so if backward() replaced; it adds."),
            ("The mean of both.", "Nothing is divided; they are added."),
            (
                "Nothing: an error is raised.",
                "That would be so for backward() twice through one record. Here the loss was "
                "computed anew, and nothing warns you.",
            ),
        ),
        place=0,
    ),
    Question(
        "A neuron says “90%” in 1,000 cases, and 700 of them come true. It is …",
        (
            "too sure: not calibrated.",
            "A calibrated neuron would be right in about 900 of them.",
        ),
        (
            ("calibrated, since most came true.", "90% said should mean about 90% that come true."),
            ("too timid.", "It claimed more than came true, not less."),
            ("of low accuracy on all data.", "These 1,000 cases alone do not tell that."),
        ),
        place=1,
    ),
]
