# %% [markdown]
# # 05 · Why is training hard, and what helps?
#
# A deeper network can do more. That does not mean that it learns more. This lesson begins with a
# patient: a network whose training goes wrong. You find out why by measuring, and cure it.
#
# **After this lesson you can**
#
# 1. measure vanishing gradients, and cure them: activation, start, batch norm;
# 2. write momentum, Adagrad, RMSProp and Adam in a few lines each, and compare them fairly;
# 3. tell underfitting from overfitting, and choose between four remedies;
# 4. find a learning rate;
# 5. diagnose a broken training from its curves.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*
#
# ## A patient
#
# The network of lesson 04, with hidden layers of 200, 100, 60 and 30 units, but with sigmoids. It is
# trained as in lesson 02: steps of a fixed size against the slope of the loss. PyTorch calls that
# `SGD`, stochastic gradient descent. An eighth of the digits is set apart for validation.
#
# **Predict.** Lesson 03's single layer had 85% of the validation digits right after one epoch. This
# network has 24 times as many weights. What will it have after five epochs: 85%, 93%, or 10%?

# %%
import torch
from torch import nn

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import seed_everything, set_threads
from course_utils.training import fit

set_threads(1)  # the same sums in the same order, however many processors there are
mnist = load_mnist(MNIST_SAMPLE)  # also where the full MNIST is there: thirty trainings follow
X_all, y_all = mnist.train_images[:, None].float() / 255, mnist.train_labels  # (N, 1, 28, 28)
order = torch.randperm(len(y_all), generator=torch.Generator().manual_seed(0))
val, rest = order.split([len(y_all) // 8, len(y_all) - len(y_all) // 8])
X_train, y_train, X_val, y_val = X_all[rest], y_all[rest], X_all[val], y_all[val]


def train(model, n_epochs=5, **settings):
    """Train on the training digits, measure on the validation digits; returns the history."""
    return fit(model, (X_train, y_train), val=(X_val, y_val), n_epochs=n_epochs, **settings)


# %%
from course_utils.display import report
from course_utils.figures import draw_lines, figure, show
from course_utils.models import mlp


def new_network(activation=nn.ReLU):
    """Return 784-200-100-60-30-10, with the same first weights each time."""
    seed_everything(0)
    return mlp((200, 100, 60, 30), activation)


def show_chart(title):
    """Show the loss of every treatment so far."""
    fig, ax = figure(title, xlabel="epoch", ylabel="validation loss")
    draw_lines(ax, chart, x=range(1, 6), trained=True)
    ax.set_ylim(0, 4)
    ax.legend(loc="upper center", ncols=2)
    show(fig)


plain_sgd = {"lr": 0.1, "optimizer": torch.optim.SGD}
history = train(new_network(nn.Sigmoid), **plain_sgd)
chart = {"the patient": history.val_loss}
show_chart("The patient does not learn")
report("right after five epochs", history.last["val_accuracy"], 0.06, 0.15, percent=True)
report("loss", history.last["val_loss"], 2.28, 2.35)

# %% [markdown]
# One in ten: blind guessing. The loss is $\log 10 \approx 2.3$, that of a model that knows nothing.
# After 20 epochs it was the same, and so it was with steps of 0.01, 1, 3 and 10. Nothing is wrong
# with the code, and the network *could* read digits. It does not learn to. Three suspects: the
# slopes, the start, the steps.
#
# ## First suspect: the slopes
#
# Backpropagation (lesson 04) passes the slope back through every layer, and multiplies at each one:
# with the weights, and with the derivative of the activation. For the sigmoid that is
# $\sigma'(z) = \sigma(z)(1 - \sigma(z))$, at most $\frac14$.
#
# By hand, a chain of five units, one in each layer, all weights 1, all $z = 0$: the slope at the
# net input of the first is $(\frac14)^5 = \frac{1}{1024}$ of the slope at the output of the last.
# For the ReLU, whose derivative is 1 where it is open, it would be all of it.
#
# The **gradient** of a layer is the vector of the slopes of its weights. `torch.autograd.grad(loss,
# weights)` returns them as a list, where `loss.backward()` would leave them in `.grad`.
#
# **Predict.** In the patient, how many times as long is the gradient of the last layer as that of
# the first: twice, 20 times, or several hundred times?

# %%
import torch.nn.functional as F

from course_utils.figures import log_axis


def layer_norms(model):
    """Return the length of the gradient of each layer's weights, first layer first."""
    loss = F.cross_entropy(model(X_train[:256]), y_train[:256])
    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]
    return [slopes.norm().item() for slopes in torch.autograd.grad(loss, weights)]


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
# Five hundred times, and with ReLUs hardly a difference. That is the illness: **vanishing
# gradients**. The first layer hears almost nothing of the loss, keeps its random weights, and hands
# on random features. With eight hidden layers of 64 units the factor is between two and three
# million. See for yourself:
#
# - Deepen the sigmoid network. How much does each layer cost?
# - Does tanh, whose derivative reaches 1, do better? And ReLU?
# - Then the *first weights*, the next suspect. With deviation 1, how many units are saturated, so
#   that the slope is almost 0?
#
# Look at the height as well as at the ratio in the headline: all gradients can be far too short.

# %%
from course_utils.explorers.depth import gradient_thermometer

gradient_thermometer(X_train[:256], y_train[:256])

# %% [markdown]
# With eight hidden layers each sigmoid costs a factor of about 6. With tanh the first gradient is a
# fifth of the last. With ReLUs it is a fiftieth with PyTorch's start, and no shorter than the last
# with He's. With deviation 1 the ReLUs' gradients run into millions; with 0.01 they are alike, and
# all about 10⁻¹⁰ or less.
#
# ## Second suspect: the start
#
# Why do the first weights matter so much? Follow the numbers forward. A unit adds up $n$ terms,
# $z = w_1 x_1 + \dots + w_n x_n$, with weights drawn independently around 0. Call their standard
# deviation the *spread*. The **variance**, Var, is the square of the standard deviation, and
# variances of independent terms add up:
#
# $$\operatorname{Var}(z) = n \cdot \text{spread}^2 \cdot \overline{x^2} ,$$
#
# where $\overline{x^2}$ is the mean square of the inputs. To hand on numbers of the size that came
# in, $n \cdot \text{spread}^2$ should be about 1. A ReLU cuts half of the numbers away and with them
# half of the mean square, so it should be 2. These are the two famous rules:
#
# - **Xavier** (Glorot and Bengio, 2010), for tanh: $\text{spread} = \sqrt{2 / (n_{in} + n_{out})}$, a
#   compromise, because backwards the sum runs over $n_{out}$ terms;
# - **He** (Kaiming He and others, 2015), for ReLU: $\text{spread} = \sqrt{2 / n_{in}}$.
#
# Neither saves sigmoids, whose slope is ¼ at best. (With Xavier's start the patient still had 10%.)
#
# **Predict.** Eight ReLU layers of 200 units. With a spread of 1, $n \cdot \text{spread}^2 / 2 =
# 100$: the numbers are ten times as large after each layer. How large are they behind the eighth?
# And with a spread of 0.01? With He's?


# %%
import math


def deviations(rule, n_layers=8):
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
starts = {name: deviations(rule) for name, rule in rules.items()}
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
# **Predict.** The network with ReLUs in place of the sigmoids, and the patient's steps. PyTorch's
# start takes it to about 60% (other draws: 45 to 50%). What does He's start make of it: 62%, 80%,
# or 92%?


# %%
def start_as_he(model):
    """Draw the weights of all linear layers by He's rule and set their biases to 0."""
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return model


W = torch.empty(400, 600)  # 400 units with 600 inputs each, as in nn.Linear
assert math.isclose(nn.init.kaiming_normal_(W).std(), rules["He"](600, 400), rel_tol=0.02)
default = train(new_network(), **plain_sgd)
with_he = train(start_as_he(new_network()), **plain_sgd)
chart |= {"ReLUs": default.val_loss, "ReLUs, He's start": with_he.val_loss}
show_chart("With ReLUs and He's start, plain SGD is enough")
report("ReLUs, PyTorch's start", default.last["val_accuracy"], 0.3, 0.8, percent=True, digits=1)
report("ReLUs, He's start", with_he.last["val_accuracy"], 0.89, 0.95, percent=True, digits=1)

# %% [markdown]
# The plain SGD of lesson 02, and over 90%. Only the first weights are new, $\sqrt 6 \approx 2.4$
# times as large, and the biases 0.
#
# The ReLU has an illness of its own. Where $z < 0$ its derivative is 0. If a large step pushes a
# unit so far that $z < 0$ for *every* digit, no slope reaches its weights any more. It is **dead**.
# Remedies: smaller steps; a **leaky** ReLU, $\max(z, 0.01 z)$, which always lets a little slope
# through; or the layer of the next section, which bears larger steps.

# %% [markdown]
# ### Deeper: Killing ReLUs
#
# Two epochs with a learning rate that is much too large bring nearly all of the last 30 units to
# that point. (The optimizer is Adam, which `fit` takes where none is named.)
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
# Not one unit has come back, though nothing is wrong with the rate any more. Where nearly all units
# of a layer are 0 for every digit, almost all digits look the same from there on, and hardly any
# slope comes back that could change it. Healthy trainings leave a few dead units, too.

# %% [markdown]
# ## Batch normalisation
#
# A good start only helps at the start. In 2015 Sergey Ioffe and Christian Szegedy built the rule
# into the network: *normalise the numbers, in every step*. For each unit, subtract the mean over
# the batch and divide by the standard deviation:
#
# $$\hat z = \frac{z - \mu}{\sqrt{\operatorname{Var}(z) + \varepsilon}} , \qquad
# \text{output} = \gamma \hat z + \beta .$$
#
# $\mu$ is the mean of that unit over the batch. $\varepsilon$ is tiny and prevents a division by
# zero. $\gamma$ and $\beta$ are learned, so that the network may undo it. By hand, for one unit and a
# batch of three: $z = 1, 3, 8$ has $\mu = 4$ and the variance $(9 + 1 + 16)/3 = 8.67$. The root is
# 2.94, and $\hat z = -1.02, -0.34, 1.36$.
#
# And when a single digit comes? An answer should not depend on the company. So during training the
# layer keeps **running** means of $\mu$ and of the variance, and in `eval` mode it uses these.


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
            with torch.no_grad():  # move a tenth of the way to what this batch has
                self.running_mean += self.share * (mean - self.running_mean)
                self.running_var += self.share * (Z.var(dim=0) - self.running_var)  # N - 1
        return self.gamma * (Z - mean) / (var + self.eps).sqrt() + self.beta


ours, theirs = OurBatchNorm(4), nn.BatchNorm1d(4)
for _ in range(20):  # train mode: twenty batches, each normalised by itself
    Z = 3 + 2 * torch.randn(16, 4)
    assert torch.allclose(ours(Z), theirs(Z), atol=1e-5)
ours.eval(), theirs.eval()
assert torch.allclose(ours(Z[:1]), theirs(Z[:1]), atol=1e-5)  # eval mode: one digit is enough
[round(z, 2) for z in OurBatchNorm(1)(torch.tensor([[1.0], [3.0], [8.0]])).flatten().tolist()]

# %% [markdown]
# Put one between each hidden layer and its activation. `build` makes the network for the rest of the
# lesson; its dropout comes in part 2.
#
# **Predict.** Back to the patient: sigmoids, plain SGD, PyTorch's start. It had 10%. What does batch
# norm alone make of it: 30%, 60%, or nearly 90%?


# %%
def build(activation=nn.ReLU, norm=False, dropout=0.0, seed=0):
    """Return the network with hidden layers of 200, 100, 60, 30 and what helps."""
    seed_everything(seed)
    layers, width = [nn.Flatten()], 784
    for n_hidden in (200, 100, 60, 30):
        layers.append(nn.Linear(width, n_hidden))
        if norm:
            layers.append(nn.BatchNorm1d(n_hidden))
        layers.append(activation())
        if dropout > 0 and n_hidden == 200:
            layers.append(nn.Dropout(dropout))
        width = n_hidden
    return nn.Sequential(*layers, nn.Linear(width, 10))


first, *_, last = layer_norms(build(nn.Sigmoid, norm=True))
report("its gradient before training, first layer / last", first / last, 1.5, 6, digits=1)
history = train(build(nn.Sigmoid, norm=True), **plain_sgd)
chart["the patient, batch norm"] = history.val_loss
show_chart("Batch norm cures the patient, sigmoids and all")
report("the patient with batch norm", history.last["val_accuracy"], 0.8, 0.93, percent=True)

# %% [markdown]
# Nine in ten, from one in ten, with the sigmoids still there. So it was the slopes. The first layer's
# gradient, a five-hundredth of the last one's before, is now three times as long as the last
# layer's: dividing by a small standard deviation multiplies the slope on its way back, and that
# outweighs the quarter.
#
# ### The mistake of forgetting `eval()`
#
# Use a network with batch norm without `model.eval()`, so that it still normalises by the batch.
#
# **Predict.** In `eval` mode it reads about 94% of the test digits. In training mode, batches of 100
# shuffled test digits: more, as many, or far fewer? And if the test digits come sorted, first all
# zeros, then all ones?


# %%
import copy

from course_utils.training import evaluate

X_test, y_test = mnist.test_images[:, None].float() / 255, mnist.test_labels
reader = start_as_he(build(norm=True))
train(reader, lr=0.003)


def right_in_train_mode(model, batch_size, order):
    """Return the share of test digits that a copy gets right in batches, without eval()."""
    model = copy.deepcopy(model).train()
    with torch.no_grad():
        answers = torch.cat([model(X_test[i]).argmax(dim=1) for i in order.split(batch_size)])
    return (answers == y_test[order]).float().mean().item()


shuffled = torch.randperm(len(y_test), generator=torch.Generator().manual_seed(0))
in_order = y_test.argsort(stable=True)
report("eval()", evaluate(reader, X_test, y_test).accuracy, 0.92, 0.97, percent=True)
for name, rows, size, low, high in (
    ("shuffled, 100 at a time", shuffled, 100, 0.9, 0.97),
    ("shuffled, 2 at a time", shuffled, 2, 0.2, 0.55),
    ("sorted, 10 at a time", in_order, 10, 0.08, 0.2),
):
    report(name, right_in_train_mode(reader, size, rows), low, high, percent=True)

# %% [markdown]
# Shuffled, a hundred at a time, it hardly shows, and that is the trap. Two at a time, each digit is
# compared with one other only, and most answers are wrong. Sorted, it reads little better than
# chance: in a batch of zeros, what all share is taken for the normal state and subtracted, and what
# all share is *that they are zeros*. In your own loop, write `model.train()` before an epoch and
# `model.eval()` before you measure, as `fit` and `evaluate` do.
#
# Broken on purpose: one digit, training mode. What is its distance from the mean of the batch?

# %% tags=["raises-exception"]
reader.train()
reader(X_test[:1])

# %% [markdown]
# Zero, for every unit: nothing would be left of it. The message says so in its own words: *expected
# more than 1 value per channel when training*. The remedy is `reader.eval()`. You meet this error
# once more when the last batch of an epoch holds a single sample. Then choose another batch size.
#
# ## Third suspect: the steps
#
# The slopes were to blame, and the start. Were the steps innocent? One learning rate for all weights
# is a problem of its own. Think of a **ravine**: steep across, nearly level along. A step that suits
# the level direction is thrown from wall to wall, and one that suits the walls creeps along the
# bottom. Four famous remedies have one form: `w` the weights, `g` the gradient, `memory` what the
# rule remembers from one step to the next. They change `w` in place.
#
# **Momentum** (Boris Polyak, 1964): a heavy ball. The step follows a running sum of the slopes, in
# which older ones fade. Across the ravine they change sign and cancel. Along it they add up, to
# ten times the step where nine tenths are kept: $1 + 0.9 + 0.81 + \dots = 10$.
#
# **Adagrad** (Duchi, Hazan and Singer, 2011): each weight gets a step size of its own. Add up the
# squares of its slopes and divide by the root of the sum. Steep directions are damped, level ones
# are not. The tiny `eps` prevents a division by zero.
#
# **RMSProp** (Geoffrey Hinton, in a lecture of 2012): Adagrad's sum never forgets a steep
# beginning, which chokes all later steps. So replace it by a fading mean of the squares. (RMS
# stands for root mean square. **Adadelta**, of the same year, is a cousin without a learning rate.)


# %%
def sgd(w, g, memory, lr):
    w -= lr * g


def momentum(w, g, memory, lr, keep=0.9):
    memory["v"] = keep * memory.get("v", 0) + g
    w -= lr * memory["v"]


def adagrad(w, g, memory, lr, eps=1e-10):
    memory["s"] = memory.get("s", 0) + g**2
    w -= lr * g / (memory["s"].sqrt() + eps)


def rmsprop(w, g, memory, lr, keep=0.99, eps=1e-8):
    memory["s"] = keep * memory.get("s", 0) + (1 - keep) * g**2
    w -= lr * g / (memory["s"].sqrt() + eps)


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


for rule in (sgd, momentum, adagrad, rmsprop, adam):
    w = torch.zeros(2)
    rule(w, torch.tensor([4.0, 0.04]), {}, lr=0.1)
    print(f"{rule.__name__:9}", [round(-step, 4) + 0.0 for step in w.tolist()])

# %% [markdown]
# SGD's steps differ by a factor of 100, like the slopes. Adagrad and Adam step by the learning rate,
# *whatever the slope*: for them `lr` is a length. RMSProp's first step is ten times as long, since
# its mean of one square is a hundredth of the square. That is the error which Adam corrects.
#
# ### The race on four surfaces
#
# Six runners, one learning rate for all. The ravine is 140 times as curved across as along. The
# saddle rises in one direction and falls in the other, like a mountain pass. Find out:
#
# - Who comes down the ravine first at a learning rate of 0.1? At 0.5, who flies off?
# - Turn the ravine by 45°. Who suffers, and who does not notice?
# - On the saddle, start exactly on the ridge ($y = 0$). Who ever leaves it?
# - Of two minima, one is deeper, behind a hill. Who gets there, at 0.1 and at 0.5?

# %%
from course_utils.explorers.optimizers import optimizer_race

optimizer_race()

# %% [markdown]
# On the ravine RMSProp is down after 7 steps, Adam after 34, momentum after 45. But RMSProp owes its
# lead to the error that you have just seen: with Adam's correction it needs 40. SGD creeps, and at
# 0.5 it is gone. Turn the ravine, and momentum takes 45 steps again, since a ball does not care which
# way the axes point. RMSProp and Adam have not arrived after 80: dividing each *axis* by its own
# steepness helps only as far as the steep direction lies along an axis. On the ridge of the saddle
# the slope across is exactly zero, and none ever leaves it. Noise, which mini-batches bring for
# nothing, pushes them off. And over the hill, at 0.1, rolls only momentum; at 0.5 it flies off the
# map, and only Adam comes down to the deeper minimum.
#
# ### The race on digits, with a fair start
#
# Surfaces are good for ideas, not for verdicts. Take the digits, ReLUs, five epochs. Each optimizer
# gets the best of three learning rates that we tried for it on the validation digits, and the race
# is run twice: from PyTorch's start and from He's.
#
# **Predict.** SGD ends last from PyTorch's start. How far behind is it from He's: as far, half as
# far, or close to the others?

# %%
from functools import partial

from course_utils.exercises import check, quiz

with_momentum = partial(torch.optim.SGD, momentum=0.9)  # SGD with this argument filled in
runners = {  # optimizer, its rate from PyTorch's start, its rate from He's
    "SGD": (torch.optim.SGD, 0.3, 0.1),
    "momentum": (with_momentum, 0.1, 0.03),
    "Adagrad": (torch.optim.Adagrad, 0.03, 0.01),
    "RMSProp": (torch.optim.RMSprop, 0.003, 0.001),
    "Adadelta": (torch.optim.Adadelta, 1.0, 1.0),
    "Adam": (torch.optim.Adam, 0.003, 0.003),
}
poor, fair = {}, {}
for name, (optimizer, poor_lr, fair_lr) in runners.items():
    same = {"optimizer": optimizer, "progress": False}
    poor[name] = train(new_network(), lr=poor_lr, **same).train_loss
    fair[name] = train(start_as_he(new_network()), lr=fair_lr, **same).train_loss
fig, panels = figure("PyTorch's start", xlabel="epoch", ylabel="training loss", columns=2)
for ax, race in zip(panels, (poor, fair), strict=True):
    draw_lines(ax, race, x=range(1, 6), trained=True)
    ax.set_ylim(0, 2.5)
panels[0].get_legend().remove()  # it is the same as the other
panels[1].set(title="He's start", xlabel="epoch")
show(fig, "From PyTorch's start SGD is far behind the others; from He's it is close.")
for start, race, low, high in (("PyTorch's", poor, 0.2, 0.6), ("He's", fair, 0, 0.15)):
    behind = race["SGD"][-1] - max(losses[-1] for name, losses in race.items() if name != "SGD")
    report(f"{start} start: SGD behind the next", behind, low, high)
history = train(start_as_he(new_network()), lr=0.1)  # Adam, where no optimizer is named
report("Adam with SGD's 0.1", history.last["val_accuracy"], 0.06, 0.6, percent=True)

# %% [markdown]
# Most of SGD's defeat came from the bad start. From He's it is last by a little. Over three random
# starts its validation accuracy was 88 to 93%, that of the others 91 to 94%: the ranges overlap. What
# the adaptive rules buy is tolerance of a bad start. And a learning rate has no meaning without its
# optimizer: a length of 0.1 for each of 185,300 weights is a leap.
#
# So would Adam have saved the patient? The sigmoids again, PyTorch's start, Adam; then a network of
# eight hidden layers of sigmoids.

# %%
history = train(new_network(nn.Sigmoid), lr=0.003)
chart["the patient, Adam"] = history.val_loss
show_chart("Adam helps the patient, too")
report("the patient under Adam", history.last["val_accuracy"], 0.6, 0.95, percent=True)
seed_everything(0)
history = train(mlp((60,) * 8, nn.Sigmoid), lr=0.003)
report("eight layers of sigmoids", history.last["val_accuracy"], 0.06, 0.4, percent=True)

# %% [markdown]
# It recovers, and the same treatment fails on eight layers. Adam divides each slope by its own usual
# size, so a slope that is a thousand times too small does not stay too small. That treats a symptom.
# The cause is the slopes, and the cures are activation, start and batch norm. (Because Adam hides
# them, one may train for years without noticing a bad start.)
#
# ### Exercise 1 · Find the mistakes: Adam
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
# ### Deeper: The other rules beside PyTorch's, and Adadelta
#
# **Adadelta** (Matthew Zeiler, 2012): slope divided by slope is a bare number, the same whether
# weights are measured in metres or in centimetres. A step should change with the measure. So
# multiply by the root mean square of the steps taken so far. There are none at first, and `eps` gets
# it going, slowly. The learning rate can stay at 1.
#
# Each rule runs beside PyTorch's: 100 noisy steps on a small problem, in double precision, so that
# rounding cannot hide a difference, or make one.


# %%
def adadelta(w, g, memory, lr=1.0, keep=0.9, eps=1e-6):
    memory["s"] = keep * memory.get("s", 0) + (1 - keep) * g**2
    step = g * (memory.get("d", 0) + eps) ** 0.5 / (memory["s"] + eps).sqrt()
    memory["d"] = keep * memory.get("d", 0) + (1 - keep) * step**2
    w -= lr * step


def match(step, optimizer_class, lr, **settings):
    """Let our rule and PyTorch's go down the same noisy bowl; they stay within a millionth."""
    noise = torch.Generator().manual_seed(0)
    ours, theirs = torch.zeros(5).double(), torch.zeros(5).double().requires_grad_()
    optimizer, memory = optimizer_class([theirs], lr=lr, **settings), {}
    for _ in range(100):
        steepness = torch.tensor([3, 1, 1, 0.3, 0.1]).double()
        target = 1 + torch.randn(5, generator=noise).double()
        theirs.grad = steepness * (theirs.detach() - target)
        optimizer.step()
        step(ours, steepness * (ours - target), memory, lr)
        assert torch.allclose(ours, theirs, atol=1e-6)
    print(f"{step.__name__}: 100 steps, never more than 1e-6 apart")


match(sgd, torch.optim.SGD, lr=0.01)
match(momentum, torch.optim.SGD, lr=0.01, momentum=0.9)
match(adagrad, torch.optim.Adagrad, lr=0.1)
match(rmsprop, torch.optim.RMSprop, lr=0.01)
match(adadelta, torch.optim.Adadelta, lr=1.0)
match(adam, torch.optim.Adam, lr=0.1)

# %% [markdown]
# ### Deeper: Noisy steps, and why they must shrink
#
# The true gradient is the mean over all 3,500 training digits. A mini-batch gives an estimate, and
# you know from lesson 02 that its error falls with $1/\sqrt{\text{batch size}}$. But is the error
# small beside the gradient itself?
#
# **Predict.** A fresh network. Is the error of a batch of 64 about 1%, 10%, or more than 100% of the
# gradient's length?


# %%
def gradient(model, X, y):
    """Return the slopes of the mean loss at all weights, as one vector."""
    loss = F.cross_entropy(model(X), y)
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, model.parameters())])


