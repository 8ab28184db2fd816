# %% [markdown]
# # 04 · What do hidden layers add?
#
# One layer cannot compute XOR, and ten templates end near 92%. A layer between the inputs and the
# output removes both limits. You will set its weights by hand, let it learn, and find out how a
# slope gets through it: that is backpropagation, and you will build a small machine that does it.
#
# **After this lesson you can**
#
# 1. solve XOR with two hidden units, and say what they see that one layer does not;
# 2. name every shape in a network of any depth, and count its parameters;
# 3. do backpropagation by hand, as a graph, with an engine of your own, and with matrices;
# 4. write a layer as an `nn.Module` and put networks together with `nn.Sequential`;
# 5. say why unscaled pixels cost accuracy, and when they seem not to.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
import copy
import math
import random
from itertools import chain, pairwise

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import seed_everything, set_threads
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.approximation import bump_builder, hidden_layer_explorer
from course_utils.explorers.backprop import backprop_graph
from course_utils.figures import plot_images, plot_lines, two_layer_diagram
from course_utils.models import load_pretrained
from course_utils.training import accuracy, compare_times, evaluate, fit, one_cycle, predict

set_threads(1)  # the same sums in the same order, however many processors there are
seed_everything(0)

# %% [markdown]
# ## XOR with two hidden units
#
# XOR is 1 where exactly one of two inputs is 1. In lesson 01 no unit could do it, since no single
# line parts the corners. But say it in other words: *at least one of them, and not both*. "At least
# one" is OR. "Not both" is NAND. And "and" joins the two. Each of these three is within reach of one
# unit. So let two units look at the inputs, and a third one look at the two.
#
# **Predict.** Fill in this table on paper before you run the cell: h₁ = OR, h₂ = NAND, and the
# output, for the inputs (0, 0), (0, 1), (1, 0), (1, 1).


# %%
def unit(x, w, theta):
    """Return 1 if the weighted sum of the inputs reaches the threshold, else 0 (lesson 01)."""
    return int(sum(w_i * x_i for w_i, x_i in zip(w, x)) >= theta)


for x in [(0, 0), (0, 1), (1, 0), (1, 1)]:
    h = unit(x, (1, 1), 1), unit(x, (-1, -1), -1)  # OR, NAND
    print("x:", x, "  h:", h, "  output:", unit(h, (1, 1), 2))  # AND of the two

# %% [markdown]
# It is XOR. Look at the middle column. Four corners went in, and only **three** places come out: both
# corners of class 1 arrived at (1, 1). The hidden units did not answer the question. They moved the
# points, until one line could part them. Such units are called **hidden** because nobody tells them
# what to say: the labels speak only to the output.
#
# ### Exercise 1 · The opposite
#
# XNOR is 1 where both inputs are *equal*. Give weights and a threshold for the hidden units h₁ and
# h₂ and for the output unit.

# %%
xnor = (
    ### BEGIN SOLUTION
    ((1, 1), 2),
    ((-1, -1), 0),
    ((1, 1), 1),
    ### END SOLUTION
)  # h1, h2 and the output, each as ((w1, w2), theta)

# %%
check("04.xnor", xnor)

# %% [markdown]
# ### The same with units that have a slope
#
# A step has slope 0, so nothing could be learned. Use ReLUs instead. With
# $h_1 = \mathrm{ReLU}(x_1 + x_2)$ and $h_2 = \mathrm{ReLU}(x_1 + x_2 - 1)$, the score
# $s = h_1 - 2 h_2 - \tfrac12$ is positive for (0, 1) and (1, 0) and negative for the two others. In
# PyTorch the layers stand one after the other in an `nn.Sequential`. (`double` makes numbers of 16
# digits in place of 7. These networks are so small that it costs nothing.)

# %%
X_xor = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).double()
y_xor = torch.tensor([0.0, 1.0, 1.0, 0.0]).double()
by_hand = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).double()
by_hand[0].load_state_dict({"weight": torch.ones(2, 2), "bias": torch.tensor([0.0, -1.0])})
by_hand[2].load_state_dict({"weight": torch.tensor([[1.0, -2.0]]), "bias": torch.tensor([-0.5])})
by_hand(X_xor)[:, 0].tolist()

# %% [markdown]
# ### Then learned
#
# Now 200 networks like this one learn XOR at once, from random weights: first with 2 hidden units
# each, then with 4, then with 16. The loss is that of lesson 02.
#
# **Predict.** Two hidden units are enough, you have seen the weights. How many of the 200 find such
# weights: all, half, or one in five?


