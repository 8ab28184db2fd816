# %% [markdown]
# # 01 · How does a single neuron learn?
#
# One neuron is the smallest thing that can learn. You will set one by hand, watch one find its own
# weights, see where it must fail, and let one tell the digit 0 from the digit 1.
#
# **After this lesson you can**
#
# 1. set weights and a threshold so that a unit computes AND, OR or a majority, and say why no unit
#    computes XOR;
# 2. apply Rosenblatt's learning rule by hand and in code;
# 3. say when the rule stops, how many mistakes it can make at most, and what to do when it does
#    not stop;
# 4. replace a loop by one call on a whole array, and say what that is worth;
# 5. find two mistakes that are easy to make and raise no error.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 30 seconds of one
# processor core of 2024.*

# %%
import torch

from course_utils.datasets import load_mnist, two_squares
from course_utils.device import get_device, seed_everything
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.perceptron import CORNERS, GATES, perceptron_stepper, threshold_builder
from course_utils.figures import (
    draw_boundary,
    draw_points,
    figure,
    neuron_diagram,
    plot_images,
    plot_lines,
    show,
)
from course_utils.training import compare_times

seed_everything(0)
device = get_device()

# %% [markdown]
# ## From the nerve cell to a sum
#
# A nerve cell collects signals through its dendrites. Some excite it, some hold it back. When
# enough comes together, it fires: a pulse runs down its axon to other cells. In 1943 Warren
# McCulloch and Walter Pitts made a calculation of it: **inputs that are counted, and a threshold**.
# In their unit all exciting inputs counted alike, and one that held back was a veto. Here each input
# has a **weight** of its own, as has been usual since Rosenblatt.

# %%
neuron_diagram()

# %% [markdown]
# Write the inputs as numbers $x_1, x_2, \dots$ and their weights $w_1, w_2, \dots$ A positive weight
# excites, a negative one holds back. The unit fires, which means that it answers 1,
# when the weighted sum reaches the **threshold** $\theta$ (theta), and answers 0 otherwise:
#
# $$\hat y = \begin{cases} 1 & \text{if } w_1 x_1 + w_2 x_2 + \dots \ge \theta \\ 0 & \text{otherwise}\end{cases}$$
#
# The hat on $\hat y$ says: this is the unit's answer. The right answer will be $y$, without a hat.

# %%
def unit(x, w, theta):
    """Return 1 if the weighted sum of the inputs reaches the threshold, else 0."""
    z = sum(w_i * x_i for w_i, x_i in zip(w, x))
    return 1 if z >= theta else 0


# %% [markdown]
# **Predict.** With weights (1, 1) and threshold 2, for which of the four inputs (0, 0), (0, 1),
# (1, 0), (1, 1) does the unit fire? Decide before you run the cell.

# %%
inputs = [(0, 0), (0, 1), (1, 0), (1, 1)]
[unit(x, w=(1, 1), theta=2) for x in inputs]

# %% [markdown]
# Only for (1, 1): the sum reaches 2 only if both inputs are 1. The unit computes **AND**. A lower
# threshold makes an **OR**; one input with a negative weight makes a **NOT**:

# %%
or_gate = [unit(x, w=(1, 1), theta=1) for x in inputs]
not_gate = [unit((x,), w=(-1,), theta=0) for x in (0, 1)]
or_gate, not_gate

# %% [markdown]
# Now with your own hands. Choose a gate and turn the weights and the threshold until all four
# corners are right. The arrow points to the side where the unit fires. A black ring marks a corner
# that is wrong.
# Try AND, OR, NAND (the opposite of AND), and then **XOR**: one or the other, but not both.
# *(Each slider also moves with the arrow keys.)*

# %%
threshold_builder()

# %% [markdown]
# ### Exercise 1 · A vote
#
# Three inputs, each 0 or 1. Give three weights and a threshold with which the unit fires when **at
# least two** inputs are 1.

# %%
majority = (
    ### BEGIN SOLUTION
    (1, 1, 1), 2
    ### END SOLUTION
)  # ((w1, w2, w3), theta)