def relative_error(model, batch_size):
    """Return the mean error of 40 batches' gradients, in lengths of the true gradient."""
    true, errors = gradient(model, X_train, y_train), []
    for rows in torch.randint(len(y_train), (40, batch_size)):
        errors.append((gradient(model, X_train[rows], y_train[rows]) - true).norm())
    return (sum(errors) / len(errors) / true.norm()).item()


fresh = new_network()
for batch_size in (4, 16, 64, 256):
    low, high = 15 / batch_size**0.5, 27 / batch_size**0.5
    error = relative_error(fresh, batch_size)
    report(f"batch of {batch_size:3}: error / length", error, low, high, digits=1)
he = start_as_he(new_network())
report("batch of 64, He's start", relative_error(he, 64), 0.6, 2, digits=1)
train(he, n_epochs=2, **plain_sgd)
report("batch of 64, two epochs later", relative_error(he, 64), 1.2, 4, digits=1)

# %% [markdown]
# In this fresh network the estimate from 64 digits is wrong by more than twice the length of what it
# estimates; with He's start by about one length, and later, when the gradient is shorter, by two or
# three. Training works all the same: the errors of many steps cancel, the true part adds up. Four
# times the batch halves the error, at four times the cost.
#
# The noise has a price at the end. Near the goal the true slope is almost nothing, and the noise
# stays. The smallest case: somebody sends numbers $x_1, x_2, \dots$ one at a time, and you seek the
# $w$ that minimises the mean of $\frac12 (w - x)^2$. The slope on one number is $w - x_t$, so the
# step is $w \leftarrow w - \eta_t \, (w - x_t)$. The Greek letter $\eta$ (eta) is the learning rate,
# which may change with the step $t$. With $\eta_t = 1/t$, $w$ is always the mean of what has come:
# 4, 7, 1 lead from 0 to 4, 5.5, 4.
#
# **Predict.** 3,000 noisy numbers around 5, a poor start at $w = 25$, and three rules: $\eta_t$
# always 0.1; $1/(t+1)$; $1/(t+1)^2$. One of them stops about halfway. Which?


