# %% [markdown]
# # 05 · Why is training hard, and what helps?
#
# A deeper network can do more. That does not mean that it learns more. This lesson begins with a
# patient: a network whose training goes wrong. You find out why by measuring, and cure it, one cause
# after the other.
#
# **After this lesson you can**
#
# 1. say what a step on a few examples costs and gains, and how step sizes must shrink;
# 2. write SGD, momentum, Adagrad, RMSProp, Adadelta and Adam in a few lines each;
# 3. measure vanishing gradients and dead units, and cure them: activation, start, batch norm;
# 4. tell underfitting from overfitting, and choose between four remedies;
# 5. find a learning rate, and diagnose a broken training from its curves.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
import copy
import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import seed_everything, set_threads
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.clinic import training_clinic
from course_utils.explorers.depth import gradient_thermometer
from course_utils.explorers.lr_finder import lr_finder
from course_utils.explorers.optimizers import optimizer_race
from course_utils.explorers.overfitting import overfitting_slider
from course_utils.figures import draw_lines, figure, log_axis, plot_images, plot_lines, show
from course_utils.ink.augment import vary
from course_utils.models import mlp
from course_utils.training import EarlyStopping, evaluate, find_lr, fit, one_cycle, predict, smooth

set_threads(1)  # the same sums in the same order, however many processors there are
seed_everything(0)

# %% [markdown]
# ## A patient
#
# Take the digits as in lesson 03: scaled, shuffled, an eighth set apart for validation. This lesson
# makes about thirty trainings, so it always takes the sample, even where the full MNIST is there.
# Training goes through `train`, which is `fit` with these data.
#
# The patient is the network of lesson 04 with hidden layers of 200, 100, 60 and 30 units, but with
# sigmoids. It is trained as in lesson 02: a step of fixed size against the slope of the loss.
# PyTorch calls that `SGD`, stochastic gradient descent.
#
# **Predict.** Lesson 03's single layer had 85% of the validation digits right after one epoch. This
# network has 24 times as many weights. What will it have after five epochs: 85%, 93%, or 10%?