# %%
check("01.majority", majority)

# %% [markdown]
# ## What one unit cannot do
#
# Did you find weights for XOR? Let the computer search: 41 values for each weight and for the
# threshold.
#
# **Predict.** Of these 68,921 units, do more compute AND or more compute OR? And is there one that
# computes XOR?

# %%
def count_units(wanted):
    """Count the units on a grid of weights and thresholds that give the wanted four answers."""
    grid = torch.linspace(-2, 2, 41).round(decimals=1)
    w1, w2, theta = torch.meshgrid(grid, grid, grid, indexing="ij")  # each (41, 41, 41)
    right = torch.ones_like(w1, dtype=torch.bool)
    for (x1, x2), y in zip(inputs, wanted):
        fires = w1 * x1 + w2 * x2 >= theta - 1e-6  # 1e-6: room for rounding
        right &= fires == bool(y)
    return int(right.sum())


{gate: count_units(wanted) for gate, wanted in GATES.items()}

# %% [markdown]
# More than a thousand units compute AND, more than two thousand OR, and not one computes XOR. A finer
# grid would not help, and here is why. XOR wants four things of $w_1$, $w_2$ and $\theta$:
#
# | input | must | so |
# |---|---|---|
# | (0, 0) | not fire | $0 < \theta$ |
# | (1, 0) | fire | $w_1 \ge \theta$ |
# | (0, 1) | fire | $w_2 \ge \theta$ |
# | (1, 1) | not fire | $w_1 + w_2 < \theta$ |
#
# Add the two middle rows: $w_1 + w_2 \ge 2\theta$, and $2\theta$ is more than $\theta$ because
# $\theta > 0$. That contradicts the last row.
#
# The picture says the same. A unit cuts the plane with **one straight line**. In XOR the corners of
# each class lie across from each other, and no line has two opposite corners on one side and the
# two others on the other. Marvin Minsky and Seymour Papert made this point, and stronger ones, in
# 1969. Lesson 04 answers it with a second layer.

# %%
fig, ax = figure("XOR: no straight line parts the two classes", xlabel="x₁", ylabel="x₂", size=(6, 4))
draw_points(ax, CORNERS, GATES["XOR"], names=("wanted 0", "wanted 1"))
ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
draw_boundary(ax, (1, 1), -0.5)
draw_boundary(ax, (-1, -1), 1.5)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(fig, "Two lines would do: between them lie the corners (0, 1) and (1, 0).")

# %% [markdown]
# ## The bias: a threshold in other clothes
#
# Bring $\theta$ to the left side: the unit fires when $w_1 x_1 + w_2 x_2 - \theta \ge 0$. Call
# $b = -\theta$ the **bias** and the whole sum the **net input**
#
# $$z = \mathbf w^\top \mathbf x + b \qquad\text{and}\qquad \hat y = 1 \text{ if } z \ge 0 \text{, else } 0.$$
#
# One trick saves work later: give each $\mathbf x$ an additional first component that is always 1,
# and let $w_0 = b$ be its weight. Then $z$ is a single product of two vectors, and the bias is
# learned like every other weight.

# %%
def with_bias(X):
    """Put a constant 1 in front of each row: (N, D) -> (N, D + 1)."""
    return torch.cat([torch.ones(len(X), 1, device=X.device), X], dim=1)


corners = torch.tensor(inputs, dtype=torch.float32)  # (4, 2)
with_bias(corners)