# %%
def follow(x, step_size, w=0.0):
    """Walk against the slope of each number in turn; return w after each step."""
    path = []
    for t, x_t in enumerate(x.tolist(), start=1):
        w = w - step_size(t) * (w - x_t)
        path.append(w)
    return torch.tensor(path)


assert follow(torch.tensor([4.0, 7.0, 1.0]), lambda t: 1 / t).tolist() == [4, 5.5, 4]
x = 5 + torch.randn(3000, generator=torch.Generator().manual_seed(1))
step_sizes = {
    "always 0.1": lambda t: 0.1,
    "1 / (t + 1)": lambda t: 1 / (t + 1),
    "1 / (t + 1)²": lambda t: 1 / (t + 1) ** 2,
}
away = {name: (follow(x, rule, w=25.0) - 5).abs() for name, rule in step_sizes.items()}
fig, ax = figure("Too large never rests, too small never arrives", xlabel="step t")
draw_lines(ax, away, x=torch.arange(1, 3001))
ax.set_ylabel("distance from 5")
log_axis(ax, "x", 1, 3000)
log_axis(ax, "y", 1e-3, 30)
show(fig, "Constant steps hover, 1/(t+1) comes ever nearer, 1/(t+1)² stays near 10.")

# %% [markdown]
# The constant rule is fast and then hovers. $1/(t+1)^2$ starves: all its steps together are so short
# that half of the way is left over for ever. Between them lies what Herbert Robbins and Sutton Monro
# proved in 1951. The steps must be able to go any distance, and the noise that they let in must die
# out:
#
# $$\sum_t \eta_t = \infty \qquad \text{and} \qquad \sum_t \eta_t^2 < \infty .$$
#
# $1/t$ meets both: $1 + \frac12 + \frac13 + \dots$ grows beyond all bounds, $1 + \frac14 + \frac19 +
# \dots$ ends at 1.64. For a loss that is a plain bowl, and noise of limited size, such steps reach
# the goal, however large the noise.

