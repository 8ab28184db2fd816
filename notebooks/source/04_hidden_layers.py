# %% [markdown]
# # 04 · What do hidden layers add?
#
# One layer cannot compute XOR, and ten templates end near 93%. A layer between inputs and output
# removes both limits. You will set its weights by hand, let it learn, and build a small machine that
# gets slopes through it: backpropagation.
#
# **After this lesson you can**
#
# 1. solve XOR with two hidden units, and say what they add;
# 2. name every shape in a network of any depth, and count its parameters;
# 3. do backpropagation by hand, as a graph, with an engine of your own, and with matrices;
# 4. write a layer as an `nn.Module`, and networks with `nn.Sequential`;
# 5. compare two recipes without being fooled by the step size.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*
#
# ## XOR with two hidden units
#
# XOR is 1 where exactly one of two inputs is 1. In lesson 01 no unit could do it, since no single
# line parts the corners. But say it in other words: *at least one of them* (OR) *and not both*
# (NAND). One unit can do each of OR, NAND and AND. So let two units look at the inputs, and a third
# one at the two.
#
# **Predict.** Fill in this table on paper before you run the cell: h₁ = OR, h₂ = NAND, and the
# output, for the inputs (0, 0), (0, 1), (1, 0), (1, 1).

# %%
from course_utils.exercises import check, quiz


def unit(x, w, theta):
    """Return 1 if the weighted sum of the inputs reaches the threshold, else 0 (lesson 01)."""
    return int(sum(w_i * x_i for w_i, x_i in zip(w, x)) >= theta)


for x in [(0, 0), (0, 1), (1, 0), (1, 1)]:
    h = unit(x, (1, 1), 1), unit(x, (-1, -1), -1)  # OR, NAND
    print("x:", x, "  h:", h, "  output:", unit(h, (1, 1), 2))  # AND of the two

# %% [markdown]
# It is XOR. Look at the middle column. Four corners went in, and only **three** places come out: both
# corners of class 1 arrived at (1, 1). The two units did not answer the question. They moved the
# points, so that one line can part them. They are called **hidden** because no label tells them what
# to say.
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
# ### Units that have a slope
#
# A step is flat: slopes teach it nothing. The sigmoid of lesson 02 has some. Two more functions $g$ of
# the net input $z$ are used between layers. **Tanh** is a sigmoid stretched to reach from −1 to 1:
# $\tanh z = 2\sigma(2z) - 1$. The **ReLU** (rectified linear unit) makes negative numbers 0.
#
# | name | $g(z)$ | values | slope $g'(z)$ |
# |---|---|---|---|
# | sigmoid | $1/(1 + e^{-z})$ | 0 to 1 | $g\,(1 - g)$ |
# | tanh | $(e^z - e^{-z})/(e^z + e^{-z})$ | −1 to 1 | $1 - g^2$ |
# | ReLU | $\max(0, z)$ | 0 and up | 0 where $z < 0$, 1 where $z > 0$ |
#
# **Predict.** At $z = 0$ the sigmoid's slope is ¼. How steep is tanh there: ½, 1 or 2?

# %%
import torch

from course_utils.device import seed_everything, set_threads
from course_utils.figures import plot_lines

set_threads(1)  # the same sums in the same order, however many processors there are
z = torch.linspace(-4, 4, 81, dtype=torch.float64).requires_grad_()
outputs = {"sigmoid": torch.sigmoid(z), "tanh": torch.tanh(z), "ReLU": torch.relu(z)}
(tanh_slope,) = torch.autograd.grad(outputs["tanh"].sum(), z)
assert torch.allclose(tanh_slope, 1 - outputs["tanh"] ** 2)
plot_lines(
    {name: g.detach() for name, g in outputs.items()},
    "Three bends: two level off, the ReLU goes on",
    x=z.detach(),
    xlabel="net input z",
    ylabel="output g(z)",
    ylim=(-1.2, 2.5),
)