# %%
mnist = load_mnist(MNIST_SAMPLE)
print(mnist.description)
X_all, y_all = mnist.train_images[:, None].float() / 255, mnist.train_labels  # (N, 1, 28, 28)
X_test, y_test = mnist.test_images[:, None].float() / 255, mnist.test_labels
order = torch.randperm(len(y_all), generator=torch.Generator().manual_seed(0))
val, rest = order.split([len(y_all) // 8, len(y_all) - len(y_all) // 8])
X_train, y_train, X_val, y_val = X_all[rest], y_all[rest], X_all[val], y_all[val]


def train(model, n_epochs=5, **settings):
    """Train on the training digits, measure on the validation digits; returns the history."""
    return fit(model, (X_train, y_train), val=(X_val, y_val), n_epochs=n_epochs, **settings)


HIDDEN = (200, 100, 60, 30)


def new_network(activation=nn.ReLU, seed=0):
    """Return 784-200-100-60-30-10, with the same weights each time."""
    seed_everything(seed)
    return mlp(HIDDEN, activation)


patient = new_network(nn.Sigmoid)
history = train(patient, lr=0.1, optimizer=torch.optim.SGD)
report("the patient, after five epochs", history.last["val_accuracy"], 0.06, 0.15, percent=True)
report("its loss", history.last["val_loss"], 2.28, 2.35)

# %% [markdown]
# One in ten: blind guessing. The loss is $\log 10 \approx 2.3$, that of a model that knows nothing.
# More patience does not help (after 20 epochs it was the same), nor does another step size (we tried
# 0.01, 0.1, 1, 3 and 10). Nothing is wrong with the code, and the network *could* read digits. It
# does not learn to. Three suspects: the steps, the slopes, the start. We question them in turn.
#
# ## First suspect: the steps
#
# ### Steps on a few examples
#
# The **gradient** is the vector of the slopes of all weights. The true one is the mean over all
# 3,500 training digits. You know from lesson 02 that a mini-batch gives an estimate, and that its
# error falls with $1/\sqrt{\text{batch size}}$. A batch of 64 is 55 times as cheap, and an epoch has
# 55 steps. But is the error small beside the gradient itself?
#
# Measure how far the estimate lies from the true gradient, in units of the true gradient's length. A
# fresh network, batches of 4, 16, 64 and 256.
#
# **Predict.** Is the error of a batch of 64 about 1%, 10%, or more than 100%?


# %%
def gradient(model, X, y):
    """Return the slopes of the mean loss at all weights, as one vector."""
    loss = F.cross_entropy(model(X), y)
    return torch.cat([slope.flatten() for slope in torch.autograd.grad(loss, model.parameters())])


fresh = new_network()
true = gradient(fresh, X_train, y_train)
for batch_size in (4, 16, 64, 256):
    draws = torch.randint(len(y_train), (40, batch_size))  # 40 batches
    errors = [(gradient(fresh, X_train[i], y_train[i]) - true).norm() for i in draws]
    error = (sum(errors) / len(errors) / true.norm()).item()
    low, high = 15 / batch_size**0.5, 27 / batch_size**0.5
    report(f"batch of {batch_size:3}: error / length", error, low, high, digits=1)

# %% [markdown]
# The estimate from 64 digits is wrong by more than twice the length of what it estimates. Each step
# points mostly somewhere else, and training works all the same: the errors of many steps cancel,
# the true part adds up. Four times the batch halves the error, as for every mean: it falls with
# $1 / \sqrt{\text{batch size}}$. So large batches are a poor bargain: four times the cost, half the
# error. (A graphics card computes 256 digits nearly as fast as 64; the bargain is better there.)
#
# ### Step sizes that shrink
#
# The noise has a price at the end. Near the goal the true slope is almost nothing, and the noise
# stays. Look at the smallest case: somebody sends numbers $x_1, x_2, \dots$ one at a time, and you
# seek the $w$ that minimises the mean of $\frac12 (w - x)^2$. The slope on one number is $w - x_t$,
# so the step is
#
# $$w \leftarrow w - \eta_t \, (w - x_t) .$$
#
# The Greek letter $\eta$ (eta) is the learning rate, `lr`. The index $t$ says that it may change
# from step to step. By hand for the numbers 4, 7, 1 and $\eta_t = 1/t$, from $w = 0$:
# $0 - 1 \cdot (0 - 4) = 4$; then $4 - \frac12 (4 - 7) = 5.5$; then $5.5 - \frac13 (5.5 - 1) = 4$.
# You know these numbers: each is the mean of what has come so far.
#
# Now 3,000 noisy numbers around 5, and a poor start at $w = 25$. Three rules: $\eta_t$ always 0.1;
# $\eta_t = 1/(t+1)$; $\eta_t = 1/(t+1)^2$.
#
# **Predict.** Where do they end? One of them stops about halfway. Which?


# %%
def follow(x, step_size, w=0.0):
    """Walk against the slope of each number in turn; return w after each step."""
    path = []
    for t, x_t in enumerate(x.tolist(), start=1):
        w = w - step_size(t) * (w - x_t)
        path.append(w)
    return torch.tensor(path)


first = torch.tensor([4.0, 7.0, 1.0])
means = first.cumsum(dim=0) / torch.arange(1, 4)
assert torch.allclose(follow(first, lambda t: 1 / t), means)  # 4, 5.5, 4

x = 5 + torch.randn(3000, generator=torch.Generator().manual_seed(1))
rules = {
    "always 0.1": lambda t: 0.1,
    "1 / (t + 1)": lambda t: 1 / (t + 1),
    "1 / (t + 1)²": lambda t: 1 / (t + 1) ** 2,
}
away = {name: (follow(x, rule, w=25.0) - 5).abs() for name, rule in rules.items()}
fig, ax = figure("Too large never rests, too small never arrives", xlabel="step t")
draw_lines(ax, away, x=torch.arange(1, 3001))
ax.set_ylabel("distance from 5")
log_axis(ax, "x", 1, 3000)
log_axis(ax, "y", 1e-3, 30)
show(fig, "Constant steps hover, 1/(t+1) comes ever nearer, 1/(t+1)² stays near 10.")

# %% [markdown]
# The constant rule is fast and then hovers: each number pulls it about. $1/(t+1)^2$ starves: all its
# steps together are so short that half of the way is left over for ever. Between them lies what
# Herbert Robbins and Sutton Monro proved in 1951. The steps must be able to go any distance, and
# the noise that they let in must die out:
#
# $$\sum_t \eta_t = \infty \qquad \text{and} \qquad \sum_t \eta_t^2 < \infty .$$
#
# $1/t$ meets both: $1 + \frac12 + \frac13 + \dots$ grows beyond all bounds, $1 + \frac14 + \frac19 +
# \dots$ ends at 1.64. With both conditions (a loss that is a plain bowl, noise of limited size)
# the goal is reached, however large the noise. In practice nobody trains for ever. But the moral is
# in every schedule: long steps first, short steps last.
#
# ### Exercise 1 · Which rules arrive and rest?
#
# A sum of $1/t^p$ grows beyond all bounds for $p \le 1$ and stays finite for $p > 1$. Which of these
# rules meet **both** conditions?
#
# - a: $\eta_t = 0.001$
# - b: $\eta_t = 3/t$
# - c: $\eta_t = 1/\sqrt t$
# - d: $\eta_t = 1/t^2$
# - e: $\eta_t = 5/(t + 100)$
# - f: $\eta_t = 1/t^{3/4}$

# %%
arrive_and_rest = (
    ### BEGIN SOLUTION
    ["b", "e", "f"]
    ### END SOLUTION
)  # the letters in a list, such as ["a", "d"]

# %%
check("05.schedules", arrive_and_rest)

# %% [markdown]
# ## Six ways to step
#
# One learning rate for all weights is a problem of its own. Think of a **ravine**: steep across,
# nearly level along. A step that suits the level direction is thrown from wall to wall. A step that
# suits the walls creeps along the bottom. Five famous remedies, each a few lines.
#
# All have the same form: `w` the weights, `g` the gradient, `memory` what the rule remembers from
# one step to the next. They change `w` in place. The first, SGD, has no memory.
#
# To be sure of each rule, we let it run beside PyTorch's: 100 noisy steps on a small problem, both
# from zero with the same batches. They must stay together to a millionth. The sums are done in
# double precision, so that rounding cannot hide a difference, or make one.


# %%
def sgd(w, g, memory, lr):
    w -= lr * g


source = torch.Generator().manual_seed(0)
A = torch.randn(200, 5, generator=source, dtype=torch.float64) * torch.tensor([3, 1, 1, 0.3, 0.1])
b = A @ torch.tensor([1.0, -2, 0.5, 3, -1]).double() + torch.randn(200, generator=source)
hundred_batches = torch.randint(200, (100, 16), generator=source)


def slope(w, rows):
    """Return the gradient of the mean squared error of A @ w on some rows: (5,) -> (5,)."""
    return 2 * A[rows].T @ (A[rows] @ w - b[rows]) / len(rows)


def match(step, optimizer_class, lr, **settings):
    """Let our rule and PyTorch's fit A @ w to b, and compare after each of 100 steps."""
    ours, theirs = torch.zeros(5).double(), torch.zeros(5).double().requires_grad_()
    optimizer, memory, apart = optimizer_class([theirs], lr=lr, **settings), {}, 0.0
    for rows in hundred_batches:
        theirs.grad = slope(theirs.detach(), rows)
        optimizer.step()
        step(ours, slope(ours, rows), memory, lr)
        apart = max(apart, (ours - theirs).abs().max().item())
    assert apart < 1e-6, apart
    print(f"{step.__name__}: 100 steps, never more than 1e-6 apart")


match(sgd, torch.optim.SGD, lr=0.01)

# %% [markdown]
# **Momentum** (Boris Polyak, 1964): a heavy ball. The step follows a running sum of the slopes, in
# which older ones fade. Across the ravine they change sign and cancel. Along it they add up, to
# ten times the step where nine tenths are kept: $1 + 0.9 + 0.81 + \dots = 10$.


# %%
def momentum(w, g, memory, lr, keep=0.9):
    memory["v"] = keep * memory.get("v", 0) + g
    w -= lr * memory["v"]


match(momentum, torch.optim.SGD, lr=0.01, momentum=0.9)

# %% [markdown]
# **Adagrad** (Duchi, Hazan and Singer, 2011): each weight gets a step size of its own. Add up the
# squares of its slopes and divide by the root of the sum. Steep directions are damped, level ones
# are not. And because the sum grows, all steps shrink, like $1/\sqrt t$ where slopes stay alike.
# The tiny `eps` prevents a division by zero.
#
# **RMSProp** (Geoffrey Hinton, in a lecture of 2012): Adagrad's sum never forgets a steep
# beginning, which chokes all later steps. So replace it by a fading mean of the squares. (RMS
# stands for root mean square.)
#
# **Adadelta** (Matthew Zeiler, 2012): slope divided by slope is a bare number, the same whether
# weights are measured in metres or in centimetres. A step should change with the measure. So
# multiply by the root mean square of the steps taken so far. There are none at
# first, and `eps` gets it going, slowly. The learning rate can stay at 1.


# %%
def adagrad(w, g, memory, lr, eps=1e-10):
    memory["s"] = memory.get("s", 0) + g**2
    w -= lr * g / (memory["s"].sqrt() + eps)


def rmsprop(w, g, memory, lr, keep=0.99, eps=1e-8):
    memory["s"] = keep * memory.get("s", 0) + (1 - keep) * g**2
    w -= lr * g / (memory["s"].sqrt() + eps)


def adadelta(w, g, memory, lr=1.0, keep=0.9, eps=1e-6):
    memory["s"] = keep * memory.get("s", 0) + (1 - keep) * g**2
    step = g * (memory.get("d", 0) + eps) ** 0.5 / (memory["s"] + eps).sqrt()
    memory["d"] = keep * memory.get("d", 0) + (1 - keep) * step**2
    w -= lr * step


match(adagrad, torch.optim.Adagrad, lr=0.1)
match(rmsprop, torch.optim.RMSprop, lr=0.01)
match(adadelta, torch.optim.Adadelta, lr=1.0)

# %% [markdown]
# **Adam** (Diederik Kingma and Jimmy Ba, 2014): momentum above the fraction line, RMSProp below it.
# Both means begin at zero, so at first they are far too small. Adam corrects that: after $t$ steps
# a fading mean that keeps 0.9 has only $1 - 0.9^t$ of its full weight, so it is divided by that.
#
# **Predict.** Two weights start at 0. One has the slope 4, the other 0.04. All rules get `lr=0.1`.
# After a *single* step, what has SGD done to the two weights, and what has Adam? And does RMSProp,
# without the correction, step farther than Adam, or less far?


# %%
def adam(w, g, memory, lr, keep_v=0.9, keep_s=0.999, eps=1e-8):
    t = memory["t"] = memory.get("t", 0) + 1
    memory["v"] = keep_v * memory.get("v", 0) + (1 - keep_v) * g
    memory["s"] = keep_s * memory.get("s", 0) + (1 - keep_s) * g**2
    v, s = memory["v"] / (1 - keep_v**t), memory["s"] / (1 - keep_s**t)
    w -= lr * v / (s.sqrt() + eps)


match(adam, torch.optim.Adam, lr=0.1)
for rule in (sgd, momentum, adagrad, rmsprop, adadelta, adam):
    w = torch.zeros(2)
    rule(w, torch.tensor([4.0, 0.04]), {}, lr=0.1)
    print(f"{rule.__name__:9}", [round(-step, 4) + 0.0 for step in w.tolist()])

# %% [markdown]
# SGD's steps differ by a factor of 100, like the slopes. Adagrad and Adam step by the learning rate,
# *whatever the slope*: for them `lr` is a length. RMSProp's first step is ten times as long, since
# its mean of one square is a hundredth of the square. That is the error which Adam corrects.
# Adadelta has hardly moved.
#
# ### The race
#
# Six runners, one learning rate for all, and four surfaces. The ravine is 140 times as curved across
# as along. Find out:
#
# - Who comes down the ravine first at a learning rate of 0.1? At 0.5, who flies off?
# - Turn the ravine by 45°. Who suffers, and who does not notice?
# - On the saddle, start exactly on the ridge ($y = 0$). Who ever leaves it?
# - Of two minima, one is deeper, behind a hill. Who gets there, at 0.1 and at 0.5?

# %%
optimizer_race()

# %% [markdown]
# On the ravine RMSProp is down after 7 steps, Adam after 34, momentum after 45. SGD creeps, and at
# 0.5 it is gone. So is the fastest optimizer found? RMSProp owes its lead to the error that you have just seen: its first step is 1 long, Adam's 0.1. With Adam's correction it needs 40 steps. Now turn the ravine. Momentum takes 45 steps again,
# since a ball does not care which way the axes point. RMSProp and Adam have not arrived after 80.
# Dividing each *axis* by its own steepness helps only as far as the steep direction lies along an
# axis. On the ridge of the saddle the slope across is exactly zero, and none of the six ever leaves
# it. Noise, which mini-batches bring for nothing, pushes them off. And over the hill, at 0.1, rolls
# only momentum. At 0.5 it flies off the map, and only Adam comes down to the deeper minimum.
#
# Surfaces in two dimensions are good for ideas, not for verdicts. A verdict needs the real thing.
#
# ### The race on digits
#
# The same network with ReLUs, five epochs. Each optimizer gets the best of three to five learning
# rates that we tried for it on the validation digits; it would not be fair otherwise.
#
# **Predict.** Which of the six ends last? And what does Adam do with the learning rate that is best
# for SGD?

# %%
runners = {
    "SGD": (torch.optim.SGD, 0.3),
    "momentum": (partial(torch.optim.SGD, momentum=0.9), 0.1),
    "Adagrad": (torch.optim.Adagrad, 0.03),
    "RMSProp": (torch.optim.RMSprop, 0.003),
    "Adadelta": (torch.optim.Adadelta, 1.0),
    "Adam": (torch.optim.Adam, 0.003),
}
races = {
    f"{name}, lr {lr}": train(new_network(), optimizer=optimizer, lr=lr).train_loss
    for name, (optimizer, lr) in runners.items()
}
plot_lines(
    races,
    "Adagrad, RMSProp and Adam lead; SGD is last",
    x=range(1, 6),
    xlabel="epoch",
    ylabel="training loss",
    ylim=(0, 2.5),
    trained=True,
)
history = train(new_network(), lr=0.3)  # Adam, where no optimizer is named
report("Adam with SGD's 0.3", history.last["val_accuracy"], 0.06, 0.2, percent=True)

# %% [markdown]
# SGD is last of the six. Adagrad, RMSProp and Adam lead, close together; which of them is first
# changes from one random start to the next. With SGD's 0.3 Adam learns nothing: a length of 0.3 for
# each of 185,300 weights is a leap into nowhere. A learning rate has no meaning without its
# optimizer.
#
# Now the patient. **Predict.** Eight epochs of Adam instead of SGD for the sigmoid network, which SGD
# left at 10%. Does it still learn nothing?

# %%
under_adam = train(new_network(nn.Sigmoid), n_epochs=8, lr=0.003)
report("sigmoids under Adam", under_adam.last["val_accuracy"], 0.75, 0.95, percent=True)
deeper = mlp((60,) * 8, nn.Sigmoid)
history = train(deeper, n_epochs=8, lr=0.003)
report("eight layers of sigmoids", history.last["val_accuracy"], 0.06, 0.3, percent=True)

# %% [markdown]
# It recovers, and then the same treatment fails on eight layers. Adam divides each slope by its own
# usual size, so a slope that is a thousand times too small does not stay too small. That cures a
# symptom. To find the illness we must look at the slopes themselves.
#
# ### Exercise 2 · Find the mistakes: Adam
#
# This Adam runs without an error. It returns the new weights and both memories. Compared with the
# rule above it has four mistakes, one of them in two lines.
#
# ```python
# def adam_step(w, g, v, s, t, lr):
#     v = 0.9 * v + 0.1 * g
#     s = 0.999 * s + 0.001 * g
#     v_hat = v / (1 - 0.9 * t)
#     s_hat = s / (1 - 0.999 * t)
#     return w + lr * v_hat / (s_hat + 1e-8), v, s
# ```
#
# Write it rightly. `t` counts the steps from 1. Do not change the inputs in place.


# %%
def adam_step(w, g, v, s, t, lr):
    """Return the new w, v and s after step number t; g is the gradient."""
    ### BEGIN SOLUTION
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
    v_hat, s_hat = v / (1 - 0.9**t), s / (1 - 0.999**t)
    return w - lr * v_hat / (s_hat.sqrt() + 1e-8), v, s
    ### END SOLUTION


# %%
check("05.adam", adam_step)

# %% [markdown]
# ## Second suspect: the slopes
#
# Backpropagation (lesson 04) passes the slope back through every layer, and multiplies at each one:
# with the weights, and with the derivative of the activation. For the sigmoid that is
# $\sigma'(z) = \sigma(z)(1 - \sigma(z))$, at most $\frac14$.
#
# By hand, a chain of five units, one in each layer, all weights 1, all $z = 0$: the slope at the
# net input of the first is $(\frac14)^5 = \frac{1}{1024}$ of the slope at the output of the last.
# For the ReLU, whose derivative is 1 where it is open, it would be all of it.
#
# **Predict.** In the patient, how many times as large is the gradient of the last layer's weights
# as that of the first: twice, 20 times, or several hundred times?


# %%
def layer_norms(model):
    """Return the length of the gradient of each layer's weights, first layer first."""
    loss = F.cross_entropy(model(X_train[:256]), y_train[:256])
    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]
    return [slope.norm().item() for slope in torch.autograd.grad(loss, weights)]


norms = {
    "sigmoid": layer_norms(new_network(nn.Sigmoid)),
    "ReLU": layer_norms(new_network(nn.ReLU)),
}
fig, ax = figure("Sigmoids let the gradient die on its way back", xlabel="layer", size=(8, 4))
draw_lines(ax, norms, x=range(1, 6))
ax.set(ylabel="length of the gradient", xticks=range(1, 6))
log_axis(ax, "y", 1e-4, 1)
show(fig, "The first layer's gradient is 500 times as short as the last one's with sigmoids.")

# %% [markdown]
# Five hundred times, and with ReLUs no difference worth the name. That is the illness: **vanishing
# gradients**. The last layer hears the loss. The first layer hears nothing, keeps its random
# weights, and hands on random features. With noise on top of it, nothing moves in the right
# direction. With eight hidden layers of 64 units the factor is between two and three million. See
# for yourself:
#
# - Deepen the sigmoid network. How much does each layer cost?
# - Does tanh, whose derivative reaches 1, do better? And ReLU?
# - Then the *first weights*, the next suspect. With deviation 1, watch the share of units that are
#   asleep: saturated, so that the slope is almost 0, or closed for all digits.

# %%
gradient_thermometer(X_train[:256], y_train[:256])

# %% [markdown]
# ## Third suspect: the start
#
# What the thermometer shows with eight hidden layers: each sigmoid layer costs a factor of about 6.
# With tanh the first gradient is a fifth of the last. With ReLUs it is about a fiftieth with
# PyTorch's start, and no shorter than the last with He's. With deviation 1 about half of the sigmoid
# outputs are asleep, four fifths of those of tanh, and the gradients of the ReLUs run into millions.
#
# Why do the starting weights matter so much? Follow the numbers forward. A unit adds up $n$ terms,
# $z = w_1 x_1 + \dots + w_n x_n$, with weights drawn independently around 0 with standard deviation
# $s$ (the *spread*). The **variance**, Var, is the square of the standard deviation. Variances of
# independent terms add up:
#
# $$\operatorname{Var}(z) = n \, s^2 \, \overline{x^2} ,$$
#
# where $\overline{x^2}$ is the mean square of the inputs. To hand on numbers of the size that came
# in, $n s^2$ should be about 1. A ReLU cuts half of the numbers away and with them half of the mean
# square, so it should be 2. These are the two famous rules:
#
# - **Xavier** (Glorot and Bengio, 2010), for tanh: $s = \sqrt{2 / (n_{in} + n_{out})}$, a compromise,
#   because backwards the sum runs over $n_{out}$ terms (the sigmoid's slope is ¼ at best, and this
#   start does not make up for that: the patient with Xavier's start still had 10%);
# - **He** (Kaiming He and others, 2015), for ReLU: $s = \sqrt{2 / n_{in}}$.
#
# By hand: 200 inputs and a spread of 1 give $200 / 2 = 100$ times the mean square, so numbers ten
# times as large after each layer. A spread of 0.01 gives a tenth, layer after layer.
#
# **Predict.** Eight ReLU layers of 200 units. How large are the numbers behind the eighth with a
# spread of 1? With 0.01? With He's?


# %%
def spreads(rule, n_layers=8):
    """Send 500 digits through layers of 200 ReLUs; return the standard deviation of each z."""
    seed_everything(0)
    h, found = X_train[:500].flatten(1), []
    for _ in range(n_layers):
        n_in = h.shape[1]
        z = h @ (torch.randn(n_in, 200) * rule(n_in, 200))
        found.append(z.std().item())
        h = z.relu()
    return found


rules = {
    "spread 1": lambda n_in, n_out: 1.0,
    "He": lambda n_in, n_out: math.sqrt(2 / n_in),
    "Xavier": lambda n_in, n_out: math.sqrt(2 / (n_in + n_out)),
    "spread 0.01": lambda n_in, n_out: 0.01,
}
W = torch.empty(400, 600)  # 400 units with 600 inputs each, as in nn.Linear
assert math.isclose(nn.init.kaiming_normal_(W).std(), rules["He"](600, 400), rel_tol=0.02)
assert math.isclose(nn.init.xavier_normal_(W).std(), rules["Xavier"](600, 400), rel_tol=0.02)

starts = {name: spreads(rule) for name, rule in rules.items()}
fig, ax = figure("Only one start hands on numbers of the same size", xlabel="layer", size=(8, 4))
draw_lines(ax, starts, x=range(1, 9))
ax.set(ylabel="standard deviation of z")
log_axis(ax, "y", 1e-9, 1e9)
ax.legend(loc="upper left", ncols=2)
show(fig, "Spread 1 explodes, 0.01 vanishes, Xavier falls slowly, He stays level.")

# %% [markdown]
# Seventy million, seven billionths, and with He's rule 0.36, about what came in. What vanishes
# forward vanishes backward as well, since the same weights are passed. PyTorch's own start for
# `nn.Linear` has a spread of $\sqrt{1/(3n)}$, too small for deep ReLU networks.
#
# **Predict.** The ReLU network, plain SGD with 0.1, five epochs. PyTorch's start takes it to about
# 60%. What does He's start make of it, with nothing else changed: 62%, 80%, or 92%?


# %%
def start_as_he(model):
    """Draw the weights of all linear layers by He's rule and set their biases to 0."""
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


plain_sgd = {"lr": 0.1, "optimizer": torch.optim.SGD}
default = train(new_network(), **plain_sgd)
with_he = train(start_as_he(new_network()), **plain_sgd)
report("PyTorch's start", default.last["val_accuracy"], 0.3, 0.8, percent=True, digits=1)
report("He's start", with_he.last["val_accuracy"], 0.89, 0.95, percent=True, digits=1)

# %% [markdown]
# The plain SGD of lesson 02, and over 90%. No new optimizer: the first weights are
# $\sqrt 6 \approx 2.4$ times as large, and the biases 0. (Adam hides
# most of the difference, as it hid the patient's. That is why one may train for years without
# noticing it.)
#
# ### Dead ReLUs
#
# The ReLU has an illness of its own. Where $z < 0$ its derivative is 0. If a large step pushes a
# unit so far that $z < 0$ for *every* digit, its slope is zero for every digit, and no step moves
# its weights any more. It is **dead**. Two epochs of Adam with a learning rate that is much too large
# bring nearly all of the last 30 units to that point.
#
# **Predict.** Then the same network goes on with a rate of 0.001, a good one, for three more epochs.
# One unit in thirty is still alive. How many of the digits does it read: 10%, about 20%, or 90%?


# %%
@torch.no_grad()
def dead_shares(model):
    """Return, for each hidden layer, the share of units that are 0 for all training digits."""
    model.eval()
    h, shares = X_train, []
    for layer in model:
        h = layer(h)
        if isinstance(layer, nn.ReLU):
            shares.append((h == 0).all(dim=0).float().mean().item())
    return shares


healthy, hurt = start_as_he(new_network()), start_as_he(new_network())
train(healthy, n_epochs=2, lr=0.003)
train(hurt, n_epochs=2, lr=0.1)
report("lr 0.003: dead in the last hidden layer", dead_shares(healthy)[-1], 0, 0.2, percent=True)
report("lr 0.1:   dead in the last hidden layer", dead_shares(hurt)[-1], 0.7, 1, percent=True)
history = train(hurt, n_epochs=3, lr=0.001)
report("three good epochs later: dead", dead_shares(hurt)[-1], 0.7, 1, percent=True)
report("three good epochs later: right", history.last["val_accuracy"], 0.06, 0.5, percent=True)

# %% [markdown]
# About 20%, and not one unit has come back, though nothing is wrong with the rate any more. Where
# nearly all units of a layer are 0 for every digit, almost all digits look the same from there on,
# and hardly any slope comes back that could change it. Healthy trainings leave a few dead units,
# too. Remedies: a smaller rate from the start; a **leaky** ReLU, $\max(z, 0.01 z)$, which always
# lets a little slope through; or the layer that comes next, which makes large steps harmless.
#
# ## Batch normalisation
#
# A good start only helps at the start. In 2015 Sergey Ioffe and Christian Szegedy built the rule
# into the network: *normalise the numbers, in every step*. For each unit, subtract the mean over
# the batch and divide by the standard deviation:
#
# $$\hat z = \frac{z - \mu}{\sqrt{v + \varepsilon}} , \qquad \text{output} = \gamma \hat z + \beta .$$
#
# $\mu$ is the mean of that unit over the batch and $v$ the variance. $\varepsilon$ is tiny.
# $\gamma$ and $\beta$ are learned, so that the network may undo it. By hand, for one unit and a batch
# of three: $z = 1, 3, 8$ has $\mu = 4$ and $v = (9 + 1 + 16)/3 = 8.67$. The root is 2.94, and
# $\hat z = -1.02, -0.34, 1.36$.
#
# And when a single digit comes? There is no batch to compare it with, and an answer should not
# depend on the company. So during training the layer keeps **running** means of $\mu$ and $v$. In
# `eval` mode it uses these.


# %%
class OurBatchNorm(nn.Module):
    """Normalise each of n units over the batch; in eval mode by what was seen in training."""

    def __init__(self, n, share=0.1, eps=1e-5):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))
        self.register_buffer("running_mean", torch.zeros(n))  # kept with the weights, not learned
        self.register_buffer("running_var", torch.ones(n))
        self.share, self.eps = share, eps

    def forward(self, Z):  # (N, n) -> (N, n)
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = Z.mean(dim=0), Z.var(dim=0, correction=0)  # divide by N
            with torch.no_grad():  # a tenth of the new, nine tenths of the old
                self.running_mean.lerp_(mean, self.share)
                self.running_var.lerp_(Z.var(dim=0), self.share)  # divide by N - 1
        return self.gamma * (Z - mean) / (var + self.eps).sqrt() + self.beta