# %%
def share_that_learns(n, n_networks=200, n_steps=400):
    """Train many 2-n-1 ReLU networks on XOR; return the share that gets all four corners right."""
    sizes = ((n, 2), 2**-0.5), ((1, n), 2**-0.5), ((n, 1), n**-0.5), ((1, 1), n**-0.5)
    W, b, v, c = parts = [  # of each one for every network, spread as in nn.Linear
        torch.empty(n_networks, *shape).uniform_(-limit, limit).double().requires_grad_()
        for shape, limit in sizes
    ]
    optimizer = torch.optim.Adam(parts, lr=0.1)
    labels = y_xor[:, None].expand(n_networks, 4, 1)
    for _ in range(n_steps):
        scores = torch.relu(X_xor @ W.mT + b) @ v + c  # (networks, 4, 1)
        loss = F.binary_cross_entropy_with_logits(scores, labels, reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return ((scores > 0) == (labels == 1)).all(dim=1).float().mean().item()


for n, low, high in ((2, 0.1, 0.4), (4, 0.4, 0.85), (16, 0.95, 1.0)):
    report(f"{n} hidden units", share_that_learns(n), low, high, percent=True, digits=1)

# %% [markdown]
# About one in five. Whoever said "all" confused two questions: whether weights *exist*, and whether
# the way downhill *leads there*. In four of five networks that failed, a unit had fallen silent at
# all four corners. Its output is 0 there, so its slope is 0, and it never comes back. Of 16 units
# enough remain. That is one reason why networks are made wider than their task needs.
#
# Here is one network with two tanh units, on its way. On the left the green lines are where a hidden
# unit changes sign, the black curve is where the network changes its answer. On the right you see
# the four corners *as the output unit sees them*. Step through the training: when does one straight
# line suffice there? Then put the ring between the corners.


# %%
def descend(model, optimizer, X, y, n_steps, loss_fn=F.binary_cross_entropy_with_logits):
    """Take n_steps steps downhill, with all of X in each."""
    for _ in range(n_steps):
        loss = loss_fn(model(X)[:, 0], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


seed_everything(2)
learner = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).double()
optimizer = torch.optim.Adam(learner.parameters(), lr=0.05)
film, done = {}, 0
for step in (0, 10, 20, 30, 40, 50, 60, 80, 100, 200):
    descend(learner, optimizer, X_xor, y_xor, step - done)
    film[f"after {step} steps"], done = copy.deepcopy(learner), step
hidden_layer_explorer(film, X_xor, y_xor, step="picture", start=3)

# %% [markdown]
# After 30 steps three corners are right, after 40 all four. Look at the right picture: the points
# came apart until one line could part them. That is what a hidden layer adds: it does not cut better,
# it *moves the points* before the cut.
#
# ### Would a layer without a bend do?
#
# **Predict.** Leave the ReLU out: a linear layer on a linear layer, 2-100-1. How many of the four
# corners can it get right?

# %%
two_linear = nn.Sequential(nn.Linear(2, 100), nn.Linear(100, 1)).double()
first, second = two_linear
W_both = second.weight @ first.weight  # (1, 100) @ (100, 2) -> (1, 2)
b_both = second.weight @ first.bias + second.bias
assert torch.allclose(two_linear(X_xor), X_xor @ W_both.T + b_both, atol=1e-5)
W_both.shape

# %% [markdown]
# Three, as many as one line can: OR is wrong at (1, 1) only. The two layers *are* one layer, with
# the matrix $W_2 W_1$: 401 numbers that do the work of 3. A hundred such layers would still cut
# with one line. Only a bend between them changes that.
#
# ### A fence
#
# Class 1 lies in the middle, class 0 around it. Networks with 1, 2, 3, 4 and 8 hidden tanh units
# learn it.
#
# **Predict.** How many straight lines do you need to fence off the middle? Then step through.

# %%
points = 4 * torch.rand(400, 2, generator=torch.Generator().manual_seed(0)) - 2
radius = points.norm(dim=1)
X_ring = points[(radius < 0.9) | (radius > 1.3)][:200].double()
y_ring = (X_ring.norm(dim=1) < 1.1).double()
fences = {}
for n_hidden in (1, 2, 3, 4, 8):
    seed_everything(5)
    fence = nn.Sequential(nn.Linear(2, n_hidden), nn.Tanh(), nn.Linear(n_hidden, 1)).double()
    descend(fence, torch.optim.Adam(fence.parameters(), lr=0.1), X_ring, y_ring, 250)
    fences["1 hidden unit" if n_hidden == 1 else f"{n_hidden} hidden units"] = fence
hidden_layer_explorer(fences, X_ring, y_ring, step="network", start=1)

# %% [markdown]
# Three lines make a triangle, the first fence that closes. Two leave a strip with open ends. And
# again, possible is not the same as found: of eight random starts with three units two got all 200
# points right, with four units all eight.
#
# ## Layers, shapes, names
#
# From here on the network below goes with us, in numbers, as a graph, in code. Each line carries a
# weight. $w_{12}$ belongs to hidden unit 1 and input 2: the first index says where the line *ends*.

# %%
two_layer_diagram()

# %% [markdown]
# Any number of layers works the same way. Call the inputs $\mathbf a^{(0)}$; the number in brackets
# is that of the layer, no power. Layer $l$ computes
#
# $$\mathbf z^{(l)} = W^{(l)} \mathbf a^{(l-1)} + \mathbf b^{(l)}, \qquad
# \mathbf a^{(l)} = g(\mathbf z^{(l)}) ,$$
#
# with a bend $g$ (the **activation**) such as ReLU, tanh or sigmoid. The last layer has none: it
# gives the scores. A network of **two layers** has two matrices, so one hidden layer. $W^{(l)}$ has
# a row for each unit of its layer and a column for each unit of the layer before. For a batch of
# $N$ rows:
#
# | 784-200-10 | in code | shape |
# |---|---|---|
# | inputs | `X` | (N, 784) |
# | weights and biases of the hidden layer | `W`, `b` | (200, 784), (200,) |
# | hidden outputs | `H = g(X @ W.T + b)` | (N, 200) |
# | weights and biases of the output | `V`, `c` | (10, 200), (10,) |
# | scores | `S = H @ V.T + c` | (N, 10) |
#
# In a loop, all at once, and by PyTorch, for the network of the picture and one input:

# %%
x = torch.tensor([1.0, 2.0])
W, b = torch.tensor([[1.0, 0.5], [0.5, -0.5]]), torch.tensor([-1.0, 0.0])
v, c = torch.tensor([2.0, 1.0]), torch.tensor(-1.0)

h_loop = [math.tanh(sum(w * x_j for w, x_j in zip(row, x)) + b_i) for row, b_i in zip(W, b)]
h = torch.tanh(W @ x + b)  # (2, 2) @ (2,) -> (2,)
s = v @ h + c
network = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
network[0].load_state_dict({"weight": W, "bias": b})
network[2].load_state_dict({"weight": v[None], "bias": c[None]})
assert torch.allclose(torch.tensor(h_loop), h)
assert torch.allclose(network(x), s)
print("h:", [round(value, 3) for value in h.tolist()], "  s:", round(s.item(), 3))

# %% [markdown]
# ## How much can one hidden layer say?
#
# A ReLU of $x - a$ is 0 up to $a$, then rises: a **hinge**. Three hinges make a **bump**. Up with
# the first, down twice as steeply with the second, and flat again with the third.
#
# ### Exercise 2 · A bump from three ReLUs
#
# It is 0 up to `top - width`, rises in a straight line to 1 at `top`, falls to 0 at `top + width`
# and stays there. Use `torch.relu` three times.


# %%
def bump(x, top, width):
    """Return the height of the bump at each x: (N,) -> (N,)."""
    ### BEGIN SOLUTION
    rise = torch.relu(x - (top - width)) - 2 * torch.relu(x - top) + torch.relu(x - (top + width))
    return rise / width
    ### END SOLUTION


# %%
check("04.bump", bump)

# %% [markdown]
# Side by side, bumps follow any curve: each takes care of its own place. Choose another curve and
# pull the five bumps until the sum follows it. How small can you make the largest gap?
#
# **Predict.** How much smaller does the gap become with twice as many bumps? Then choose 9, 17 and
# 33, for the wave and for the step.

# %%
bump_builder()

# %% [markdown]
# With the wave the gap falls to a third at first, then to a quarter each time the number doubles:
# half as wide, the straight pieces leave a quarter of the gap. With the step it does not fall: slopes
# cannot follow a jump. For everything without jumps there is a theorem. **Universal approximation:**
# *on a bounded closed region every continuous function can be followed as closely as you like by one
# hidden layer with enough units*, with ReLUs, sigmoids, or any bend that is not a polynomial.
#
# Read it as carefully as a contract. It says that weights exist. It does not say how many units are
# needed, nor that training finds them, nor anything about inputs outside the region.
#
# **Predict.** 16 ReLUs whose weights we compute pass through 17 points of the wave. Beside them a
# network of the same size learns it in 1,000 steps from a random start. Who comes nearer?


# %%
def wave(x):
    """Return the curve to follow."""
    return 0.5 + 0.4 * torch.sin(2 * math.pi * x)


places = torch.linspace(0, 1, 17)
slopes = wave(places).diff() * 16  # of the 16 straight pieces
changes = slopes.diff(prepend=torch.zeros(1))  # each hinge changes the slope by this much
computed = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)).double()
computed[0].load_state_dict({"weight": torch.ones(16, 1), "bias": -places[:16]})
computed[2].load_state_dict({"weight": changes[None], "bias": wave(places[:1])})