# %% [markdown]
# Tanh has slope 1 there: twice as high and twice as fast as the sigmoid, so four times as steep. Far
# out both are flat. The ReLU is flat on one side only; at its corner programs take the slope 0.
#
# Now XOR with ReLUs. With $h_1 = \mathrm{ReLU}(x_1 + x_2)$ and
# $h_2 = \mathrm{ReLU}(x_1 + x_2 - 1)$, the score $s = h_1 - 2 h_2 - \tfrac12$ is positive for (0, 1)
# and (1, 0) only. In PyTorch the layers stand one after the other in an `nn.Sequential`. (`double`
# makes numbers of 16 digits in place of 7.)

# %%
import torch.nn.functional as F
from torch import nn

from course_utils.display import report

X_xor = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).double()
y_xor = torch.tensor([0.0, 1.0, 1.0, 0.0]).double()
by_hand = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).double()
by_hand[0].load_state_dict({"weight": torch.ones(2, 2), "bias": torch.tensor([0.0, -1.0])})
by_hand[2].load_state_dict({"weight": torch.tensor([[1.0, -2.0]]), "bias": torch.tensor([-0.5])})
by_hand(X_xor)[:, 0].tolist()

# %% [markdown]
# ### Then learned
#
# Now 200 networks like this one learn XOR from random weights: with 2 hidden units each, then with 4,
# then with 16. (To be quick, the cell trains all 200 at once: each of its tensors holds 200 matrices.
# You can skip the code.)
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


seed_everything(0)
for n, low, high in ((2, 0.1, 0.4), (4, 0.4, 0.85), (16, 0.95, 1.0)):
    report(f"{n} hidden units", share_that_learns(n), low, high, percent=True, digits=1)

# %% [markdown]
# About one in five. That weights *exist* is one thing; that the way downhill *leads there* is
# another. In four of five networks that failed, a unit had fallen silent at all four corners: output
# 0, slope 0, and it never comes back. Of 16 units enough remain. That is one reason why networks are
# made wider than their task needs.
#
# Here is one network with two tanh units, on its way. On the left a green line is where a hidden
# unit changes sign (an arrow points to its positive side), and the black curve is where the network
# changes its answer. On the right you see the corners *as the output unit sees them*, and its line.
# Step through the training. From which picture on *could* one straight line part the corners on the
# right? And when does the output unit *have* such a line?


# %%
import copy

from course_utils.explorers.approximation import bump_builder, hidden_layer_explorer


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
# From the second picture on, after 10 steps, a line would do. The output unit needs until step 40 to
# find it. That is what a hidden layer adds: it does not cut better, it *moves the points* before the
# cut.
#
# ### Would a layer without a bend do?
#
# **Predict.** Leave the bend out: a linear layer on a linear layer, 2-100-1. How many of the four
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
# the matrix $W_2 W_1$: 401 numbers that do the work of 3.

# %% [markdown]
# ### Deeper: a fence

# %% [markdown]
# Class 1 lies in the middle, class 0 around it. Networks with 1, 2, 3, 4 and 8 hidden tanh units
# learn it.
#
# **Predict.** How many straight lines do you need to fence off the middle? Then step through. Only
# two hidden units have a plane to be seen in; for other numbers the right picture shows what each
# adds to the score at the ring. With three, put the ring in the middle, then outside.

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
# Three lines make a triangle, the first fence that closes. Two leave a strip with open ends. In the
# middle all three units vote for class 1, and together they outvote the bias; outside one of them
# changes sides. Again, possible is not found: of eight random starts with three units two got all 200
# points right, with four units all eight.

# %% [markdown]
# ## Layers, shapes, names
#
# The network below goes with us from here. Each line carries a weight. $w_{12}$ belongs to hidden
# unit 1 and input 2: the first index says where the line *ends*.

# %%
from course_utils.figures import two_layer_diagram

two_layer_diagram()