ours, theirs = OurBatchNorm(4), nn.BatchNorm1d(4)
for _ in range(20):  # train mode: twenty batches, each normalised by itself
    Z = 3 + 2 * torch.randn(16, 4)
    assert torch.allclose(ours(Z), theirs(Z), atol=1e-5)
assert torch.allclose(ours.running_mean, theirs.running_mean, atol=1e-5)
assert torch.allclose(ours.running_var, theirs.running_var, atol=1e-5)
ours.eval(), theirs.eval()
assert torch.allclose(ours(Z[:1]), theirs(Z[:1]), atol=1e-5)  # eval mode: one digit is enough
[round(z, 2) for z in OurBatchNorm(1)(torch.tensor([[1.0], [3.0], [8.0]])).flatten().tolist()]

# %% [markdown]
# Put one after every linear layer but the last. The function below builds the network for the rest
# of the lesson; the dropout comes later.
#
# **Predict.** Back to the patient: sigmoids, plain SGD, PyTorch's start, five epochs. It had 10%.
# What does batch norm alone make of it: 30%, 60%, or nearly 90%?


# %%
def build(activation=nn.ReLU, norm=False, dropout=0.0, seed=0):
    """Return the network with hidden layers of 200, 100, 60, 30 and what helps."""
    seed_everything(seed)
    layers, width = [nn.Flatten()], 784
    for n_hidden in HIDDEN:
        layers += [nn.Linear(width, n_hidden)] + [nn.BatchNorm1d(n_hidden)] * norm + [activation()]
        layers += [nn.Dropout(dropout)] * (dropout > 0 and n_hidden == 200)
        width = n_hidden
    return nn.Sequential(*layers, nn.Linear(width, 10))