# %% [markdown]
# ## Break
#
# You can now say why a deep network does not learn, and cure it in three ways. While you are away:
# the training loss of a cured network falls to almost 0. Is that good news?

# %% [markdown]
# ## Part 2 · Does it learn the right thing?
#
# The network learns: He's start, ReLUs, Adam, batch norm where it helps. Now ask *what* it learns,
# and make that better.
#
# ### Underfit, fit, overfit
#
# Forget digits for a moment. Noisy points lie on a curve, and a polynomial is fitted to some of
# them, the training points. The degree says how bendable it is. Watch both errors.
#
# - Where is the training error least? Where the test error?
# - Then choose a network, and change its width. Last, the number of samples: what was too bendable
#   for few points is right for many.
# - Weight decay is among the controls, too. We come to it below; what does it do to a high degree?

# %%
from course_utils.explorers.overfitting import overfitting_slider

overfitting_slider()

# %% [markdown]
# Too stiff, and both errors are large: **underfitting**. Too bendable, and the training error goes
# on falling while the test error rises: **overfitting**, noise learned by heart. (With the network
# and 15 samples the test error is worst at a width of 30 and then falls again, because of all curves
# through the points the one with the smallest weights is taken. This is called *double descent*.)
# Between them lies the **fit**. More data move the border: the surest remedy, and the most expensive.
#
# Is it the same with digits? The network without batch norm, He's start, Adam, twenty epochs. A
# second one stops by itself. That is **early stopping**, the cheapest remedy: end the training when
# the validation loss has had no new best for some epochs, the **patience**, and go back to the
# weights of the best epoch.
#
# **Predict.** After twenty epochs the training loss is near 0. Where is the validation loss: near 0,
# level, or risen? And how many *more* of the 500 digits than at the best epoch are wrong: 100, 25, or
# hardly any?