# %% [markdown]
# Call the inputs $\mathbf a^{(0)}$; the number in brackets is that of the layer, no power. Layer $l$
# computes
#
# $$\mathbf z^{(l)} = W^{(l)} \mathbf a^{(l-1)} + \mathbf b^{(l)}, \qquad
# \mathbf a^{(l)} = g(\mathbf z^{(l)}) ,$$
#
# with a bend $g$, the **activation**. The last layer has none: it gives the scores. A network of
# **two layers** has two matrices, so one hidden layer. $W^{(l)}$ has a row for each unit of its layer
# and a column for each unit of the layer before. For a batch of $N$ rows:
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
import math
from itertools import chain, pairwise

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
# A ReLU of $x - a$ is 0 up to $a$, then rises: a **hinge**. Three hinges make a **bump**.
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
# Side by side, bumps follow a curve: each takes care of its own place. Choose another curve and pull
# the five bumps until the sum follows it.
#
# **Predict.** How much smaller does the largest gap become with twice as many bumps? Then choose 9,
# 17 and 33, for the wave and for the step.

# %%
bump_builder()

# %% [markdown]
# With the wave the gap falls to a third at first, then to about a quarter each time the number
# doubles. With the step it does not fall: no sum of slopes follows a jump. For everything without
# jumps there is a theorem. **Universal approximation:** *on a bounded closed region every continuous
# function can be followed as closely as you like by one hidden layer with enough units*, with ReLUs,
# sigmoids, or any continuous bend that is not a polynomial.
#
# Read it as a contract. It says that weights exist. It does not say how many units are needed, nor
# that training finds them, nor anything about inputs outside the region. And bumps are cheap only on
# a line: where a line needs 17, a square needs 17 · 17 and a picture of 784 pixels $17^{784}$. Learned
# units go where the data are.

# %% [markdown]
# ### Deeper: computed or found?

# %% [markdown]
# 17 bumps of three ReLUs would be 51. But neighbouring bumps share their corners, so one hinge for
# each corner does: 16 ReLUs whose weights we compute pass through 17 points of the wave (the output's
# bias sets the first). A network of the same size learns it in 1,000 steps from a random start.
#
# **Predict.** Who comes nearer?


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
# The computed one is closer by far: the training found other weights. Outside 0 to 1 both are wrong,
# as nothing was promised there: behind its last hinge a ReLU network is a straight line.

# %% [markdown]
# ## Counting parameters
#
# The network that we shall train has four hidden layers: 784-200-100-60-30-10. How many numbers are
# there to learn? Lecture slides have said "roughly 34 million". Is that possible? Guess, before you
# compute: no layer has more weights than the first.
#
# ### Exercise 3 · Find the mistake
#
# This should count weights and biases. For (784, 10) it rightly says 7,850. For deeper networks it is
# wrong in two places. (`pairwise(widths)` gives the neighbours, such as (784, 200), then (200, 100).)
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
# **185,300**, and 85% of them in the first layer. Weights sit on lines between *neighbours*, so
# products of two widths are **added**. Whoever *multiplies on* along the layers gets millions: 36
# million, the last row, is the number of *ways* from the first hidden layer to the last. But **ways
# share their lines**. That is also why slopes need not be computed way by way.
#
# ## Backpropagation, by hand
#
# Back to the network with numbers: $\mathbf x = (1, 2)$, $h = (0.762, -0.462)$, $s = 0.061$. It
# should have said $y = 1$. Take the loss $\ell = \tfrac12 (s - y)^2 = 0.441$.
#
# **The question:** by how much does $\ell$ change if one of the nine numbers $W$, $\mathbf b$,
# $\mathbf v$, $c$ does? That is the number's **slope**. Walk backward from the loss; each step
# multiplies by one local slope.
#
# 1. **At the score.** $\partial \ell / \partial s = s - y = -0.939$, what was said minus what is
#    true. Call it $\delta$ (delta).
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
# slopes of the first unit. That is backpropagation: the chain rule, with nothing computed twice.

# %% [markdown]
# ## Break
#
# You can build a network, count it, and walk its slopes back by hand. While you are away: if a number
# stands in two places of a formula, what is its slope?

# %% [markdown]
# ## Part 2 · A machine for slopes
#
# Nine slopes took a page. Now the same walk becomes a picture, a program, and six lines with
# matrices. Then two networks read digits.
#
# ### The chain rule as a graph
#
# One hidden unit with its output weight and its loss: each box shows its value and, below it, its
# slope. Press Back and Next to see how they come. On the way backward, at each arrow the arriving
# slope is multiplied by the local slope.
#
# **Predict.** In `w * x + w` two arrows come back to `w`. What is its slope, with $x = 2$? Then type
# the formula, and others of your own with the same names.