rescued = train(build(nn.Sigmoid, norm=True), **plain_sgd)
first, *_, last = layer_norms(build(nn.Sigmoid, norm=True))
report("its gradient before training, first layer / last", first / last, 1.5, 6, digits=1)
report("the patient with batch norm", rescued.last["val_accuracy"], 0.8, 0.93, percent=True)
reader = build(norm=True)
history = train(start_as_he(reader), lr=0.003)
report("ReLU, He and batch norm, Adam", history.last["val_accuracy"], 0.91, 0.97, percent=True)
reckless = train(start_as_he(build(norm=True)), n_epochs=2, lr=0.1)
report("Adam with 0.1, as before", reckless.last["val_accuracy"], 0.8, 0.95, percent=True)

# %% [markdown]
# Nine in ten, from one in ten. So it was the slopes. The first layer's gradient, a five-hundredth
# of the last one's, is now three times as long as that: dividing by a small standard deviation
# multiplies the slope on its way back, and that outweighs the quarter. And the learning rate that
# killed the ReLUs above does little harm now. That is the greatest gift of batch norm: it forgives.
#
# ### The mistake of forgetting `eval()`
#
# It has a price: one more thing to forget. Use the trained network without `model.eval()`, so that
# it still normalises by the batch.
#
# **Predict.** In `eval` mode it reads about 94% of the test digits. In training mode, batches of 100
# shuffled test digits: more, as many, or far fewer? And if the test digits come sorted, first all
# zeros, then all ones?