seed_everything(0)
learned = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1)).double()
x_train = torch.linspace(0, 1, 201, dtype=torch.float64)[:, None]
optimizer = torch.optim.Adam(learned.parameters(), lr=0.01)
descend(learned, optimizer, x_train, wave(x_train)[:, 0], 1000, F.mse_loss)
for name, model, low, high in ("computed", computed, 0.005, 0.01), ("learned", learned, 0.03, 0.6):
    gap = (model(x_train) - wave(x_train)).abs().max().item()
    report(f"largest gap, {name}", gap, low, high, digits=3)

# %%
wide = torch.linspace(-0.5, 1.5, 201, dtype=torch.float64)[:, None]
curves = {"the wave": wave(wide), "computed": computed(wide), "learned": learned(wide)}
plot_lines(
    {name: values[:, 0] for name, values in curves.items()},
    "Both were made for 0 to 1; outside, neither follows",
    x=wide[:, 0],
    xlabel="x",
    ylabel="y",
)

# %% [markdown]
# The computed one is closer by far. The theorem promised weights; the training found others. Outside
# 0 to 1 both are wrong, as nothing was promised there: behind the last hinge a ReLU network is a
# straight line.
#
# Why learn at all, then? Because bumps are cheap only on a line. A square needs 17 · 17 = 289 of
# them, and a picture of 784 pixels $17^{784}$. Learned units need not cover every place. They go
# where the data are.
#
# ## Counting parameters
#
# The network that we shall train has four hidden layers: 784-200-100-60-30-10. How many numbers are
# there to learn? Lecture slides have said "roughly 34 million".
#
# **Predict.** Without computing: is that possible? The first hidden layer has the most weights.
#
# ### Exercise 3 · Find the mistake
#
# This function should count the weights and biases of a network. For (784, 10) it says 7,850, which
# is right. For deeper networks it is wrong in two places. (`pairwise(widths)` gives the neighbours,
# such as (784, 200), then (200, 100).)
#
# ```python
# n = 1
# for width in widths[:-1]:
#     n *= width
# return n * widths[-1] + widths[-1]
# ```


# %%
def count_parameters(widths):
    """Return the number of weights and biases; widths: units of each layer, inputs first."""
    ### BEGIN SOLUTION
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(widths))
    ### END SOLUTION


# %%
check("04.count", count_parameters)

# %%
widths, total = (784, 200, 100, 60, 30, 10), 0  # a row for each matrix and its biases
for n_in, n_out in pairwise(widths):
    total += n_in * n_out + n_out
    print(f"{n_in:>3} × {n_out:>3} + {n_out:>3} = {n_in * n_out + n_out:>7,}")
counted = nn.Sequential(*(nn.Linear(n_in, n_out) for n_in, n_out in pairwise(widths)))
assert total == sum(parameter.numel() for parameter in counted.parameters())
print(f"{'together':>15} = {total:>7,}")
print(f"200 × 100 × 60 × 30 = {math.prod(widths[1:5]):,}")

# %% [markdown]
# **185,300**, and 85% of them in the first layer. So 34 million is not possible: no layer has more
# than the first, and there are five. The slides are wrong by a factor of about 180.
#
# Where did it come from? We do not know. Weights sit on lines between *neighbours*, so products of
# two widths are **added**. Whoever *multiplies on* along the layers gets millions, such as the 36
# million of the last row. (Nearest to 34 comes 28 × 200 × 100 × 60 = 33.6 million, with one row of
# the picture in place of all 28.) Such a product does count something: 36 million is the number of
# *ways* from the first hidden layer to the last. But ways share their lines. That is also why the
# slopes of the next section need not be computed way by way.
#
# ## Backpropagation, by hand
#
# Back to the network with numbers: $\mathbf x = (1, 2)$, $h = (0.762, -0.462)$, $s = 0.061$. It
# should have said $y = 1$. Take the loss $\ell = \tfrac12 (s - y)^2 = 0.441$.
#
# **The question:** each of the nine numbers $W$, $\mathbf b$, $\mathbf v$, $c$ had a share in this.
# By how much does $\ell$ change if one of them does? That is the number's **slope**. Walk backward
# from the loss, and at each step multiply by one local slope.
#
# 1. **At the score.** $\partial \ell / \partial s = s - y = -0.939$. What was said minus what is
#    true, once more. Call it $\delta$.
# 2. **The output's weights.** $s = v_1 h_1 + v_2 h_2 + c$, so the slope of $v_1$ is
#    $\delta\, h_1 = -0.715$, that of $v_2$ is $\delta\, h_2 = 0.434$, and that of $c$ is $\delta$.
# 3. **Back through the output's weights.** $h_1$ moves $s$ by $v_1$ times its own move. So
#    $\partial \ell / \partial h_1 = \delta\, v_1 = -1.878$ and
#    $\partial \ell / \partial h_2 = \delta\, v_2 = -0.939$.
# 4. **Back through the bend.** The net inputs were $\mathbf z = (1, -0.5)$. The slope of tanh is
#    $1 - h^2$: 0.420 and 0.786. So $-1.878 \cdot 0.420 = -0.789$ arrives at $z_1$, and
#    $-0.939 \cdot 0.786 = -0.738$ at $z_2$.
# 5. **The hidden weights.** $w_{ij}$ reaches $z_i$ multiplied by $x_j$. The slopes of the first row
#    are $-0.789 \cdot (1, 2)$, of the second $-0.738 \cdot (1, 2)$; those of the biases $-0.789$
#    and $-0.738$.
#
# **Predict.** Eight of the nine slopes are negative: these numbers should grow. After one step of
# learning rate 0.1 against the slopes, does $s$ come nearer to 1 by about 0.1, or by more?