# %% [markdown]
# ## Rosenblatt's rule: learn from mistakes only
#
# In 1958 Frank Rosenblatt let a machine find the weights. Start with all weights at zero. Show one
# example after the other. When the answer is right, change nothing. When it is wrong:
#
# $$\mathbf w \leftarrow \mathbf w + (y - \hat y)\,\mathbf x$$
#
# Read it in both cases. If the unit was silent and should have fired, then $y - \hat y = +1$ and
# $\mathbf x$ is **added**: for this same $\mathbf x$, $\mathbf w^\top \mathbf x$ is now larger by
# exactly $\mathbf x^\top \mathbf x$. If it fired and should not have, $y - \hat y = -1$ and $\mathbf x$ is
# **subtracted**.
#
# Here are the first steps for AND, by hand. Each $\mathbf x$ starts with the constant 1, and
# $\mathbf w = (b, w_1, w_2)$ starts at $(0, 0, 0)$.
#
# | $\mathbf x$ | $y$ | $z$ | $\hat y$ | $y - \hat y$ | new $\mathbf w$ |
# |---|---|---|---|---|---|
# | (1, 0, 0) | 0 | 0 | 1 | −1 | (−1, 0, 0) |
# | (1, 0, 1) | 0 | −1 | 0 | 0 | (−1, 0, 0) |
# | (1, 1, 0) | 0 | −1 | 0 | 0 | (−1, 0, 0) |
# | (1, 1, 1) | 1 | −1 | 0 | +1 | (0, 1, 1) |
#
# **Predict.** The second time round begins with (1, 0, 0) again. What is $z$ now, and what are the
# weights afterwards? Then check yourself in the figure: steps 1 and 2 are the two updates of the
# table, step 3 is your prediction. The coloured ring marks the point that caused the update.

# %%
APART = ((0, 0), (2.4, 2.4))  # the centres of two squares of side 2 that do not touch


def shuffled(X, y):
    """Put the rows into a random order."""
    order = torch.randperm(len(X))
    return X[order], y[order]


perceptron_stepper(
    {
        "AND": (CORNERS, GATES["AND"]),
        "OR": (CORNERS, GATES["OR"]),
        "XOR": (CORNERS, GATES["XOR"]),
        "two squares, apart": shuffled(*two_squares(20, centres=APART)),
        "two squares, overlapping": shuffled(*two_squares(20)),
    }
)

# %% [markdown]
# With $\mathbf w = (0, 1, 1)$ and $\mathbf x = (1, 0, 0)$ the net input is 0, so the unit fires, and
# that is wrong: the weights become (−1, 1, 1). Go on to the end: after 11 updates AND is learned and
# the line stands still. With XOR it never does.
#
# Notice two things. Only mistakes move the line. And a single update can make *other* points wrong:
# the rule looks at one point at a time.
#
# ### Exercise 2 · The rule
#
# Write one step. `w` and `x` are tensors of the same length, with the bias inside; `y` is 0 or 1.
# Return the new weights.

# %%
def update(w, x, y):
    """Return the weights after the perceptron rule has seen one example."""
    ### BEGIN SOLUTION
    y_hat = int(w @ x >= 0)
    return w + (y - y_hat) * x
    ### END SOLUTION


# %%
check("01.update", update)

# %% [markdown]
# ## Epoch after epoch
#
# One pass over all examples is called an **epoch**. Here is the whole algorithm. It returns every
# weight vector on its way, the last one being the result, and the number of mistakes in each epoch.
# It stops after an epoch without any.

# %%
def train_perceptron(X, y, n_epochs=20):
    """Run the perceptron rule from zero weights; X (N, D), y (N,) with values 0 and 1."""
    X = with_bias(X)  # (N, D) -> (N, D + 1)
    path, mistakes = [torch.zeros(X.shape[1])], []
    for _ in range(n_epochs):
        mistakes.append(0)
        for x_i, y_i in zip(X, y):
            y_hat = (path[-1] @ x_i >= 0).long()
            if y_hat != y_i:
                path.append(path[-1] + (y_i - y_hat) * x_i)
                mistakes[-1] += 1
        if mistakes[-1] == 0:
            break
    return path, mistakes


# %% [markdown]
# Two data sets, 200 points in each class. In both, each class fills a square of side 2. In the first
# the squares lie apart; in the second, centred at (−0.5, −0.5) and (0.5, 0.5), they overlap in a
# square of side 1.

# %%
X_apart, y_apart = shuffled(*two_squares(200, centres=APART))  # (400, 2), (400,)
X_over, y_over = shuffled(*two_squares(200))