# %%
def right_in_train_mode(model, batch_size, order):
    """Return the share of test digits that a copy gets right in batches, without eval()."""
    model = copy.deepcopy(model).train()
    with torch.no_grad():
        answers = torch.cat([model(X_test[i]).argmax(dim=1) for i in order.split(batch_size)])
    return (answers == y_test[order]).float().mean().item(), model


shuffled = torch.randperm(len(y_test), generator=torch.Generator().manual_seed(0))
in_order = y_test.argsort(stable=True)
report("eval()", evaluate(reader, X_test, y_test).accuracy, 0.92, 0.97, percent=True)
for name, rows, size, low, high in (
    ("shuffled, 100 at a time", shuffled, 100, 0.9, 0.97),
    ("shuffled, 2 at a time", shuffled, 2, 0.2, 0.55),
    ("sorted, 10 at a time", in_order, 10, 0.08, 0.2),
):
    share, spoilt = right_in_train_mode(reader, size, rows)
    report(name, share, low, high, percent=True)
late = evaluate(spoilt, X_test, y_test).accuracy
report("the last copy, with eval() afterwards", late, 0.7, 0.93, percent=True)

# %% [markdown]
# Shuffled, a hundred at a time, it hardly shows, and that is the trap: the mistake passes every
# test you made. Two at a time, each digit is compared with one other only, and it reads 39%.
# Sorted, it reads little better than chance. In a batch of zeros, what all share is taken for the
# normal state and subtracted, and what all share is *that they are zeros*.
#
# The last copy has been spoilt for good. While it read, its running means followed the test digits,
# which nobody asked it to do, and at the end they know mostly nines. `eval()` afterwards comes too
# late.
#
# `fit`, `evaluate` and `predict` set the mode and put it back. In your own loop, write
# `model.train()` before an epoch and `model.eval()` before you measure.
#
# ## Broken on purpose: a batch of one
#
# **Predict.** One digit, training mode. What is its distance from the mean of the batch?