# %%
from course_utils.training import EarlyStopping, predict

overfitted, stopped = start_as_he(build()), start_as_he(build())
long = train(overfitted, n_epochs=20, lr=0.003)
short = train(stopped, n_epochs=20, lr=0.003, early_stopping=EarlyStopping(patience=5))
fig, ax = figure("The validation loss turns and rises", xlabel="epoch", ylabel="loss")
losses = {"training": long.train_loss, "validation": long.val_loss}
draw_lines(ax, losses, x=range(1, 21), trained=True)
ax.axvline(len(short), color="#6b7178", linestyle="--", label="_stopped here")
ax.text(len(short) + 0.3, 0.42, "stopped here", fontsize=13)
chosen = short.best_epoch
ax.plot(chosen + 1, short.val_loss[chosen], "o", markersize=14, color="#009E73", label="_chosen")
ax.text(chosen + 1, 0.17, "chosen", ha="center", fontsize=13)
ax.set(xlim=(0, 21), ylim=(0, 0.45))
ax.legend(loc="lower left")
show(fig, "A dot at the least validation loss; five epochs later a dashed line, the stop.")
for name, model in (("chosen epoch", stopped), ("last epoch", overfitted)):
    logits = predict(model, X_val)
    wrong = logits.argmax(dim=1) != y_val
    report(f"{name}: wrong", wrong.float().mean().item(), 0.03, 0.08, percent=True)
    loss = F.cross_entropy(logits[wrong], y_val[wrong]).item()
    report(f"{name}: mean loss of the wrong ones", loss, 1.5, 10, digits=1)