fig, axes = figure("Apart: a line can part them", columns=2, size=(10, 4.4))
draw_points(axes[0], X_apart, y_apart)
draw_points(axes[1], X_over, y_over)
axes[0].legend(loc="upper left")
axes[0].set(xlabel="x₁", ylabel="x₂")
axes[1].set(title="Overlapping: no line can", xlabel="x₁", ylabel="x₂")
show(fig)

# %% [markdown]
# **Predict.** We show both data sets for at most 20 epochs. A quarter of each class lies in the
# overlap, and the best possible line gets half of those wrong: 50 points of 400. How many mistakes
# will there be in the last epoch of each: none, about 50, or clearly more than 50?

# %%
path_apart, mistakes_apart = train_perceptron(X_apart, y_apart)
path_over, mistakes_over = train_perceptron(X_over, y_over)
print("apart:      ", mistakes_apart)
print("overlapping:", mistakes_over)

# %% [markdown]
# Where a line exists, the rule finds one and stops. Where none exists, it never settles, however
# long we wait: every epoch has mistakes, and every mistake moves the line. It even makes about 70 in
# each epoch, clearly more than the 50 of the best line. Who guessed 50 expected it to find that line
# and stay there. It may find it, but the next mistake pushes it away again.
#
# How good is the line at one moment? Here are the weights after each of the first 150 updates, each
# tried on all 400 points.

# %%
def accuracy(w, X, y):
    """Return the share of rows that the unit with weights w gets right."""
    y_hat = (with_bias(X) @ w >= 0).long()  # (N, D + 1) @ (D + 1,) -> (N,)
    return (y_hat == y).float().mean().item()


plot_lines(
    {"all 400 points": [accuracy(w, X_over, y_over) for w in path_over[1:151]]},
    "On overlapping data the line never comes to rest",
    x=range(1, 151),
    xlabel="updates",
    ylabel="accuracy",
)

# %% [markdown]
# A single update can cost a quarter of the points, and the next ones win them back. When we stop is
# a lottery.
#
# ### The pocket
#
# A remedy that costs little code, and a look at all the data after each update: while the rule runs,
# keep the best weights seen so far in your pocket, and hand those out at the end (Stephen Gallant,
# 1990).
#
# ### Exercise 3 · The pocket rule
#
# Given a list of weight vectors, return the one with the fewest mistakes on `X` (which has its
# constant 1 in front already) and `y`. Of equally good ones return the earliest.

# %%
def pocket(candidates, X, y):
    """Return the best of several weight vectors: X (N, D), y (N,), each candidate (D,)."""
    ### BEGIN SOLUTION
    return min(candidates, key=lambda w: int(((X @ w >= 0).long() != y).sum()))
    ### END SOLUTION


# %%
check("01.pocket", pocket)

# %% [markdown]
# The best line for two such squares, $x_1 + x_2 = 0$, is right for 7 points in 8, since it loses
# half of the quarter that lies in the overlap. That is 87.5% on average; 400 points drawn by chance
# may give a little more or less. How near does the pocket come in 20 epochs?

# %%
scores = [accuracy(w, X_over, y_over) for w in path_over]
report("the worst weights since update 100", min(scores[100:]), 0.4, 0.8, percent=True)
report("the last weights", scores[-1], 0.6, 0.92, percent=True)
report("the weights in the pocket", max(scores), 0.85, 0.92, percent=True)

# %% [markdown]
# ## How many mistakes at most?
#
# Where a line exists, the rule cannot go on for ever. Albert Novikoff proved in 1962: let $R$ be the
# length of the longest $\mathbf x$ (with its constant 1). With this constant in front, every line of
# the picture has become a plane through the origin, $\mathbf w^\top \mathbf x = 0$, in a space of
# one more dimension. Let $\gamma$ (gamma), the **margin**, be the distance in *that* space of the
# nearest $\mathbf x$ from some separating plane. Then the rule makes at most
#
# $$\left(\frac{R}{\gamma}\right)^2$$
#
# mistakes, over all epochs together, in whatever order the points come. The idea: every mistake brings
# $\mathbf w$ at least $\gamma$ further in one direction, at right angles to the separating plane. But
# it makes $|\mathbf w|^2$ grow by at most $R^2$, since $\mathbf w$ and what is added to it never point
# the same way after a mistake. Steady way in one direction, with a length that grows only like a
# square root, cannot go on.
#
# **Predict.** On the squares that lie apart, the rule made the few mistakes that you saw. Is the
# bound near that count, or more than ten times as high?