# %% tags=["raises-exception"]
reader.train()
reader(X_test[:1])

# %% [markdown]
# It is zero, for every unit and every digit: nothing would be left of it. The message says so in its
# own words: *expected more than 1 value per channel when training*. The remedy is `reader.eval()`.
# You meet this error in one more place: when the last batch of an epoch holds a single sample. Then
# choose another batch size, or drop that batch.
#
# ## Underfit, fit, overfit
#
# Now it learns. Does it learn the right thing? Forget digits for a moment. Noisy points lie on a
# curve, and a polynomial is fitted to some of them, the training points. The degree says how
# bendable it is. Watch both errors.
#
# - Where is the training error least? Where the test error?
# - Then choose a network, and change its width. Last, the number of samples: what was too bendable
#   for few points is right for many.
# - Weight decay is among the controls, too. We come to it below; what does it do to a high degree?

# %%
overfitting_slider()

# %% [markdown]
# Too stiff, and both errors are large: **underfitting**. Too bendable, and the training error goes
# on falling while the test error rises: **overfitting**, noise learned by heart. (With the network,
# the test error, that on new points, is worst at a width of 30 and then falls again: of the many
# curves through all points the one with the smallest weights is taken. This is called *double
# descent*.) Between them lies the **fit**. More data move the border. That is the surest remedy,
# and the most expensive.
#
# Is it the same with digits? The network without batch norm, He's start, Adam, twenty epochs.
#
# **Predict.** At the end the training loss is near 0. Where is the validation loss: near 0, level, or
# rising? And the accuracy?

# %%
overfitted = start_as_he(build())
long = train(overfitted, n_epochs=20, lr=0.003)
plot_lines(
    {"training": long.train_loss, "validation": long.val_loss},
    "The validation loss turns round and rises",
    x=range(1, 21),
    xlabel="epoch",
    ylabel="loss",
    ylim=(0, 0.8),
    trained=True,
    says="The training loss falls to almost 0; the validation loss falls, turns, and rises.",
)
report("least validation loss", min(long.val_loss), 0.13, 0.29)
report("accuracy at the end", long.last["val_accuracy"], 0.92, 0.97, percent=True)

# %% [markdown]
# It rises, and the accuracy stays high. Most people expect both to move together.
#
# ## What helps against overfitting
#
# ### Early stopping
#
# The cheapest remedy: stop at the turn. You cannot know the turn when you are there, since the curve
# is rough. So wait: stop when the validation loss has had no new best for some epochs, the
# **patience**, and go back to the weights of the best epoch.
#
# **Predict.** After the chosen epoch the validation loss rises by a third or more. How many *more* of
# the 500 digits does the network of the last epoch get wrong: 100, 25, or hardly any?

# %%
stopped = start_as_he(build())
short = train(stopped, n_epochs=20, lr=0.003, early_stopping=EarlyStopping(patience=5))
fig, ax = figure("The dot is the chosen epoch", xlabel="epoch", ylabel="validation loss")
draw_lines(ax, {"all epochs": long.val_loss}, x=range(1, 21), trained=True)
ax.axvline(len(short), color="#6b7178", linestyle="--", label="_stopped here")
chosen = short.best_epoch
ax.plot(chosen + 1, short.val_loss[chosen], "o", markersize=14, color="#D55E00", label="_chosen")
ax.set(xlim=(0, 21), ylim=(0, 0.8))
show(fig, "One dot at the lowest point; a dashed line five epochs later, where training stopped.")
for name, model in (("chosen epoch", stopped), ("last epoch", overfitted)):
    logits = predict(model, X_val)
    wrong = logits.argmax(dim=1) != y_val
    print(name)
    report("  wrong", wrong.float().mean().item(), 0.03, 0.08, percent=True)
    loss = F.cross_entropy(logits[wrong], y_val[wrong]).item()
    report("  mean loss of the wrong ones", loss, 1.5, 10, digits=1)

# %% [markdown]
# Hardly any. A loss that rises by a third suggests many more errors, and there are none to speak of.
# But the network is now more *surely* wrong about them, and
# cross-entropy charges for that. Whoever watches only the accuracy does not see it.
#
# ### Exercise 3 · Stop
#
# Given the validation losses that a training would have, say which epoch is chosen and after which
# epoch the training stops. Epochs count from 1. If patience never runs out, it stops after the last.
# A loss equal to the best is no progress. Example: losses 0.9, 0.5, 0.6, 0.7, 0.1 and a patience of 2
# give (2, 4). The 0.1 is never seen.