# %%
delta = s - 1  # at the score
v_slope, c_slope = delta * h, delta
z_delta = delta * v * (1 - h**2)  # through the output's weights, through the bend
W_slope, b_slope = torch.outer(z_delta, x), z_delta  # (2,) and (2,) -> (2, 2)

loss = 0.5 * (network(x) - 1).square().sum()
loss.backward()
for ours, layer, part in (
    (W_slope, network[0], "weight"),
    (b_slope, network[0], "bias"),
    (v_slope[None], network[2], "weight"),
    (c_slope[None], network[2], "bias"),
):
    assert torch.allclose(ours, getattr(layer, part).grad, atol=1e-6)
step = (v - 0.1 * v_slope) @ torch.tanh((W - 0.1 * W_slope) @ x + b - 0.1 * b_slope)
print("slopes of W:", [[round(w, 3) for w in row] for row in W_slope.tolist()])
print("s after one step:", round((step + c - 0.1 * c_slope).item(), 3))

# %% [markdown]
# PyTorch finds the same nine numbers. The score jumps from 0.06 to beyond 0.9: nine small moves add
# up. Notice what was *used again*: $\delta$ in steps 2 and 3, and what arrived at $z_1$ in all three
# slopes of the first unit. This is all that backpropagation is: the chain rule, with nothing computed
# twice.
#
# ### The chain rule as a graph
#
# Here is one hidden unit with its output weight and its loss. Every box is a number, a sum, a product
# or a function. The way forward has just been walked (go back to see the values appear). On the way
# backward, at each arrow the arriving slope is multiplied by the local slope.
#
# **Predict** each slope before you press Next. Then type a formula of your own with the same names,
# one in which `w` appears twice. What happens where two arrows come back to the same place?

# %%
backprop_graph("0.5 * (v * tanh(w * x + b) - y) ** 2", start=8, w=1.0, x=2.0, b=-1.0, v=2.0, y=1.0)

# %% [markdown]
# Where a value was used twice, its slopes **add**: both ways carry its change to the result. Three
# rules suffice: a sum hands the slope on (a difference turns the sign for what is taken away), a
# product hands it on times *the other factor*, a function times its own slope.
#
# ## Your own autograd
#
# Now teach numbers to do this by themselves. A `Value` holds a number, and remembers from which
# values it was computed and with which local slopes.


# %%
class Value:
    """A number that remembers how it was computed."""

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, tuple(parents)

    def __add__(self, other):
        other = as_value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = as_value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    __radd__, __rmul__ = __add__, __mul__  # for 2 + a and 2 * a

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1 - t * t)])

    def relu(self):
        return Value(max(self.data, 0.0), [(self, float(self.data > 0))])

    def __repr__(self):
        return f"Value({self.data:.4g}, grad={self.grad:.4g})"


def as_value(number):
    """Return a Value as it is, and a plain number as a Value without parents."""
    return number if isinstance(number, Value) else Value(number)


w, x_1 = Value(3.0), Value(2.0)
(w * x_1 + w).parents

# %% [markdown]
# The sum knows its two parents, 6 and 3, each with the slope 1. No slope has been sent back yet:
# every `grad` is 0.
#
# ### In which order?
#
# **Predict.** `w` is used twice in $w x + w$. What is its slope?
#
# A value may hand its slope on only when all who used it have handed back theirs. So we put the
# values in a row in which each stands behind its parents, and walk that row from its end. Such a row
# is called a **topological order**. To make one, visit the parents first, then write down yourself,
# and never visit anybody twice:


# %%
def in_order(value, order=None):
    """Return all values from which this one was computed, parents first, itself at the end."""
    order = [] if order is None else order
    for parent, _ in value.parents:
        if not any(parent is known for known in order):
            in_order(parent, order)
    order.append(value)
    return order


def backward(self):
    """Set the grad of every value from which this one was computed."""
    order = in_order(self)
    for value in order:
        value.grad = 0.0
    self.grad = 1.0
    for value in reversed(order):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad  # += : the slopes of all ways add up


Value.backward = backward
(w * x_1 + w).backward()
w, x_1

# %% [markdown]
# The slope of $w$ is $x + 1 = 3$, one share from each way. (A `set` of the visited would make it
# faster for large graphs; the package's copy of this engine, `course_utils.microscope.autograd`, has one.)
#
# ### Broken on purpose: the wrong order
#
# The same `backward`, but it starts at the result and sends each slope on as soon as it comes by,
# without the order. It runs and complains about nothing.
#
# **Predict.** For $a = 2$, $b = a \cdot a$ and $c = b \cdot b + b$, the slope is
# $4a^3 + 2a = 36$. What will this one say: less, more, or the same?


# %%
def backward_without_order(result):
    """Send slopes on as soon as they arrive (wrong)."""
    waiting = [result]
    result.grad = 1.0
    while waiting:
        value = waiting.pop(0)
        for parent, slope in value.parents:
            parent.grad += slope * value.grad
            waiting.append(parent)


a = Value(2.0)
b_1 = a * a
result = b_1 * b_1 + b_1
backward_without_order(result)
print("without the order:", a.grad)
result.backward()
print("with the order:   ", a.grad)

# %% [markdown]
# Three times too much: `b` stood in the line three times, once for each use. By then it had collected
# all of $4 + 4 + 1 = 9$, and each time it sent on the whole 9. No error, and a wrong number: with
# slopes this is the usual case. So slopes are **tested**. The best
# tester is a stranger who computes the same in another way. Here are 300 random expressions, each
# computed by your engine and by PyTorch:


# %%
def random_expression(numbers, rng, n_operations=12):
    """Combine numbers at random: Values, or tensors, as both know +, *, tanh and relu."""
    made = list(numbers)
    for _ in range(n_operations):
        one, other = rng.choice(made), rng.choice(made)
        made.append(rng.choice([one + other, (one * other).tanh(), one.tanh(), one.relu()]))
    return sum(made[len(numbers) :], start=0.5 * made[0])


for seed in range(300):
    rng = random.Random(seed)
    ours = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    theirs = torch.tensor([value.data for value in ours], dtype=torch.float64).requires_grad_()
    our_result = random_expression(ours, random.Random(seed))
    their_result = random_expression(theirs, random.Random(seed))
    our_result.backward()
    their_result.backward()
    our_slopes = torch.tensor([value.grad for value in ours], dtype=torch.float64)
    assert math.isclose(our_result.data, their_result.item(), rel_tol=1e-9)
    assert torch.allclose(our_slopes, theirs.grad, rtol=1e-9, atol=1e-9)