# %%
def margin(w, X, y):
    """Return the distance of the nearest row from the plane of w; negative if one is wrong."""
    side = 2 * y - 1  # classes 0 and 1 -> −1 and +1
    return (side * (with_bias(X) @ w)).min() / w.norm()


R = with_bias(X_apart).norm(dim=1).max()
gamma = margin(torch.tensor([-2.4, 1.0, 1.0]), X_apart, y_apart)
bound = (R / gamma) ** 2
print(f"R = {R:.2f}, margin = {gamma:.2f}, bound = {bound:.0f} mistakes")
print(f"mistakes made: {sum(mistakes_apart)}")
assert sum(mistakes_apart) <= bound

# %% [markdown]
# The bound holds for the worst order of the worst points with that margin. These points are kinder,
# so the count stays far below it. Here we took the line $x_1 + x_2 = 2.4$ for the margin, half-way
# between the squares. Any separating line gives a bound; the one with the widest margin gives the
# best.
#
# What if $\gamma$ shrinks? Half the margin means four times the bound. And where the classes overlap
# there is no $\gamma$ at all: the theorem says nothing, and the rule cannot stop.
#
# ## Real pixels: 0 against 1
#
# Now the same rule, not a line changed, on handwriting: MNIST, 28 × 28 grey values per digit. Flat,
# that is a vector of 784 numbers, so there are 784 weights and a bias. We keep only zeros and ones.

# %%
mnist = load_mnist()
print(mnist.description)


def zeros_and_ones(images, labels):
    """Keep the digits 0 and 1: uint8 (N, 28, 28) -> float (M, 784) in [0, 1], and labels (M,)."""
    keep = labels <= 1
    return images[keep].flatten(1).float() / 255, labels[keep]


X_train, y_train = zeros_and_ones(mnist.train_images, mnist.train_labels)
X_test, y_test = zeros_and_ones(mnist.test_images, mnist.test_labels)
plot_images(X_train[:10].reshape(-1, 28, 28), y_train[:10].tolist(), says="Zeros and ones")

# %% [markdown]
# **Predict.** How many of 100 test digits will this one neuron get right: 60, 80, or nearly all?

# %%
path_digits, mistakes_digits = train_perceptron(X_train, y_train)
w_digits = path_digits[-1]
print("mistakes in each epoch:", mistakes_digits)
report("accuracy on test digits", accuracy(w_digits, X_test, y_test), 0.97, 1.0, percent=True)

# %% [markdown]
# Nearly all. Zeros and ones look so different that a plane parts all 800 of the training digits, and
# after a few epochs the rule stops. That is the bundled sample, with 200 digits to test. When this
# cell was run on the full MNIST (12,665 zeros and ones to train with), it stopped after 7 epochs and
# 117 mistakes and got 2,114 of the 2,115 test digits right.
#
# What did it learn? Its weights have the shape of a picture. Blue pixels speak for a 1, orange ones
# for a 0, white ones do not matter.

# %%
plot_images(
    w_digits[1:].reshape(1, 28, 28), says="784 weights as a picture", signed=True
)

# %% [markdown]
# In the middle, where a one has its stroke and a zero its hole, ink speaks for 1. Left and right of
# it, where the ring of a zero runs, ink speaks for 0. Nobody told the rule about strokes and rings.
#
# The picture is also grainy, with blue patches further out. Every mistake has added or subtracted one
# digit, and nothing else has happened: the weights *are* the sum and difference of the few digits that
# the rule got wrong. Slanted ones have left the patches.
#
# ## Loops are slow; whole arrays are fast
#
# The heart of it all is one product, $\mathbf w^\top \mathbf x$. There are three ways to write it.
#
# **Predict.** For two vectors of 1,000 numbers, how much faster than the loop is the single call:
# twice, ten times, or more than a hundred times? And what does the list comprehension gain?