# %%
def stop_early(val_loss, patience):
    """Return (chosen epoch, last epoch trained), both counted from 1."""
    ### BEGIN SOLUTION
    best = 0
    for epoch, loss in enumerate(val_loss):
        if loss < val_loss[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best + 1, epoch + 1
    ### END SOLUTION


# %%
check("05.stop", stop_early)

# %% [markdown]
# ### Weight decay
#
# A network that bends sharply has large weights. So shrink all weights a little in every step, by a
# share $\eta \lambda$ of themselves ($\lambda$, lambda, says how strongly):
# $w \leftarrow w - \eta \, (g + \lambda w)$. It is the same as adding $\frac{\lambda}{2} \sum w^2$ to
# the loss. What the data do not need fades away. By hand: $w = 2$, $g = 0$, $\eta = 0.1$ and
# $\lambda = 0.5$ give $2 - 0.1 \cdot 1 = 1.9$, then 1.805, then 1.715: five percent less each time.
#
# In Adam this sum would be divided by the size of the slopes, so weights with large slopes would
# hardly decay. **AdamW** (Loshchilov and Hutter) therefore shrinks the weights apart from the step.


# %%
def sgd_decay(w, g, memory, lr, decay=0.1):
    w -= lr * (g + decay * w)


def adamw(w, g, memory, lr, decay=0.1):
    w *= 1 - lr * decay
    adam(w, g, memory, lr)


match(sgd_decay, torch.optim.SGD, lr=0.01, weight_decay=0.1)
match(adamw, torch.optim.AdamW, lr=0.1, weight_decay=0.1)

# %% [markdown]
# ### Dropout
#
# In every step, switch half of the units off, each by the toss of a coin (Hinton and others, 2012).
# No unit can rely on one certain partner, so each must be useful beside many others. When the network
# is used, all units work.
#
# Then twice as many units speak as in training, and the next layer would hear sums twice as large.
# So what is kept is **rescaled at training**: divided by the share that is kept. By hand, half
# dropped: (1, 2, 3, 4) with the coins (1, 0, 0, 1) becomes (2, 0, 0, 8). On average over all coins
# every number stays what it was.
#
# ### Exercise 4 · Dropout, with the coins given
#
# So that the checker can follow, the coins are given: `kept` holds 1 where a number stays and 0 where
# it goes. `p` is the probability of *dropping*. The cell after the check shows how the lesson does
# it, and that PyTorch does the same.


# %%
def dropout(h, kept, p, training):
    """Return h after dropout: h and kept (N, D), 0 <= p < 1, training True or False."""
    ### BEGIN SOLUTION
    return h * kept / (1 - p) if training else h
    ### END SOLUTION


# %%
check("05.dropout", dropout)


# %%
def our_dropout(h, p=0.5, training=True):
    """Set each number to 0 with probability p, and rescale the others."""
    if not training:
        return h
    kept = torch.empty_like(h).bernoulli_(1 - p)  # 1 with probability 1 - p, else 0
    return h * kept / (1 - p)


h = torch.rand(1000, 200)
seed_everything(2)
ours = our_dropout(h)
seed_everything(2)
assert torch.allclose(ours, F.dropout(h, p=0.5))
assert torch.equal(our_dropout(h, training=False), F.dropout(h, training=False))
report("mean after / mean before", (ours.mean() / h.mean()).item(), 0.98, 1.02)

# %% [markdown]
# ### Data augmentation
#
# More data is the surest remedy. So make some. A digit that is slightly turned, slanted,
# moved or written with a thicker pen is still the same digit. `vary` does that with a whole batch,
# anew in every step: no digit is seen twice in the same form.

# %%
seed_everything(0)
copies = vary(X_train[:1].repeat(9, 1, 1, 1))
both = torch.cat([X_train[:1], copies])[:, 0]
plot_images(both, ["original", *["varied"] * 9], says="One digit, ten ways to write it", columns=5)

# %% [markdown]
# ### Which helps most?
#
# The same network, ten epochs each: without help (the run above); with weight decay 0.3; with 50%
# dropout behind the first hidden layer; with augmentation.
#
# **Predict.** Put the four in order of their validation loss. Which will have the *highest* training
# loss?

# %%
settings = {
    "weight decay": (0.0, {"optimizer": partial(torch.optim.AdamW, weight_decay=0.3)}),
    "dropout": (0.5, {}),
    "augmentation": (0.0, {"augment": vary}),
}
helped = {
    name: train(start_as_he(build(dropout=p)), n_epochs=10, lr=0.003, **options)
    for name, (p, options) in settings.items()
}
helped = {"no help": long} | helped
plot_lines(
    {name: history.val_loss[:10] for name, history in helped.items()},
    "Augmentation ends lowest",
    x=range(1, 11),
    xlabel="epoch",
    ylabel="validation loss",
    ylim=(0, 0.6),
    trained=True,
)
for name, low, high in (
    ("no help", 0, 0.08),
    ("weight decay", 0, 0.1),
    ("dropout", 0.1, 0.3),
    ("augmentation", 0.15, 0.4),
):
    report(f"training loss, {name}", helped[name].train_loss[9], low, high)
best = helped["augmentation"].last["val_accuracy"]
report("accuracy, augmentation", best, 0.93, 0.99, percent=True)

# %% [markdown]
# Augmentation. And its training loss is the highest: its digits are harder, and new in every epoch. A
# low training loss was never the goal.
#
# Between the other three, one run judged by 500 digits decides nothing. So we measured the same
# trainings from three random starts on MNIST's 10,000 official test digits:
#
# | trained on 3,500 digits | loss | right |
# |---|---|---|
# | no help | 0.31 to 0.33 | 93.0 to 93.3% |
# | weight decay 0.3 | 0.23 to 0.28 | 92.2 to 93.7% |
# | dropout 50%, first hidden layer | 0.24 to 0.25 | 93.1 to 93.4% |
# | dropout 50%, all four hidden layers | 0.52 to 0.60 | 78 to 83% |
# | augmentation | 0.17 to 0.19 | 94.4 to 94.8% |
#
# Weight decay and dropout lower the *loss*; the accuracy they hardly change here. And look at the
# fourth line: a remedy is also a burden. Half of 200 units can be spared, half of 30
# cannot. That network underfits.
#
# ## Finding a learning rate
#
# The learning rate matters more than the choice of the optimizer; you saw it in the race. Leslie
# Smith's **range test** finds one in seconds. Train a copy of the network and multiply the learning
# rate by a constant factor after each step, from far too small to far too large. Write the loss
# down, smoothed. It stays level (too small), falls (useful), rises steeply (too large). A
# cautious choice is where it falls most steeply, well before it turns. A schedule that comes down
# again may go higher, to about a third of the rate at which the loss is least.
#
# **Predict.** Batch norm forgave a learning rate of 0.1. Where will its curve turn, compared with the
# network without?

# %%
plain_finder = find_lr(start_as_he(build()), (X_train, y_train))
norm_finder = find_lr(start_as_he(build(norm=True)), (X_train, y_train))
fig, ax = figure("With batch norm the useful range is wider", xlabel="learning rate (Adam)")
for name, (lrs, losses) in (("without batch norm", plain_finder), ("with it", norm_finder)):
    draw_lines(ax, {name: smooth(losses)}, x=lrs, trained=True)
ax.set(ylim=(0, 4), ylabel="smoothed loss")
log_axis(ax, "x", 1e-5, 10)
ax.legend()
show(fig, "Both fall and turn up; with batch norm the turn comes at a larger learning rate.")

# %% [markdown]
# Without batch norm the loss is least near 0.005, with it near 0.03; a third of that is about 0.01,
# and that will be the peak below. Now choose one yourself, and see what a short training with it
# does. The dotted line is the cautious choice, rounded down to a value of the slider. Try ten times
# as much, a hundred times, and a tenth.

# %%
lr_finder(start_as_he(build(norm=True)), (X_train, y_train))

# %% [markdown]
# ### One cycle
#
# Long steps first, short steps last: Robbins and Monro. A favourite shape is Smith's
# **one cycle**. The rate starts at a 25th of its peak and rises for three tenths of the training (a
# fresh network is easily hurt), then falls along a cosine to almost nothing. You have used it since
# lesson 03. The first cell below has its formula.
#
# **Predict.** The second cell trains eight epochs, with batch norm and a peak of 0.01. Constant
# rate or one cycle: which leads after two epochs, and which at the end?


# %%
def our_cycle(step, n_steps, peak):
    """Return the learning rate of one step, counted from 0."""
    top = 0.3 * n_steps - 1

    def between(start, end, share):  # a cosine from start (share 0) to end (share 1)
        return end + (start - end) * (1 + math.cos(math.pi * share)) / 2

    if step <= top:
        return between(peak / 25, peak, step / top)
    return between(peak, peak / 250_000, (step - top) / (n_steps - 1 - top))


optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
schedule, theirs = one_cycle(optimizer, 440), []
for _ in range(440):
    theirs.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    schedule.step()
ours = [our_cycle(step, 440, 0.01) for step in range(440)]
assert torch.allclose(torch.tensor(ours), torch.tensor(theirs))

# %%
constant = train(start_as_he(build(norm=True)), n_epochs=8, lr=0.01)
cycle = train(start_as_he(build(norm=True)), n_epochs=8, lr=0.01, schedule=one_cycle)
fig, (left, right) = figure("Learning rate", xlabel="step", columns=2, size=(10, 4))
left.plot(ours, label="one cycle")
left.axhline(0.01, color="#D55E00", linestyle="--", label="_constant")
losses = {"one cycle": cycle.val_loss, "constant": constant.val_loss}
draw_lines(right, losses, x=range(1, 9), trained=True)
right.set(title="Validation loss", xlabel="epoch", ylim=(0, 1))
left.set_ylim(0, 0.0125)
show(fig, "The constant rate leads at first; one cycle is steadier and lower at the end.")
report("one cycle: validation loss", cycle.val_loss[-1], 0.11, 0.22)

# %% [markdown]
# The constant rate leads at first and then wanders about. One cycle is slow in the beginning, while
# its rate is still small. From the fourth epoch on it is ahead, and with ever shorter steps its loss
# only falls.
#
# ## All together
#
# He's start, batch norm, augmentation, one cycle, Adam. All of it was chosen on validation digits.
# Now all 4,000 digits train. The test digits had no say in any choice; now they judge.
#
# **Predict.** Lesson 03's layer had 91%, a hidden network without help about 94%. And this one?

# %%
final = start_as_he(build(norm=True))
fit(final, (X_all, y_all), n_epochs=16, lr=0.01, schedule=one_cycle, augment=vary)
right = evaluate(final, X_test, y_test).accuracy
report("right, of the test digits", right, 0.96, 0.99, percent=True)

# %% [markdown]
# From 10% to more than 97%, with the same layers and the same digits. What was measured on which
# digits:
#
# | trained on | tested on | no help but He's start | all together |
# |---|---|---|---|
# | the sample's 4,000 | the sample's 1,000 | 94.2 to 95.5% | 97 to 98% (above) |
# | the sample's 4,000 | MNIST's official 10,000 | 93.3 to 94.1% | 97.1 to 97.2% |
# | all 60,000, 5 epochs | MNIST's official 10,000 | 96.9% | 98.8% |
#
# The ranges are those of three random starts. Compare 97.1 with 96.9: with help, 4,000 digits teach
# this network as much as 60,000 do in five epochs without. (Trained for longer, a wider network
# reached 98.0% with the 60,000 in lesson 04. `make bench` trains these layers, without batch
# normalisation, on all 60,000 digits, moved by a pixel or so each time: 98.5% after 6 epochs.)
#
# ### Your digits
#
# The pad reads with the network that you have trained. Write the digits that lesson 03's templates
# could not read: small ones in a corner are centred for both, but slanted ones, crossed ones, bold
# ones?

# %%
pad = DigitPad({"your network": final}, in_page=True)
pad

# %% [markdown]
# ## The clinic
#
# Eight trainings, each broken by one mistake that people make every day. You see only what you would
# see: the curves, beside those of a healthy run. Diagnose first. The code is shown after a right
# answer, or after three tries.
#
# What to look at: Where does the loss start ($\log 10 \approx 2.3$)? Does it fall at all? Does the
# training curve leave the validation curve? Are loss and accuracy telling the same story? Is a result
# too good?

# %%
training_clinic()

# %% [markdown]
# Learn the signs by heart, when you are through:
#
# <details><summary>The signs</summary>
#
# | sign | think of |
# |---|---|
# | the first loss is far from $\log 10 \approx 2.3$ | pixels not scaled |
# | the loss leaps up in the first steps and stays high | learning rate too large |
# | the loss falls, then rises again | `zero_grad` forgotten |
# | the loss never falls below 1.46, though most answers are right | softmax before the loss |
# | the loss creeps down, validation stays at chance | labels shuffled |
# | the loss is healthy, the accuracy absurd | `argmax` along the wrong dimension |
# | the loss is healthy, both accuracies a little low | `eval()` forgotten |
# | validation is as good as training | test data in the training data |
#
# </details>
#
# ## Quiz

# %%
quiz("05")

# %% [markdown]
# ## Where the ideas come from
#
# **1951** Herbert Robbins and Sutton Monro prove when noisy steps arrive. **1964** Boris Polyak gives
# the steps momentum. **1991** Sepp Hochreiter explains in his diploma thesis why gradients vanish.
# **2010** Xavier Glorot and Yoshua Bengio measure layer by layer, as you did, and mend the start.
# **2011** Adagrad; ReLUs prove themselves in deep networks. **2012** RMSProp in a lecture, Adadelta,
# dropout. **2014** Adam. **2015** Batch normalisation, He's start, and Leslie Smith's range test.
# **2017** One cycle and AdamW. Most of the obstacles of this lesson fell within seven years.
#
# ## Summary
#
# - A mini-batch estimates the gradient; four times the batch halves the error. Noisy steps arrive and
#   rest if $\sum \eta_t = \infty$ and $\sum \eta_t^2 < \infty$.
# - Momentum adds slopes up; Adagrad, RMSProp, Adadelta divide by their usual size; Adam does both and
#   corrects the beginning. A learning rate means nothing without its optimizer.
# - Sigmoids multiply the slope by at most ¼ per layer: it vanishes. ReLUs pass it, and He's start,
#   $s = \sqrt{2/n_{in}}$, keeps numbers of the same size. Too large steps kill ReLUs for good.
# - Batch norm normalises each unit over the batch, and uses running means in `eval` mode. Forgetting
#   `eval()` may show only when batches are small or sorted.
# - Underfit: both errors large. Overfit: training low, validation rising. Loss and accuracy can
#   disagree; look at both.
# - Augmentation helped most. Weight decay, dropout and early stopping improve the loss.
# - Range test for the learning rate, one cycle for its course, curves for the diagnosis.
#
# **Next:** the network still does not know that two pixels are neighbours. Lesson 06 tells it.
#
# ## Sources
#
# - H. Robbins, S. Monro: *A stochastic approximation method.* Annals of Mathematical Statistics 22,
#   1951.
# - B. T. Polyak: *Some methods of speeding up the convergence of iteration methods.* 1964.
# - J. Duchi, E. Hazan, Y. Singer: *Adaptive subgradient methods.* JMLR 12, 2011.
# - M. D. Zeiler: *ADADELTA: an adaptive learning rate method.* 2012.
# - D. P. Kingma, J. Ba: *Adam: a method for stochastic optimization.* 2014.
# - X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural networks.*
#   AISTATS 2010.
# - K. He, X. Zhang, S. Ren, J. Sun: *Delving deep into rectifiers.* ICCV 2015.
# - S. Ioffe, C. Szegedy: *Batch normalization.* ICML 2015.
# - N. Srivastava and others: *Dropout: a simple way to prevent neural networks from overfitting.* JMLR
#   15, 2014.
# - I. Loshchilov, F. Hutter: *Decoupled weight decay regularization.* 2017.
# - L. N. Smith: *Cyclical learning rates for training neural networks.* 2017.
# - L. N. Smith, N. Topin: *Super-convergence: very fast training of neural networks using large
#   learning rates.* 2018.