# %% [markdown]
# The loss rises by a third or more, and hardly any digits more are wrong. Most people expect both to
# move together. But the network is now more *surely* wrong where it is wrong, and cross-entropy
# charges for that. Whoever watches only the accuracy does not see it.
#
# ### Exercise 2 · Stop
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
# ### Three more remedies
#
# **Weight decay.** A network that bends sharply has large weights. So shrink all weights a little in
# every step, by a share $\eta \lambda$ of themselves. The Greek letter $\eta$ (eta) is the learning
# rate, $\lambda$ (lambda) says how strong the decay is: $w \leftarrow w - \eta \, (g + \lambda w)$.
# By hand: $w = 2$, $g = 0$, $\eta = 0.1$, $\lambda = 0.5$ give 1.9, then 1.805, then 1.715. What the
# data do not need fades away. In Adam this sum would be divided by the size of the slopes, so
# **AdamW** (Loshchilov and Hutter) shrinks the weights apart from the step.
#
# **Dropout.** In every step, switch half of the units off, each by the toss of a coin (Hinton and
# others, 2012). No unit can rely on a partner. In use all units work, and the next layer would hear
# sums twice as large. So what is kept is **rescaled at training**: divided by the share that is
# kept. By hand: (1, 2, 3, 4) with the coins (1, 0, 0, 1) becomes (2, 0, 0, 8). On average over all
# coins every number stays what it was.
#
# **Data augmentation.** More data is the surest remedy, so make some. A digit that is slightly
# turned, slanted, moved or written with a thicker pen is still the same digit. `vary` does that with
# a whole batch, anew in every step.


# %%
from course_utils.figures import plot_images, plot_lines
from course_utils.ink.augment import vary


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
report("dropout: mean after / mean before", (ours.mean() / h.mean()).item(), 0.98, 1.02)

seed_everything(0)
copies = vary(X_train[:1].repeat(9, 1, 1, 1))
both = torch.cat([X_train[:1], copies])[:, 0]
plot_images(both, ["original", *["varied"] * 9], says="One digit, ten ways to write it", columns=5)