# %%
a, b = torch.rand(1000), torch.rand(1000)


def with_a_loop():
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def with_a_comprehension():
    return sum([a_i * b_i for a_i, b_i in zip(a, b)])


def with_one_call():
    return a @ b


assert torch.allclose(with_a_loop(), with_one_call())
assert torch.allclose(with_a_comprehension(), with_one_call())

# %%
times = compare_times(
    {
        "a loop": with_a_loop,
        "a list comprehension": with_a_comprehension,
        "one call": with_one_call,
    },
    at_least={"one call": 100},
)

# %% [markdown]
# More than a hundred times. (Your machine's times stand above once you have run the cell. They are
# not stored, since every machine has its own.) The comprehension gains little: it is a loop in fewer
# words. Both go through Python for each number, and each `a[i]` even makes a small tensor. The call
# goes through Python once and then works on plain numbers in a row. This is called **vectorising**,
# and the whole course rests on it: `X @ w` answers for *all* rows of `X` at once, as `accuracy` did
# above.
#
# ## The class
#
# Everything in one place, on whatever device this machine has. `get_device` chose it in the first
# cell: a CUDA or Apple GPU where there is one that works, the CPU otherwise.

# %%
class Perceptron:
    """A threshold unit that learns by Rosenblatt's rule."""

    def __init__(self, n_features, device="cpu"):
        self.w = torch.zeros(n_features + 1, device=device)  # the bias first
        self.mistakes = []  # in each epoch

    def net_input(self, X):
        return with_bias(X) @ self.w  # (N, D) -> (N,)

    def predict(self, X):
        return (self.net_input(X) >= 0).long()

    def fit(self, X, y, n_epochs=20):
        for _ in range(n_epochs):
            self.mistakes.append(self.run_epoch(with_bias(X), y))
            if self.mistakes[-1] == 0:
                break
        return self

    def run_epoch(self, X, y):
        wrong = 0
        for x_i, y_i in zip(X, y):
            error = y_i - (x_i @ self.w >= 0).long()
            self.w += error * x_i
            wrong += int(error != 0)
        return wrong

    def __repr__(self):
        return f"Perceptron({len(self.w) - 1} weights and a bias)"


# %% [markdown]
# It must find the same weights as the function above, and its net input must be what PyTorch's own
# linear layer computes. A closeness check like this one ends every derivation in this course.

# %%
perceptron = Perceptron(784, device).fit(X_train.to(device), y_train.to(device))
print(perceptron)

w, b = perceptron.w[1:].cpu(), perceptron.w[0].cpu()
assert torch.allclose(perceptron.w.cpu(), w_digits, atol=1e-3)
assert torch.allclose(
    perceptron.net_input(X_test.to(device)).cpu(),
    torch.nn.functional.linear(X_test, w[None], b[None])[:, 0],
    atol=1e-3,
)

# %% [markdown]
# ## Broken on purpose
#
# The commonest error of the first weeks: two shapes that do not fit. Here the weights have a place
# for the bias, but the rows have no constant 1. Read the message from its end.

# %% tags=["raises-exception"]
X_over @ path_over[-1]

# %% [markdown]
# The last line names both shapes. `X_over` has rows of 2 numbers, the weights are 3. The first
# question with such a message is always: *what shape did I think each of them has?* Here the remedy
# is `with_bias(X_over) @ path_over[-1]`.
#
# ## Find the mistake
#
# ### Exercise 4 · Train and test
#
# This cell runs without an error, and it looks like many a lecture's. Two things are wrong with it.

# %%
X, y = two_squares(200)  # 400 rows
model = Perceptron(2).fit(X[:300], y[:300])  # train
score = accuracy(model.w, X[100:], y[100:])  # test
print(f"score: {score:.0%}")