print("300 random expressions: the values and all slopes agree with PyTorch's")

# %% [markdown]
# ### Exercise 4 · A new function for the engine
#
# Add the sigmoid, $\sigma(z) = 1 / (1 + e^{-z})$: a function that takes a `Value` and returns a new
# one with the right local slope. Remember lesson 02: the slope can be computed from the output.


# %%
def sigmoid(a):
    """Return the sigmoid of a Value, as a Value."""
    ### BEGIN SOLUTION
    g = 1 / (1 + math.exp(-a.data))
    return Value(g, [(a, g * (1 - g))])
    ### END SOLUTION


# %%
check("04.sigmoid", sigmoid)

# %% [markdown]
# ### Your engine learns XOR
#
# A 2-4-1 network of plain numbers, 17 Values. The loop has the five lines that you know: forward,
# loss, slopes set to zero (our `backward` does it), backward, step.
#
# **Predict.** Each step makes about 160 new Values and sends slopes back through all of them. Will
# 150 steps take a second, a minute, or an hour?

# %%
rng = random.Random(1)
hidden = [[Value(rng.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]  # w1, w2, b
output = [Value(rng.uniform(-1, 1)) for _ in range(5)]  # v1 to v4, c


def score(x):
    """Return the output of the 2-4-1 network of Values for one input."""
    h = [(w1 * x[0] + w2 * x[1] + b).tanh() for w1, w2, b in hidden]
    return sum((v * h_i for v, h_i in zip(output, h)), start=output[-1])


losses = []
for _ in range(150):
    errors = [score(x) + -y for x, y in zip(X_xor.tolist(), y_xor.tolist())]
    loss = sum(error * error for error in errors) * 0.25
    loss.backward()
    for weight in chain(*hidden, output):
        weight.data -= 0.2 * weight.grad
    losses.append(loss.data)
print("answers:", [int(score(x).data > 0.5) for x in X_xor.tolist()])
plot_lines({"loss": losses}, "17 numbers learn XOR", xlabel="step", ylabel="mean squared error")

# %% [markdown]
# A second or so: 24,000 Values are little, even for Python. You have built what PyTorch is at heart.
# PyTorch's values are whole tensors, and its local slopes are products of matrices. That is the last
# step.
#
# ## The same with matrices
#
# The two layers for digits: $H = \tanh(XW^\top + \mathbf b)$ and scores $S = HV^\top + \mathbf c$,
# with softmax and cross-entropy of lesson 03. Its slope at the scores is $D = (\hat Y - Y) / N$, a
# row for each picture. Every line of the walk by hand becomes one product. Here are the shapes, for
# $N$ pictures of $I$ pixels, $U$ hidden units and $K$ classes; the only way to multiply that fits is
# the right one:
#
# | by hand | for a batch | shape |
# |---|---|---|
# | $\delta = s - y$ | `D = (probs - Y) / N` | (N, K) |
# | $\delta\, h_i$ | `V_slope = D.T @ H` | (K, N) (N, U) → (K, U) |
# | $\delta$ | `c_slope = D.sum(dim=0)` | (K,) |
# | $\delta\, v_i\,(1 - h_i^2)$ | `B = (D @ V) * (1 - H**2)` | (N, K) (K, U) → (N, U) |
# | times $x_j$ | `W_slope = B.T @ X` | (U, N) (N, I) → (U, I) |
# | | `b_slope = B.sum(dim=0)` | (U,) |
#
# For any number of layers, let $\boldsymbol\delta^{(l)}$ be the slopes of the loss at
# $\mathbf z^{(l)}$, and $\odot$ the product number by number:
#
# $$\boldsymbol\delta^{(l)} = \bigl(W^{(l+1)\top} \boldsymbol\delta^{(l+1)}\bigr) \odot
# g'(\mathbf z^{(l)})$$
#
# Forward with $W$, backward with its transpose. Two witnesses shall confirm it, autograd first:


# %%
def forward(X, W, b, V, c):
    """Return hidden outputs (N, U) and scores (N, K)."""
    H = torch.tanh(X @ W.T + b)
    return H, H @ V.T + c


def slopes_by_hand(X, y, W, b, V, c):
    """Return the slopes of the mean cross-entropy at W (U, I), b (U,), V (K, U), c (K,)."""
    H, S = forward(X, W, b, V, c)
    D = (torch.softmax(S, dim=1) - F.one_hot(y, len(c))) / len(X)  # (N, K)
    B = (D @ V) * (1 - H**2)  # (N, K) @ (K, U) -> (N, U)
    return B.T @ X, B.sum(dim=0), D.T @ H, D.sum(dim=0)


mnist = load_mnist(MNIST_SAMPLE)  # the sample, also where the full MNIST is there: see below
X_100 = mnist.train_images[::40].flatten(1).double() / 255  # 100 digits
y_100 = mnist.train_labels[::40]
seed_everything(0)
parts = list(nn.Sequential(nn.Linear(784, 30), nn.Linear(30, 10)).double().parameters())
by_formula = slopes_by_hand(X_100, y_100, *parts)

F.cross_entropy(forward(X_100, *parts)[1], y_100).backward()
for ours, part in zip(by_formula, parts):
    assert torch.allclose(ours, part.grad, atol=1e-10)
print("by hand and by autograd: the same")

# %% [markdown]
# The second is slow and needs no formula at all: move one weight a little to both sides, and see by
# how much the loss changes. (`double` numbers have 16 digits; with the usual 7 the differences would
# be mostly rounding.)
#
# **Predict.** If differences need no formulas, why not train with them? How many forward passes do
# all 23,860 slopes of this small network take? And backpropagation takes as long as how many?


# %%
@torch.no_grad()
def slope_by_differences(part, place, step=1e-5):
    """Return (loss(w + step) - loss(w - step)) / (2 step) for one weight."""
    losses = []
    for sign in (1, -1):
        part.view(-1)[place] += sign * step
        losses.append(F.cross_entropy(forward(X_100, *parts)[1], y_100).item())
        part.view(-1)[place] -= sign * step
    return (losses[0] - losses[1]) / (2 * step)


for ours, part in zip(by_formula, parts):  # at three places of each part
    for place in torch.randint(part.numel(), (3,)).tolist():
        assert abs(slope_by_differences(part, place) - ours.flatten()[place].item()) < 1e-8
ways = {
    "20 slopes by differences": lambda: [slope_by_differences(parts[1], i) for i in range(20)],
    "all 23,860 by autograd": lambda: F.cross_entropy(forward(X_100, *parts)[1], y_100).backward(),
}
times = compare_times(ways, at_least={"all 23,860 by autograd": 2})

# %% [markdown]
# The same slopes again, but two passes for *each*: 47,720 passes for one step. Backward does about
# twice the work of forward, **however many weights there are**: for the 185,300 of the network below
# we measured 2.8 to 3.1 times the time of forward for both together. Without this they could not be
# trained, let alone billions.
#
# ### Exercise 5 · Find the mistakes
#
# One step of training for the two layers, written by hand. It runs, the loss even falls, and there
# are three mistakes in it. One line holds two of them, and one line only stands in the wrong place.
# `Y` are one-hot rows.
#
# ```python
# H = torch.tanh(X @ W.T + b)
# D = (torch.softmax(H @ V.T + c, dim=1) - Y) / len(X)
# V = V - lr * D.T @ H
# c = c - lr * D.sum(dim=0)
# B = (D @ V) * (1 - H)
# W = W - lr * B.T @ X
# b = b - lr * B.mean(dim=0)
# return W, b, V, c
# ```


# %%
def one_step(W, b, V, c, X, Y, lr):
    """Return W, b, V, c after one step of gradient descent."""
    ### BEGIN SOLUTION
    hidden = torch.tanh(X @ W.T + b)
    wrong_by = (torch.softmax(hidden @ V.T + c, dim=1) - Y) / len(X)
    blame = (wrong_by @ V) * (1 - hidden**2)
    return (
        W - lr * blame.T @ X,
        b - lr * blame.sum(dim=0),
        V - lr * wrong_by.T @ hidden,
        c - lr * wrong_by.sum(dim=0),
    )
    ### END SOLUTION


# %%
check("04.one_step", one_step)

# %% [markdown]
# ## A layer of your own: `nn.Module`
#
# You met `nn.Linear` and `nn.Sequential` as black boxes. A box of your own needs two things: its
# numbers, wrapped in `nn.Parameter` so that PyTorch finds them, and a `forward`.


# %%
class Dense(nn.Module):
    """A fully connected layer: (N, n_in) -> (N, n_out)."""

    def __init__(self, n_in, n_out):
        super().__init__()
        limit = n_in**-0.5
        self.weight = nn.Parameter(torch.empty(n_out, n_in).uniform_(-limit, limit))
        self.bias = nn.Parameter(torch.empty(n_out).uniform_(-limit, limit))

    def forward(self, X):
        return X @ self.weight.T + self.bias  # (N, n_in) @ (n_in, n_out) -> (N, n_out)


ours, theirs = Dense(784, 200), nn.Linear(784, 200)
ours.load_state_dict(theirs.state_dict())
X_few = torch.rand(5, 784)
assert torch.allclose(ours(X_few), theirs(X_few), atol=1e-6)
[(name, tuple(p.shape)) for name, p in ours.named_parameters()]

# %% [markdown]
# With a plain tensor in place of `nn.Parameter` the layer would compute the same, but
# `parameters()` would not name it. Alone it would raise an error: the optimizer finds nothing to
# move. Between other layers nothing complains: those learn, the loss falls, and this layer keeps
# its random numbers for ever.
#
# Why random numbers at the start? Softmax regression of lesson 03 started with zeros.
#
# **Predict.** A 784-30-10 network with tanh starts with all weights 0 and is trained for three
# epochs. From random weights it would read about 90%. What does it read now: about 90%, 50%, or
# 10%?

# %%
zeros = nn.Sequential(nn.Flatten(), Dense(784, 30), nn.Tanh(), Dense(30, 10))
for parameter in zeros.parameters():
    nn.init.zeros_(parameter)
fit(zeros, (mnist.train_images, mnist.train_labels), n_epochs=3)
right = evaluate(zeros, mnist.test_images, mnist.test_labels).accuracy
report("all weights 0 at the start, right of the test digits", right, 0.05, 0.15, percent=True)
print("hidden weights that have moved:", int(zeros[1].weight.count_nonzero()))

# %% [markdown]
# One in ten, and not one hidden weight has moved. Look at the table: the slope of $V$ is
# $D^\top H$, and $H$ is 0. What goes back is $DV$, and $V$ is 0. Each waits for the other. With equal
# weights that are not 0, all 30 units would get equal slopes and stay one unit for ever. Random
# numbers make them different. Softmax regression could start with zeros, since pixels stand in front
# of its weights, not zeros.
#
# ## Broken on purpose: layers that do not fit
#
# Read the message from its end.

# %% tags=["raises-exception"]
misfit = nn.Sequential(nn.Linear(784, 512), nn.Sigmoid(), nn.Linear(128, 10))
misfit(torch.rand(5, 784))

# %% [markdown]
# "mat1 and mat2 shapes cannot be multiplied (5x512 and 128x10)". The first is the batch as it left
# the hidden layer, the second the next layer's matrix, already transposed. The inner numbers must
# agree: each layer takes as many as the one before it gives.
#
# ## Two networks for digits
#
# ### 784-512-128-10, with sigmoids
#
# This network was trained in a course with Keras: Adam, batches of 256, 20 epochs, a tenth of the
# digits for validation. About 95.5% was reported on the full MNIST. That is little for 468,874
# parameters, and one detail was left open: were the pixels scaled from 0..255 to 0..1?
#
# We run that recipe on the sample (20 epochs of the full MNIST take a minute each time), once on
# scaled pixels and once on the bytes as they are.
#
# **Predict.** Which one reads more of the test digits? (We explain a recipe here and choose none, so
# the test digits may speak. To choose one, we would take the tenth that is set apart.)

# %%
pixels, labels = mnist.train_images.flatten(1).float(), mnist.train_labels
pixels_test, y_test = mnist.test_images.flatten(1).float(), mnist.test_labels
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
val, train = order[: len(order) // 10], order[len(order) // 10 :]


def train_sigmoids(scale, **recipe):
    """Train 784-512-128-10 on pixels times scale; return the network and its history."""
    seed_everything(3)
    network = nn.Sequential(
        nn.Linear(784, 512), nn.Sigmoid(), nn.Linear(512, 128), nn.Sigmoid(), nn.Linear(128, 10)
    )
    data, held_out = ((pixels[part] * scale, labels[part]) for part in (train, val))
    return network, fit(network, data, val=held_out, n_epochs=20, batch_size=256, **recipe)


for name, scale, low, high in (("scaled", 1 / 255, 0.89, 0.945), ("bytes", 1.0, 0.905, 0.955)):
    sigmoids, history = train_sigmoids(scale)
    right = evaluate(sigmoids, pixels_test * scale, y_test).accuracy
    report(f"{name}: right of the test digits", right, low, high, percent=True, digits=1)
    known = history.last["train_accuracy"]
    report(f"{name}: right of the training digits", known, 0.9, 1.0, percent=True, digits=1)

# %% [markdown]
# The bytes are ahead! Is scaling bad advice? Look at the training digits: with scaled pixels not even
# those are learned yet. An epoch of the sample has 15 batches, one of MNIST 211, so 20 epochs are 300
# steps here and 4,220 there. The scaled network has not arrived. And with inputs 255 times as large,
# every step of the first layer's weights counts 255 times as much: a lead at the start.
#
# **Predict.** Give both longer steps: the schedule of lesson 03 with a peak of 0.01. Who is ahead
# now?

# %%
networks = {}
for name, scale, low, high, least, most in (
    ("scaled", 1 / 255, 0.92, 0.96, 0.1, 0.5),
    ("bytes", 1.0, 0.88, 0.935, 0.99, 1.0),
):
    networks[name], history = train_sigmoids(scale, lr=0.01, schedule=one_cycle)
    right = evaluate(networks[name], pixels_test * scale, y_test).accuracy
    report(f"{name}: right of the test digits", right, low, high, percent=True, digits=1)
    known = history.last["train_accuracy"]
    report(f"{name}: right of the training digits", known, 0.88, 1.0, percent=True, digits=1)
    with torch.no_grad():
        g = torch.sigmoid(networks[name][0](pixels_test * scale))
    flat = ((g < 0.01) | (g > 0.99)).float().mean().item()
    report(f"{name}: hidden outputs below 0.01 or above 0.99", flat, least, most, percent=True)

# %% [markdown]
# Now it is turned round: the scaled one learns nearly all training digits, the other is stuck. Why?
# Adam moves a weight by up to the learning rate in a step. The bytes of a digit add up to about
# 26,000, so one step of 0.001 can move a hidden unit's net input by 26, from one end of the sigmoid
# to the other, and one of 0.01 by 260. The units are thrown about, and end where the sigmoid is flat.
# There the slope $g(1-g)$ is below 0.01, and by the rule $\odot\, g'(\mathbf z)$ hardly anything goes
# back. After the short steps 98% of the outputs were flat, and the rest sufficed to learn; after the
# long ones about one in a thousand is left. Lesson 05 measures this layer by layer.
#
# On the full MNIST the reported recipe, 4,220 steps on 54,000 digits, gives 97.8% on scaled pixels
# and 95.5% on bytes (one run each). So the reported figure looks like *unscaled* pixels. We cannot
# look into that course, but all our runs on bytes gave 95.5 to 95.8%, and all on scaled pixels
# 97.8% or more. Is it the start, with large net inputs, or the steps? We also started on bytes with
# first weights 255 times as small, which is the same function as on scaled pixels: 95.7%. So it is
# the steps.
#
# So: scale the inputs. And a comparison after too few steps can say the opposite of the truth.
#
# ### 784-200-100-60-30-10, with ReLUs
#
# The 185,300 parameters that you have counted. Four hidden layers; 98.2% was reported.
#
# **Predict.** It has less than half the parameters of the last one. On the sample, will it be better,
# worse, or about as good?

# %%
seed_everything(0)
layers = [(nn.Linear(n_in, n_out), nn.ReLU()) for n_in, n_out in pairwise(widths[:-1])]
relus = nn.Sequential(nn.Flatten(), *chain(*layers), nn.Linear(30, 10))
data, held_out = ((mnist.train_images[part], labels[part]) for part in (train, val))  # fit scales
history = fit(relus, data, val=held_out, n_epochs=20, lr=0.003, schedule=one_cycle)
right = evaluate(relus, mnist.test_images, y_test).accuracy
report("right of the test digits", right, 0.92, 0.97, percent=True, digits=1)
plot_lines(
    {"training": history.train_loss, "validation": history.val_loss},
    "The training loss falls to 0, the validation loss stops falling",
    x=range(1, 21),
    xlabel="epoch",
    ylabel="mean cross-entropy",
    ylim=(0, 2.5),
    trained=True,
)

# %% [markdown]
# About as good. Look at the curves: the training digits are learned by heart, and the validation loss
# has stood still since about the ninth epoch (it even rises a little). Room is not what is missing;
# digits are. Which data a number was measured on
# belongs to the number:
#
# | network | parameters | sample, 1,000 test digits | full MNIST, 10,000 | reported |
# |---|---|---|---|---|
# | softmax regression | 7,850 | about 91% | 92.7% | about 92% |
# | 512-128 sigmoid, bytes | 468,874 | 91 to 94% | 95.8% | 95.5% |
# | 512-128 sigmoid, scaled | 468,874 | 92 to 94% | 98.0%; 98.2% with a schedule | |
# | 200-100-60-30 ReLU | 185,300 | 93 to 96% | 98.5% | 98.2% |
#
# The figures of the full MNIST come from `make bench`, which trains all of them on all 60,000 digits
# (the ReLUs on digits that are moved by a pixel or so each time). There the hidden layers
# alone took about three quarters of the errors away (98.2% with sigmoids), with the moved digits
# four fifths; with the sample's few digits about a third.
#
# ### What do the hidden units look for?
#
# **Predict.** Each unit of the first hidden layer has 784 weights, so it can be drawn, as the
# templates of lesson 03. Will you recognise digits?

# %%
plot_images(
    networks["scaled"][0].weight.detach().cpu()[:20].reshape(20, 28, 28),
    says="20 of the 512 units of the first hidden layer",
    signed=True,
)

# %% [markdown]
# No digits, but spots of blue beside spots of orange: *ink here, and none beside it*. A unit need not
# stand for a class any more. The next layer puts them together.
#
# ### Does it read moved digits?
#
# **Predict.** Softmax regression fell from 91% to about 20% when the digits were moved by four
# pixels. And this one? (Below the answer you can write yourself, and compare it with a single layer
# trained on the full MNIST.)

# %%
moved = torch.zeros_like(mnist.test_images)
moved[:, :, 4:] = mnist.test_images[:, :, :24]
right = accuracy(predict(relus, moved), y_test)
report("right after a move by 4 pixels", right, 0.1, 0.35, percent=True, digits=1)

pad = DigitPad({"one layer": load_pretrained("softmax"), "your five layers": relus}, in_page=True)
pad

# %% [markdown]
# No better. The weights of its first layer are tied to places, too, and no moved digit was among
# those that it learned from. Lesson 06 has what helps.
#
# ## A detour: let the network write
#
# A softmax is a loaded die. A reader looks at its largest side. What if we *throw* it? Ask another
# question: not "which digit is this?", but "**which grey comes next?**" Take the digits at 14 × 14
# pixels with four greys. The network sees the pixels just above and to the left, where it is, and
# which digit is wanted, and gives probabilities for four greys. Same layers, same loss; only the
# labels are pixels. Then start on empty paper, throw, write the pixel down, move on, 196 times.

# %%
SIDE, GREYS, REACH = 14, 4, 5
small = F.avg_pool2d(mnist.train_images[:, None].float(), 2)[:, 0]  # means of 2 × 2 pixels
greys = (small / 256 * GREYS).long()  # 0, 1, 2, 3; (4000, 14, 14)


def context(pictures, places, digits):
    """Return what the writer sees at one place of each picture: (N, 14, 14) -> (N, 98)."""
    padded = F.pad(pictures, (REACH, REACH, REACH, 0))
    row, column = places // SIDE, places % SIDE
    rows = row[:, None, None] + torch.arange(REACH + 1)[:, None]  # (N, 6, 1)
    columns = column[:, None, None] + torch.arange(2 * REACH + 1)  # (N, 1, 11)
    window = padded[torch.arange(len(places))[:, None, None], rows, columns].flatten(1)
    place = F.one_hot(row, SIDE), F.one_hot(column, SIDE)
    return torch.cat([window[:, : -REACH - 1], *place, F.one_hot(digits, 10)], dim=1)


seed_everything(0)
which, where = torch.randint(len(greys), (200_000,)), torch.randint(SIDE**2, (200_000,))
seen = context(greys[which].float() / 3, where, mnist.train_labels[which])
wanted = greys[which, where // SIDE, where % SIDE]
writer = nn.Sequential(nn.Linear(98, 128), nn.ReLU(), nn.Linear(128, GREYS))
history = fit(writer, (seen, wanted), n_epochs=2, lr=0.005, batch_size=256, schedule=one_cycle)
right = history.last["train_accuracy"]
report("right greys, of the training pixels", right, 0.86, 0.9, percent=True, digits=1)

# %% [markdown]
# **Predict.** It is right for almost nine pixels in ten. What does it write if each time the *most
# probable* grey is taken? And what if the die is thrown?


# %%
@torch.no_grad()
def write(digits, pick):
    """Write pictures pixel by pixel; pick takes probabilities (N, 4), returns greys (N,)."""
    pictures = torch.zeros(len(digits), SIDE, SIDE)
    for place in range(SIDE**2):
        seen = context(pictures, torch.full_like(digits, place), digits)
        probs = torch.softmax(writer(seen), dim=1)
        pictures[:, place // SIDE, place % SIDE] = pick(probs) / 3
    return pictures


digits = torch.arange(10)
likely = write(digits, lambda probs: probs.argmax(dim=1))
seed_everything(1)
thrown = write(digits.repeat(2), lambda probs: torch.multinomial(probs, 1)[:, 0])
print("ink, always the most probable grey:", int(likely.count_nonzero()), "pixels")
plot_images(thrown, digits.repeat(2).tolist(), says="Thrown, grey by grey")

# %% [markdown]
# Always the most probable grey gives **empty paper**, ten times. Nine in ten sounded good, but 82
# of 100 pixels are white: who always says "white" is right for those. It is tempting to expect the
# finest digit of each class; but at every single place white is the best guess, as no digit must
# begin just here. Yet it must begin somewhere, and only a throw decides that. Some look like
# digits, some like nothing: the network sees only five pixels far. For *one* answer the largest
# probability is best. To *make* something, sample. Lesson 10 goes on from here, and large language
# models write in this way, word by word.
#
# ## Quiz

# %%
quiz("04")

# %% [markdown]
# ## Where the idea comes from
#
# **1943** McCulloch and Pitts connect units into networks, by hand. **1969** Minsky and Papert show
# what one layer cannot do; no way to train two is widely known. **1970** Seppo Linnainmaa describes
# how to send slopes back through a computer program, in a master's thesis on rounding errors.
# **1974** Paul Werbos finds it in his thesis; in 1982 he writes it down for networks. **1986**
# Rumelhart, Hinton and Williams show that hidden units learn useful things by it, and give it its
# fame. **1989** George Cybenko, and Hornik, Stinchcombe and White, prove universal approximation.
# **1993** Leshno and others show that any bend will do that is not a polynomial.
#
# ## Summary
#
# - A hidden layer moves the points until one straight cut suffices. Without a bend between them two
#   layers are one.
# - Two ReLUs can compute XOR, but one random start in five finds it; with 16 nearly all do.
# - $\mathbf z^{(l)} = W^{(l)} \mathbf a^{(l-1)} + \mathbf b^{(l)}$, $\mathbf a^{(l)} = g(\mathbf
#   z^{(l)})$. Parameters: sum of n_in · n_out + n_out. 784-200-100-60-30-10 has 185,300.
# - One hidden layer can follow any continuous curve on a closed bounded region. That says nothing of
#   how to find the weights, nor of what happens outside.
# - Backpropagation: arriving slope times local slope; where ways meet, slopes add; in reverse
#   topological order, each once. Forward and backward cost about three forward passes.
# - With matrices: `V_slope = D.T @ H`, `B = (D @ V) * g'`, `W_slope = B.T @ X`. Test slopes.
# - Start with random weights, scale the inputs, and compare only what has been trained long enough.
# - The largest probability answers; a thrown one writes.
#
# **Next:** the training itself. Lesson 05 asks why deep networks are hard to train, and what helps.
#
# ## Sources
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning representations by back-propagating
#   errors.* Nature 323, 1986.
# - S. Linnainmaa: *Taylor expansion of the accumulated rounding error.* BIT 16, 1976 (the thesis is
#   of 1970).
# - P. J. Werbos: *Beyond Regression.* Thesis, Harvard University, 1974.
# - M. Minsky, S. Papert: *Perceptrons.* MIT Press, 1969.
# - G. Cybenko: *Approximation by superpositions of a sigmoidal function.* Mathematics of Control,
#   Signals and Systems 2, 1989.
# - K. Hornik, M. Stinchcombe, H. White: *Multilayer feedforward networks are universal
#   approximators.* Neural Networks 2, 1989.
# - M. Leshno, V. Y. Lin, A. Pinkus, S. Schocken: *Multilayer feedforward networks with a
#   nonpolynomial activation function can approximate any function.* Neural Networks 6, 1993.