# %% [markdown]
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
helped = {"no help": long}
for name, (share, options) in settings.items():
    helped[name] = train(start_as_he(build(dropout=share)), n_epochs=10, lr=0.003, **options)
plot_lines(
    {name: history.val_loss[:10] for name, history in helped.items()},
    "Augmentation ends lowest",
    x=range(1, 11),
    xlabel="epoch",
    ylabel="validation loss",
    ylim=(0, 0.6),
    trained=True,
)
bands = {"no help": 0.08, "weight decay": 0.1, "dropout": 0.3, "augmentation": 0.4}
for name, high in bands.items():
    low = 0.1 if high > 0.2 else 0
    report(f"training loss, {name}", helped[name].train_loss[9], low, high)

# %% [markdown]
# Augmentation. And its training loss is the highest: its digits are harder, and new in every epoch.
# Between the other three, 500 digits decide nothing. So we measured the same trainings from three
# random starts on MNIST's 10,000 official test digits:
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
# fourth line: a remedy is also a burden. Half of 200 units can be spared, half of 30 cannot. That
# network underfits.

# %% [markdown]
# ### Deeper: Weight decay beside PyTorch's
#
# Weight decay is the same as adding $\frac{\lambda}{2} \sum w^2$ to the loss, whose slope is
# $\lambda w$. For plain SGD the two forms of the step agree. AdamW's does not go through the memory.


# %%
def sgd_decay(w, g, memory, lr, decay=0.1):
    w -= lr * (g + decay * w)


def adamw(w, g, memory, lr, decay=0.1):
    w *= 1 - lr * decay
    adam(w, g, memory, lr)


match(sgd_decay, torch.optim.SGD, lr=0.01, weight_decay=0.1)
match(adamw, torch.optim.AdamW, lr=0.1, weight_decay=0.1)

# %% [markdown]
# ### Finding a learning rate
#
# The learning rate matters more than the choice of the optimizer. Leslie Smith's **range test** finds
# one in seconds. Train a copy of the network and multiply the learning rate by a constant factor
# after each step, from far too small to far too large. Write the loss down, smoothed. It stays level
# (too small), falls (useful), rises steeply (too large). Take a tenth of the rate at which it is
# least; a third, where the rate comes down again during the training.
#
# **Predict.** Batch norm bears larger steps. Where will its curve turn, compared with the
# network without?

# %%
from course_utils.training import find_lr, one_cycle, smooth

fig, ax = figure("With batch norm the useful range is wider", xlabel="learning rate (Adam)")
for name, norm in (("without batch norm", False), ("with it", True)):
    lrs, losses = find_lr(start_as_he(build(norm=norm)), (X_train, y_train))
    draw_lines(ax, {name: smooth(losses)}, x=lrs, trained=True)
ax.set(ylim=(0, 4), ylabel="smoothed loss")
log_axis(ax, "x", 1e-5, 10)
ax.legend()
show(fig, "Both fall and turn up; with batch norm the turn comes at a larger learning rate.")

# %% [markdown]
# Without batch norm the loss is least near 0.005, and flat for a while; with it near 0.03. A tenth of
# 0.03 is 0.003, a third about 0.01. The second belongs to a schedule: long steps first,
# while the way is far, short steps last, so that the noise of the mini-batches comes to rest. A
# favourite is Smith's **one cycle**, which you have used since lesson 03. The rate starts at a 25th
# of its peak and rises for three tenths of the training (a fresh network is easily hurt), then falls
# along a cosine to almost nothing.

# %% [markdown]
# ### Deeper: Try a rate, and a schedule
#
# The dotted line is the tenth, rounded down to a value of the slider. Try ten times as much, a
# hundred times, and a tenth.

# %%
from course_utils.explorers.lr_finder import lr_finder

lr_finder(start_as_he(build(norm=True)), (X_train, y_train))

# %% [markdown]
# **Predict.** Eight epochs with batch norm, a peak of 0.01. Constant rate or one cycle: which leads
# after two epochs, and which at the end?

# %%
constant = train(start_as_he(build(norm=True)), n_epochs=8, lr=0.01)
cycle = train(start_as_he(build(norm=True)), n_epochs=8, lr=0.01, schedule=one_cycle)
plot_lines(
    {"one cycle": cycle.val_loss, "constant": constant.val_loss},
    "One cycle is steadier and lower at the end",
    x=range(1, 9),
    xlabel="epoch",
    ylabel="validation loss",
    ylim=(0, 1),
    trained=True,
)
report("one cycle: validation loss", cycle.val_loss[-1], 0.11, 0.22)

# %% [markdown]
# The constant rate leads at first and then wanders about. One cycle is slow in the beginning, while
# its rate is still small. At the end, with ever shorter steps, its loss only falls.

# %% [markdown]
# ### All together
#
# He's start, batch norm, augmentation, one cycle, Adam: all chosen on validation digits. Now all
# 4,000 digits train, and the test digits, which had no say in any choice, judge.
#
# **Predict.** Lesson 03's layer had 91%, a hidden network without help about 94%. And this one?

# %%
from course_utils.canvas import DigitPad

final = start_as_he(build(norm=True))
fit(final, (X_all, y_all), n_epochs=16, lr=0.01, schedule=one_cycle, augment=vary)
right = evaluate(final, X_test, y_test).accuracy
report("right, of the test digits", right, 0.96, 0.99, percent=True)
pad = DigitPad({"your network": final}, in_page=True)
pad