# %% [markdown]
# **Predict.** Find both before you run the next cell. Which rows are used, and what do they hold?

# %%
print("rows 0 to 299 hold", y[:300].bincount().tolist(), "of class 0 and 1")
print("rows 300 to 399 hold", y[300:].bincount(minlength=2).tolist())
print("trained with and tested with:", len(set(range(300)) & set(range(100, 400))), "rows")

# %% [markdown]
# Two thirds of the test were known from training. And `two_squares` gives its rows sorted by class:
# the rows that were *not* trained with are all of class 1. A test on those alone would tell nothing
# about class 0. That is why this lesson shuffled its data before it used them.
#
# Write it rightly: a function that takes the number of rows and the number to train with and returns
# two lists of row numbers. (`torch.randperm(n)` returns the numbers 0 … n − 1 in random order.)

# %%
def split(n, n_train):
    """Return row numbers to train with and row numbers to test with."""
    ### BEGIN SOLUTION
    order = torch.randperm(n).tolist()
    return order[:n_train], order[n_train:]
    ### END SOLUTION


# %%
check("01.split", split)

# %% [markdown]
# ### Exercise 5 · Which machine breaks?
#
# Another line that is met often, and stops some machines at the first tensor:
#
# ```python
# device = "cuda" if torch.cuda.is_available() else "mps"
# ```
#
# Write a function that chooses rightly on every machine. It gets two truth values, whether CUDA is
# there and whether MPS (Apple's GPU) is there, and returns `"cuda"`, `"mps"` or `"cpu"`.

# %%
def choose_device(cuda, mps):
    """Return the name of the device to use."""
    ### BEGIN SOLUTION
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"
    ### END SOLUTION


# %%
check("01.device", choose_device)

# %% [markdown]
# ## Quiz

# %%
quiz("01")

# %% [markdown]
# ## Where the idea comes from
#
# **1943** Warren McCulloch and Walter Pitts describe nerve cells as threshold logic, set by hand. **1957/58** Frank Rosenblatt builds the perceptron, first simulated on an IBM 704, then as
# a machine with 400 photocells whose weights are turned by motors. **1962** Novikoff proves that it
# stops wherever it can. **1969** Minsky and Papert show what one layer cannot do. **1990** Gallant's
# pocket.
#
# ## Summary
#
# - A unit computes $z = \mathbf w^\top \mathbf x + b$ and fires where $z \ge 0$: it cuts space with
#   one plane.
# - AND, OR, NOT and a majority are within reach; XOR is not, since no single line parts its classes.
# - The rule $\mathbf w \leftarrow \mathbf w + (y - \hat y)\mathbf x$ moves only after a mistake.
# - Where a plane with margin $\gamma$ exists, the rule stops after at most $(R/\gamma)^2$ mistakes.
#   Where none exists, it never does; the pocket keeps the best weights seen.
# - One neuron parts real zeros from real ones almost without error.
# - Whole arrays instead of loops: more than a hundred times faster.
# - Test on rows that were not trained on, and shuffle before you split.
#
# **Next:** the perceptron says yes or no, never *how sure* it is. Lesson 02 replaces the step by a
# smooth curve, and learning by mistakes becomes learning by slopes.
#
# ## Sources
#
# - W. S. McCulloch, W. Pitts: *A logical calculus of the ideas immanent in nervous activity.*
#   Bulletin of Mathematical Biophysics 5, 1943.
# - F. Rosenblatt: *The perceptron: a probabilistic model for information storage and organization in
#   the brain.* Psychological Review 65, 1958.
# - A. B. J. Novikoff: *On convergence proofs for perceptrons.* Symposium on the Mathematical Theory
#   of Automata, 1962.
# - M. Minsky, S. Papert: *Perceptrons.* MIT Press, 1969.
# - S. I. Gallant: *Perceptron-based learning algorithms.* IEEE Transactions on Neural Networks,
#   volume 1, published 1990.
# - The digits: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*; the
#   course's sample and its licence are described in `data/README.md`.