# %%
import random

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.backprop import backprop_graph

backprop_graph("0.5 * (v * tanh(w * x + b) - y) ** 2", w=1.0, x=2.0, b=-1.0, v=2.0, y=1.0)

# %% [markdown]
# Where a value was used twice, its slopes **add**, here 2 + 1: both ways carry its change to the
# result. Three rules suffice: a sum hands the slope on (a difference turns the sign for what is taken
# away), a product hands it on times *the other factor*, a function times its own slope.
#
# ## Your own autograd
#
# Now teach numbers to do this. A `Value` holds a number, and remembers from which values it was
# computed and with which local slopes.


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
# The sum knows its two parents, 6 and 3, each with the slope 1. No slope has been sent back yet.
#
# For the other signs one rule more is enough, that of a power: the slope of $a^n$ is $n\,a^{n-1}$.
# Then $-a$ is $-1 \cdot a$, a difference is a sum, and $a / b$ is $a \cdot b^{-1}$.


# %%
def power(a, n):
    """Return a Value to the power of a plain number."""
    return Value(a.data**n, [(a, n * a.data ** (n - 1) if n else 0.0)])


Value.__pow__ = power
Value.__neg__ = lambda a: -1.0 * a
Value.__sub__ = lambda a, b: a + -as_value(b)
Value.__rsub__ = lambda a, b: b + -a  # for 2 - a
Value.__truediv__ = lambda a, b: a * as_value(b) ** -1
Value.__rtruediv__ = lambda a, b: b * a**-1  # for 2 / a
1 - x_1, w / x_1, 1 / x_1**2

# %% [markdown]
# ### In which order?
#
# A value may hand its slope on only when all who used it have handed back theirs. So put the values
# in a row in which each stands behind its parents, a **topological order**, and walk it from its end.
# To make one, visit the parents first, then write down yourself, and never visit anybody twice:


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
# The slope of $w$ is $x + 1 = 3$, one share from each way. (The package's copy of this engine is
# `course_utils.microscope.autograd`.)
#
# ### Broken on purpose: the wrong order
#
# This one starts at the result and sends each slope on as soon as it comes by. It runs and complains
# about nothing.
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
# all of $4 + 4 + 1 = 9$, and each time it sent on the whole 9. No error, and a wrong number. So slopes
# are **tested**, best by a stranger. Here are 300 random expressions in your engine and in PyTorch:


# %%
def random_expression(numbers, rng, n_operations=12):
    """Combine numbers at random: Values, or tensors, as both know the same operations."""
    made = list(numbers)
    for _ in range(n_operations):
        one, other = rng.choice(made), rng.choice(made)
        straight, bent = (one + other, 1 - other), (one.relu(), (one * other).tanh(), one.tanh())
        made.append(rng.choice([*straight, *bent, one / (other**2 + 1)]))
    return sum(made[len(numbers) :], start=0.5 * made[0])


for seed in range(300):
    ours = [Value(random.Random(seed + part).uniform(-2, 2)) for part in range(3)]
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
# one with the right local slope.


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
# ### Deeper: your engine learns XOR

# %% [markdown]
# A 2-4-1 network of plain numbers, 17 Values. The loop has the five lines that you know: forward,
# loss, slopes set to zero (our `backward` does it), backward, step.
#
# **Predict.** Each step makes about 170 new Values and sends slopes back through all of them. Will
# 150 steps take a second, a minute, or an hour?