# %% [markdown]
# The pad reads with the network that you have trained. Write what lesson 03's templates could not
# read: slanted digits, crossed ones, bold ones.
#
# From 10% to more than 97%, with layers as wide and the same digits. What was measured on which
# digits, from three random starts:
#
# | trained on | tested on | no help but He's start | all together |
# |---|---|---|---|
# | the sample's 4,000 | the sample's 1,000 | 94.2 to 95.5% | 97 to 98% (above) |
# | the sample's 4,000 | MNIST's official 10,000 | 93.3 to 94.1% | 97.1 to 97.2% |
# | all 60,000, 5 epochs | MNIST's official 10,000 | 96.9% | 98.8% |
#
# With help, 4,000 digits teach this network as much as 60,000 do in five epochs without.
#
# ## Your turn
#
# ### Exercise 3 · Cure a patient
#
# A second patient, deeper than the first: eight hidden layers of 60 sigmoids. Adam left it near
# chance in part 1. It has to live with plain SGD.


# %%
def patient_two(n_hidden):
    """Return 784-60-…-60-10 with some hidden layers of 60 units."""
    layers, width = [nn.Flatten()], 784
    for _ in range(n_hidden):
        layers += [nn.Linear(width, 60), nn.Sigmoid()]
        width = 60
    return nn.Sequential(*layers, nn.Linear(width, 10))


seed_everything(0)
first, *_, last = layer_norms(patient_two(8))
report("gradient of the first layer, in millionths of the last's", 1e6 * first / last, 0.1, 2)
history = train(patient_two(8), n_epochs=3, **plain_sgd)
report("right after three epochs", history.last["val_accuracy"], 0.06, 0.15, percent=True)

# %% [markdown]
# Write a function that returns a healthy network with as many hidden layers of 60 units. Activation,
# start and what else stands between the layers are yours; widths, optimizer and rate stay. The
# checker trains it for five epochs, with 8 and with 3 hidden layers, and wants three of four
# validation digits right after one of them. `layer_norms(cured(8))` shows you beforehand whether
# the gradient arrives.


# %%
def cured(n_hidden):
    """Return 784-60-…-60-10 with n_hidden hidden layers that plain SGD can train."""
    ### BEGIN SOLUTION
    layers, n_in = [nn.Flatten()], 784
    for n_out in [60] * n_hidden:
        layers += [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU()]
        n_in = n_out
    return start_as_he(nn.Sequential(*layers, nn.Linear(n_in, 10)))
    ### END SOLUTION


# %%
check("05.cure", cured)

# %% [markdown]
# ### The clinic
#
# Eight trainings, each broken by one mistake that people make every day. You see only what you would
# see: the curves, beside those of a healthy run. Diagnose first. The code is shown after a right
# answer, or after three tries.
#
# Where does the loss start ($\log 10 \approx 2.3$)? Does it fall at all? Does the training curve leave
# the validation curve? Do loss and accuracy tell the same story? Is a result too good?

# %%
from course_utils.explorers.clinic import training_clinic

training_clinic()

# %% [markdown]
# Learn the signs by heart, when you are through:
#
# <details><summary>The signs</summary>
#
# | sign | think of |
# |---|---|
# | the first loss is far from $\log 10 \approx 2.3$ | the pixels are not scaled |
# | the loss leaps up in the first steps and stays high | the learning rate is too large |
# | the loss falls, then rises and stays high | `zero_grad` is missing |
# | the loss never falls below 1.46, though most answers are right | softmax is applied twice |
# | the loss creeps down, validation stays at chance | the labels were shuffled |
# | the loss is healthy, the accuracy absurd | `argmax` runs along the wrong dimension |
# | the loss is healthy, both accuracies a little low | `eval()` was forgotten |
# | validation is as good as training | the validation digits leaked into training |
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
# **2011** Adagrad; ReLUs prove themselves in deep networks. **2012** RMSProp, Adadelta, dropout.
# **2014** Adam. **2015** Batch normalisation, He's start, the range test. **2017** One cycle and AdamW.
#
# ## Summary
#
# - Sigmoids multiply the slope by at most ¼ per layer: it vanishes. ReLUs pass it, and He's start,
#   $\text{spread} = \sqrt{2/n_{in}}$, keeps numbers of the same size. Too large steps kill ReLUs.
# - Batch norm normalises each unit over the batch, and uses running means in `eval` mode. Forgetting
#   `eval()` may show only when batches are small or sorted.
# - Momentum adds slopes up; Adagrad and RMSProp divide by their usual size; Adam does both and
#   corrects the beginning. A learning rate means nothing without its optimizer, and a race between
#   optimizers nothing without a fair start.
# - Underfit: both errors large. Overfit: training low, validation rising. Loss and accuracy can
#   disagree; look at both.
# - Augmentation helped most. Weight decay, dropout and early stopping improve the loss. Range test
#   for the learning rate, one cycle for its course, curves for the diagnosis.
#
# **Next:** the network still does not know that two pixels are neighbours. Lesson 06 tells it.
#
# ## Sources
#
# - H. Robbins, S. Monro: *A stochastic approximation method.* 1951.
# - B. T. Polyak: *Some methods of speeding up the convergence of iteration methods.* 1964.
# - X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural networks.*
#   AISTATS 2010.
# - J. Duchi, E. Hazan, Y. Singer: *Adaptive subgradient methods.* JMLR 12, 2011.
# - M. D. Zeiler: *ADADELTA: an adaptive learning rate method.* 2012.
# - N. Srivastava and others: *Dropout: a simple way to prevent neural networks from overfitting.* JMLR
#   15, 2014.
# - D. P. Kingma, J. Ba: *Adam: a method for stochastic optimization.* 2014.
# - K. He, X. Zhang, S. Ren, J. Sun: *Delving deep into rectifiers.* ICCV 2015.
# - S. Ioffe, C. Szegedy: *Batch normalization.* ICML 2015.
# - L. N. Smith: *Cyclical learning rates for training neural networks.* 2017.
# - I. Loshchilov, F. Hutter: *Decoupled weight decay regularization.* 2017.
# - L. N. Smith, N. Topin: *Super-convergence: very fast training of neural networks using large
#   learning rates.* 2018.