# %%
rng = random.Random(1)
units = [[Value(rng.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]  # w1, w2, b
output = [Value(rng.uniform(-1, 1)) for _ in range(5)]  # v1 to v4, c


def score(x):
    """Return the output of the 2-4-1 network of Values for one input."""
    h = [(w1 * x[0] + w2 * x[1] + b).tanh() for w1, w2, b in units]
    return sum((v * h_i for v, h_i in zip(output, h)), start=output[-1])


losses = []
for _ in range(150):
    pairs = zip(X_xor.tolist(), y_xor.tolist())
    loss = sum((score(x) - wanted) ** 2 for x, wanted in pairs) / 4
    loss.backward()
    for weight in chain(*units, output):
        weight.data -= 0.2 * weight.grad
    losses.append(loss.data)
print("answers:", [int(score(x).data > 0.5) for x in X_xor.tolist()])
plot_lines({"loss": losses}, "17 numbers learn XOR", xlabel="step", ylabel="mean squared error")

# %% [markdown]
# A second or so: 25,000 Values are little, even for Python. You have built what PyTorch is at heart.

# %% [markdown]
# ## The same with matrices
#
# PyTorch's values are whole tensors. Two layers for digits: $H = \tanh(XW^\top + \mathbf b)$ and
# scores $S = HV^\top + \mathbf c$, with softmax and cross-entropy of lesson 03. The slopes at the
# scores are $D = (\hat Y - Y) / N$; call those at the hidden net inputs $B$. Every line of the walk by
# hand becomes one product; for $N$ pictures of $I$ pixels, $U$ hidden units and $K$ classes:
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
# For a column, as in this formula, forward is a product with $W$ and backward one with its transpose.
# For rows, as in the code, it looks the other way round: forward `X @ W.T`, backward `D @ V`.
# Autograd shall confirm it:


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
X_100, y_100 = mnist.train_images[::40].flatten(1).double() / 255, mnist.train_labels[::40]
seed_everything(0)
parts = list(nn.Sequential(nn.Linear(784, 30), nn.Linear(30, 10)).double().parameters())
by_formula = slopes_by_hand(X_100, y_100, *parts)

F.cross_entropy(forward(X_100, *parts)[1], y_100).backward()
for ours, part in zip(by_formula, parts):
    assert torch.allclose(ours, part.grad, atol=1e-10)
print("by hand and by autograd: the same")

# %% [markdown]
# Backward takes each matrix twice: once for its own slopes, once to hand the slope on. So it does at
# most twice the work of forward, **however many weights there are**. Without this, networks could not
# be trained.

# %% [markdown]
# ### Deeper: a witness without formulas

# %% [markdown]
# Move one weight a little to both sides, and see by how much the loss changes. That needs no formula
# at all. (`double` numbers have 16 digits; with the usual 7 the differences would be mostly
# rounding.)
#
# **Predict.** Why not train like that? How many forward passes do all 23,860 slopes of this small
# network take? And backpropagation takes as long as how many?


# %%
from course_utils.training import compare_times


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
# The same slopes again, but two passes for *each*: 47,720 for one step. Forward and backward together
# cost as much as two or three: nobody needs the slopes of the pixels. For
# 784-200-100-60-30-10 count the products: 184,900 forward, as many for the slopes of the weights, and
# 28,100 to hand slopes on through the later layers. Together that is 2.15 times forward.

# %% [markdown]
# ### Exercise 5 · Find the mistakes
#
# One step of training, written by hand. It runs, the loss even falls, and there are three mistakes in
# it: one wrong formula, one wrong way of adding up, one line in the wrong place. `Y` are one-hot rows.
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
# A layer needs two things: its numbers, as `nn.Parameter`, so that PyTorch finds them, and a
# `forward`.


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
# With plain tensors in place of `nn.Parameter` the layer would compute the same, but no step would
# move them. Between other layers nothing complains: those learn, the loss falls, and this layer keeps
# its random numbers for ever.
#
# Why random numbers at the start? With equal weights all 200 units would get equal slopes and stay
# one unit for ever. And this is what layers that do not fit say:

# %% tags=["raises-exception"]
misfit = nn.Sequential(nn.Linear(784, 512), nn.Sigmoid(), nn.Linear(128, 10))
misfit(torch.rand(5, 784))

# %% [markdown]
# The first shape is the batch as it left the hidden layer, the second the next layer's matrix,
# already transposed. The inner numbers must agree.

# %% [markdown]
# ### Deeper: from zeros

# %% [markdown]
# Softmax regression of lesson 03 started with zeros.
#
# **Predict.** A 784-30-10 network with tanh starts with all weights 0 and is trained for three
# epochs. From random weights it would read about 90%. What does it read now: about 90%, 50%, or
# 10%?

# %%
from course_utils.training import evaluate, fit

zeros = nn.Sequential(nn.Flatten(), Dense(784, 30), nn.Tanh(), Dense(30, 10))
for parameter in zeros.parameters():
    nn.init.zeros_(parameter)
fit(zeros, (mnist.train_images, mnist.train_labels), n_epochs=3)
right = evaluate(zeros, mnist.test_images, mnist.test_labels).accuracy
report("all weights 0 at the start, right of the test digits", right, 0.05, 0.15, percent=True)
print("hidden weights that have moved:", int(zeros[1].weight.count_nonzero()))

# %% [markdown]
# One in ten, and not one hidden weight has moved. Look at the table: the slope of $V$ is
# $D^\top H$, and $H$ is 0. What goes back is $DV$, and $V$ is 0. Each waits for the other. In softmax
# regression pixels stand in front of the weights, no zeros.

# %% [markdown]
# ## Two networks for digits
#
# ### 784-512-128-10, with sigmoids
#
# This network was trained in a course with Keras: Adam, batches of 256, 20 epochs, a tenth of the
# digits for validation. About 95.5% was reported on the full MNIST. That is little for 468,874
# parameters, and one detail was left open: were the pixels scaled from 0..255 to 0..1? We run it on
# the sample, on scaled pixels and on the bytes as they are.
#
# **Predict.** Which one reads more of the test digits? (We choose no recipe here, so the test digits
# may speak.)

# %%
from course_utils.training import accuracy, evaluate, fit, one_cycle, predict

pixels, labels = mnist.train_images.flatten(1).float(), mnist.train_labels
pixels_test, y_test = mnist.test_images.flatten(1).float(), mnist.test_labels
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
val, train = order[: len(order) // 10], order[len(order) // 10 :]


def sigmoid_network():
    """Return 784-512-128-10, each time with the same random weights."""
    seed_everything(3)
    return nn.Sequential(
        nn.Linear(784, 512), nn.Sigmoid(), nn.Linear(512, 128), nn.Sigmoid(), nn.Linear(128, 10)
    )


def train_sigmoids(network, scale, **recipe):
    """Train a network on pixels times scale; return its history."""
    data, held_out = ((pixels[part] * scale, labels[part]) for part in (train, val))
    return fit(network, data, val=held_out, n_epochs=20, batch_size=256, **recipe)


histories = {}
for name, scale, low, high in (("scaled", 1 / 255, 0.89, 0.945), ("bytes", 1.0, 0.905, 0.955)):
    histories[f"{name}, steps of 0.001"] = train_sigmoids(network := sigmoid_network(), scale)
    right = evaluate(network, pixels_test * scale, y_test).accuracy
    report(f"{name}: right of the test digits", right, low, high, percent=True, digits=1)

# %% [markdown]
# The bytes are ahead! Is scaling bad advice? These are 300 steps, not the 4,220 of MNIST; perhaps the
# scaled network has only not arrived.
#
# **Predict.** Give both longer steps: the schedule of lesson 03, with a peak of 0.01. Who is ahead
# now?

# %%
networks = {}
for name, scale, low, high in (("scaled", 1 / 255, 0.92, 0.96), ("bytes", 1.0, 0.88, 0.935)):
    networks[name] = sigmoid_network()
    history = train_sigmoids(networks[name], scale, lr=0.01, schedule=one_cycle)
    right = evaluate(networks[name], pixels_test * scale, y_test).accuracy
    report(f"{name}: right of the test digits", right, low, high, percent=True, digits=1)
    histories[f"{name}, steps up to 0.01"] = history
plot_lines(
    {name: [100 * known for known in history.train_accuracy] for name, history in histories.items()},
    "Each kind of pixels learns best with another step",
    x=range(1, 21),
    xlabel="epoch",
    ylabel="right of the training digits, %",
    ylim=(60, 100),
    trained=True,
)

# %% [markdown]
# It is turned round. What turned it? Not the waiting: after 80 epochs of short steps both know nearly
# all training digits, and the bytes are still a little ahead on the test. The **step** did. Adam
# moves a weight by about the learning rate in a step. The bytes of a digit add up to about 26,000, so
# one step of 0.001 can move a hidden unit's net input by 26, from one end of the sigmoid to the
# other; on scaled pixels it is 0.1. And where a sigmoid is flat, its slope $g(1-g)$ is below 0.01,
# and by the rule $\odot\, g'(\mathbf z)$ hardly anything goes back:

# %%
start = sigmoid_network()[0]
for name, layer, scale, low, high in (
    ("bytes, before training", start, 1.0, 40, 120),
    ("bytes, after the long steps", networks["bytes"][0], 1.0, 0, 10),
    ("scaled, before training", start, 1 / 255, 990, 1000),
    ("scaled, after the long steps", networks["scaled"][0], 1 / 255, 500, 900),
):
    g = torch.sigmoid(layer(pixels_test * scale))
    bent = ((g > 0.01) & (g < 0.99)).float().mean().item()
    report(f"of 1,000 hidden outputs not flat: {name}", 1000 * bent, low, high, digits=0)

# %% [markdown]
# With bytes nine in ten are flat before the first step. The rest suffices for short steps. Long ones
# throw the units about until one in a thousand is left, and the network is stuck.
#
# Each at its best has 94%: on 3,600 digits neither is better. On the full MNIST (54,000 digits, one
# run each) the reported recipe gives 97.8% on scaled pixels and 95.5% on bytes; so what was reported
# looks like *unscaled* pixels. **Compare recipes each with a learning rate that suits it, and on
# enough data.** And scale the inputs: then the usual learning rates suit.

# %% [markdown]
# ### Deeper: the start or the step?

# %% [markdown]
# Bytes times weights 255 times as small give the same net inputs as scaled pixels, and a step of Adam
# is as long for large slopes as for small ones. So to scale the pixels is to do two things to the
# first weights: divide their start by 255, and their step. We can do one without the other.
#
# **Predict.** On bytes, with steps of 0.001: which of the two takes the lead away?

# %%
for says, start, step, low, high in (
    ("both divided, which is the same as scaled pixels", 1 / 255, 1 / 255, 0.89, 0.945),
    ("the start divided", 1 / 255, 1, 0.905, 0.955),
    ("the step divided", 1, 1 / 255, 0.87, 0.935),
):
    network = sigmoid_network()
    first, *others = network.parameters()
    with torch.no_grad():
        first *= start
    groups = [{"params": [first], "lr": 0.001 * step}, {"params": others}]
    train_sigmoids(network, 1.0, optimizer=torch.optim.Adam(groups, lr=0.001))
    right = evaluate(network, pixels_test, y_test).accuracy
    report(says, right, low, high, percent=True, digits=1)

# %% [markdown]
# Both together give the figure of the scaled pixels, as they must. The smaller start alone takes
# little away. The smaller step takes all of the lead, and more.

# %% [markdown]
# ### 784-200-100-60-30-10, with ReLUs
#
# The 185,300 parameters that you have counted, less than half those of the last one; 98.2% was
# reported.

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
# About as good. The training digits are learned by heart, and the validation loss has stood still
# since about the ninth epoch. Not room is missing, but digits. Which data a number was measured on
# belongs to the number:
#
# | network | parameters | sample, 1,000 test digits | full MNIST, 10,000 | reported |
# |---|---|---|---|---|
# | softmax regression | 7,850 | about 91% | 92.7% | |
# | 512-128 sigmoid, bytes | 468,874 | 91 to 94% | 95.8% | 95.5% |
# | 512-128 sigmoid, scaled | 468,874 | 92 to 94% | 98.0%; 98.2% with a schedule | |
# | 200-100-60-30 ReLU | 185,300 | 93 to 96% | 98.5% | 98.2% |
#
# The figures of the full MNIST come from `make bench`, with all 60,000 digits in place of 54,000 (the
# ReLUs on digits moved by a pixel or so each time). There the scaled sigmoids took three quarters of
# the errors away, the ReLUs four fifths; with the sample's few digits it is about a third.
#
# ### What do the hidden units look for?
#
# Each unit of the first hidden layer has 784 weights, so it can be drawn, as the templates of
# lesson 03. Will you recognise digits?

# %%
from course_utils.figures import plot_images

plot_images(
    networks["scaled"][0].weight.detach().cpu()[:20].reshape(20, 28, 28),
    says="20 of the 512 units of the first hidden layer",
    signed=True,
)

# %% [markdown]
# No digits, but spots of blue beside spots of orange: *ink here, and none beside it*. The strong
# colours at the rim are no knowledge: a handful of digits have ink there, and Adam moved those weights
# as far as any. In the corners, where nobody writes, nothing moved.
#
# ### Does it read moved digits?
#
# **Predict.** Softmax regression fell from 91% to about 20% when the digits were moved by four
# pixels. And this one? (Then write yourself, beside a single layer trained on the full MNIST.)

# %%
from course_utils.canvas import DigitPad
from course_utils.models import load_pretrained

moved = torch.zeros_like(mnist.test_images)
moved[:, :, 4:] = mnist.test_images[:, :, :24]
right = accuracy(predict(relus, moved), y_test)
report("right after a move by 4 pixels", right, 0.1, 0.35, percent=True, digits=1)

pad = DigitPad({"one layer": load_pretrained("softmax"), "your five layers": relus}, in_page=True)
pad

# %% [markdown]
# No better: its first layer is tied to places, too, and it learned from no moved digit. Lesson 06 has
# what helps.

# %% [markdown]
# ## Deeper: let the network write

# %% [markdown]
# A softmax is a loaded die. What if we *throw* it? Ask not "which digit is this?", but "**which grey
# comes next?**" Take the digits at 14 × 14 pixels with four greys. The network sees the pixels just
# above and to the left, where it is, and which digit is wanted, and gives probabilities for four
# greys. (`context` cuts out what it sees; you can skip its code.) Then start on empty paper, throw,
# write the pixel down, move on, 196 times.

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
# Always the most probable grey gives **empty paper**, ten times. 82 of 100 pixels are white, and at
# every single place white is the best guess, as no digit must begin just here. Yet it must begin
# somewhere, and only a throw decides that. Some look like digits, some like nothing: the network sees
# only five pixels far. For *one* answer the largest probability is best. To *make* something, sample.
# Large language models write in this way, word by word.

# %% [markdown]
# ## Quiz

# %%
quiz("04")

# %% [markdown]
# ## Where the idea comes from
#
# **1943** McCulloch and Pitts connect units into networks, by hand. **1969** Minsky and Papert show
# what one layer cannot do. **1970** Seppo Linnainmaa sends slopes back through a computer program;
# **1974** Paul Werbos does it in his thesis, in 1982 for networks. **1986** Rumelhart, Hinton and
# Williams show that hidden units learn useful things by it. **1989** Cybenko, and Hornik, Stinchcombe
# and White, prove universal approximation; **1993** Leshno and others extend it.
#
# ## Summary
#
# - A hidden layer moves the points until one straight cut suffices. Without a bend two layers are
#   one. Slopes of the bends: $g(1-g)$ for the sigmoid, $1-g^2$ for tanh, 0 or 1 for the ReLU.
# - Two ReLUs can compute XOR, but one random start in five finds it; with 16 nearly all do.
# - $\mathbf z^{(l)} = W^{(l)} \mathbf a^{(l-1)} + \mathbf b^{(l)}$, $\mathbf a^{(l)} = g(\mathbf
#   z^{(l)})$. Parameters: sum of n_in · n_out + n_out. 784-200-100-60-30-10 has 185,300.
# - One hidden layer can follow any continuous curve on a closed bounded region. That says not how to
#   find the weights.
# - Backpropagation: arriving slope times local slope; where ways meet, slopes add; in reverse
#   topological order. With matrices: `V_slope = D.T @ H`, `B = (D @ V) * g'`, `W_slope = B.T @ X`.
# - Test slopes, start with random weights, scale the inputs, and compare recipes each with the step
#   that suits it, on enough data.
#
# **Next:** lesson 05 asks why deep networks are hard to train, and what helps.
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
