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
# 2. apply Rosenblatt's learning rule by hand, as arrows and in code;
# 3. say when the rule stops, after how many mistakes at most, and what to do when it does not;
# 4. replace a loop by one call on a whole array, and say what that is worth;
# 5. split data so that a test tells the truth.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 20 seconds of one
# processor core of 2024.*

# %%
from course_utils.figures import neuron_diagram

neuron_diagram()

# %% [markdown]
# ## From the nerve cell to a sum
#
# A nerve cell collects signals through its dendrites. Some excite it, some hold it back. When
# enough comes together, it fires: a pulse runs down its axon to other cells. In 1943 Warren
# McCulloch and Walter Pitts made a calculation of it: **inputs that are counted, and a threshold**.
#
# Write the inputs as numbers $x_1, x_2, \dots$ Each has a **weight**, $w_1, w_2, \dots$: a positive
# one excites, a negative one holds back. The unit fires, which means that it answers 1, when the
# weighted sum reaches the **threshold** $\theta$ (theta), and answers 0 otherwise:
#
# $$\hat y = \begin{cases} 1 & \text{if } w_1 x_1 + w_2 x_2 + \dots \ge \theta \\ 0 & \text{otherwise}\end{cases}$$
#
# The hat on $\hat y$ says: the unit's answer. The right one will be $y$, without a hat.

# %%
def unit(x, w, theta):
    """Return 1 if the weighted sum of the inputs reaches the threshold, else 0."""
    z = sum(w_i * x_i for w_i, x_i in zip(w, x))
    return 1 if z >= theta else 0


# %% [markdown]
# **Predict.** With weights (1, 1) and threshold 2, for which of the four inputs (0, 0), (0, 1),
# (1, 0), (1, 1) does the unit fire?

# %%
inputs = [(0, 0), (0, 1), (1, 0), (1, 1)]
[unit(x, w=(1, 1), theta=2) for x in inputs]

# %% [markdown]
# Only for (1, 1): it computes **AND**. A lower threshold makes an **OR**; one input with a negative
# weight makes a **NOT**:

# %%
or_gate = [unit(x, w=(1, 1), theta=1) for x in inputs]
not_gate = [unit((x,), w=(-1,), theta=0) for x in (0, 1)]
or_gate, not_gate

# %% [markdown]
# Choose a gate and turn the weights and the threshold until all four corners are right. On the line
# the sum equals $\theta$; the arrow points to the side where the unit fires. A black ring marks a
# corner that is wrong. Try AND, OR, NAND (the opposite of AND), and then **XOR**: one or the other,
# but not both. *(Each slider also moves with the arrow keys.)*

# %%
from course_utils.exercises import check, quiz
from course_utils.explorers.perceptron import threshold_builder

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
# Did you find weights for XOR? Let the computer search: weights from −2 to 2 and thresholds from −4
# to 4, in steps of 0.1.
#
# **Predict.** Of these 136,161 units, do more compute AND or more compute OR? And is there one that
# computes XOR?

# %%
import torch

from course_utils.explorers.perceptron import CORNERS, GATES


def count_units(wanted):
    """Count the units on a grid of weights and thresholds that give the wanted four answers."""
    weights, thetas = torch.arange(-20, 21), torch.arange(-40, 41)  # in tenths, so exact
    w1, w2, theta = torch.meshgrid(weights, weights, thetas, indexing="ij")  # each (41, 41, 81)
    right = torch.ones_like(w1, dtype=torch.bool)
    for (x1, x2), y in zip(inputs, wanted):
        fires = w1 * x1 + w2 * x2 >= theta
        right &= fires == bool(y)
    return int(right.sum())


{gate: count_units(wanted) for gate, wanted in GATES.items()}

# %% [markdown]
# As many compute AND as OR. OR seems easier, since it needs less to fire. But exchange 0 and 1
# everywhere, in the inputs and in the answer, and AND becomes OR: each unit for the one has a twin
# for the other.
#
# Not one computes XOR, and a finer grid would not help. A unit cuts the plane with **one straight
# line**, and no line has two opposite corners on one side and the two others on the other. Lesson 04
# adds a second layer.

# %%
from course_utils.figures import draw_boundary, draw_points, figure, show

fig, ax = figure("XOR: no straight line parts the two classes", xlabel="x₁", ylabel="x₂", size=(6, 4))
draw_points(ax, CORNERS, GATES["XOR"], names=("wanted 0", "wanted 1"))
ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
draw_boundary(ax, (1, 1), -0.5)
draw_boundary(ax, (-1, -1), 1.5)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(fig, "Two lines would do: between them lie the corners (0, 1) and (1, 0).")

# %% [markdown]
# ### Deeper: the same without a picture

# %% [markdown]
# XOR wants four things of $w_1$, $w_2$ and $\theta$:
#
# | input | must | so |
# |---|---|---|
# | (0, 0) | not fire | $0 < \theta$ |
# | (1, 0) | fire | $w_1 \ge \theta$ |
# | (0, 1) | fire | $w_2 \ge \theta$ |
# | (1, 1) | not fire | $w_1 + w_2 < \theta$ |
#
# The two middle rows add up to $w_1 + w_2 \ge 2\theta$, and $2\theta$ is more than $\theta$ because
# $\theta > 0$. That contradicts the last row.

# %% [markdown]
# ## The bias: a threshold in other clothes
#
# Bring $\theta$ to the left side: the unit fires when $w_1 x_1 + w_2 x_2 - \theta \ge 0$. Call
# $b = -\theta$ the **bias** and the whole sum the **net input** $z$. It fires where $z \ge 0$.
#
# Give each $\mathbf x$ an additional first number that is always 1, and let $w_0 = b$ be its weight.
# Then the bias is learned like every other weight, and
#
# $$z = w_0 \cdot 1 + w_1 x_1 + w_2 x_2 + \dots = \mathbf w^\top \mathbf x$$
#
# is one product of two vectors, the **dot product**: multiply number by number and add up. (Read "w
# transposed x". A vector is thought of as a column; the $\top$ lays $\mathbf w$ down as a row.) In
# code it is `w @ x`. And if the rows of a table `X` are examples, `X @ w` is the net input of each. (With
# the bias kept apart, one writes $z = \mathbf w^\top \mathbf x + b$.)

# %%
def with_bias(X):
    """Put a constant 1 in front of each row: (N, D) -> (N, D + 1)."""
    return torch.cat([torch.ones(len(X), 1, device=X.device), X], dim=1)


corners = with_bias(torch.tensor(inputs, dtype=torch.float32))  # (4, 3)
w_and = torch.tensor([-2.0, 1.0, 1.0])  # b = −θ, w₁, w₂
print(corners)
print("net input of the last corner:", w_and @ corners[3])
print("of all four:                 ", corners @ w_and)

# %% [markdown]
# ## Rosenblatt's rule: learn from mistakes only
#
# In 1958 Frank Rosenblatt let a machine find the weights. Start from zero. Show one example after the
# other. When the answer is right, change nothing. When it is wrong:
#
# $$\mathbf w \leftarrow \mathbf w + (y - \hat y)\,\mathbf x$$
#
# If the unit was silent and should have fired, then $y - \hat y = +1$ and $\mathbf x$ is **added**. If
# it fired and should not have, $y - \hat y = -1$ and $\mathbf x$ is **subtracted**.
#
# Why does that help? Take a unit without bias, and draw $\mathbf w$ as an arrow. Its line stands at
# right angles to the arrow, and it fires on the side to which the arrow points. ($\mathbf w^\top
# \mathbf x = |\mathbf w|\,|\mathbf x| \cos\varphi$ with the angle $\varphi$ between the two: not negative
# up to 90°.) Put $\mathbf x$ at the arrow's tip: the sum is an arrow that has turned towards $\mathbf x$,
# and the line turns with it.
#
# **Predict.** Is the point that caused the update right afterwards: always, or not always? Touch the
# plane to move the point, and look for a case against you.

# %%
from course_utils.explorers.perceptron import update_explorer

update_explorer()

# %% [markdown]
# Not always. It goes the right way: after $\mathbf x$ was added, $z$ is larger for this same
# $\mathbf x$, by exactly $\mathbf x^\top \mathbf x = x_1^2 + x_2^2$. But at (−1, 0) that is only 1, and
# $z$ goes from −2 to −1. The rule will meet the point again. With a bias the arrow has one number
# more, and all this stays true.
#
# The first steps for AND, by hand, with the constant 1 in front and $\mathbf w = (b, w_1, w_2)$:
#
# | $\mathbf x$ | $y$ | $z$ | $\hat y$ | $y - \hat y$ | new $\mathbf w$ |
# |---|---|---|---|---|---|
# | (1, 0, 0) | 0 | 0 | 1 | −1 | (−1, 0, 0) |
# | (1, 0, 1) | 0 | −1 | 0 | 0 | (−1, 0, 0) |
# | (1, 1, 0) | 0 | −1 | 0 | 0 | (−1, 0, 0) |
# | (1, 1, 1) | 1 | −1 | 0 | +1 | (0, 1, 1) |
#
# **Predict.** The second time round begins with (1, 0, 0) again. What is $z$ now, and what are the
# weights afterwards? Check yourself in the figure: steps 1 and 2 are the two updates of the table,
# step 3 is your prediction. A ring marks the point that caused the update.

# %%
from course_utils.datasets import two_squares
from course_utils.device import seed_everything
from course_utils.explorers.perceptron import perceptron_stepper

seed_everything(0)
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
# The net input is 0, so the unit fires, and that is wrong: the weights become (−1, 1, 1). Go on to
# the end: after 11 updates AND is learned and the line stands still. With XOR it never does: from the
# third update on, the same four weights take turns. And a single update can make *other* points wrong:
# the rule looks at one point at a time.
#
# ### Exercise 2 · The rule
#
# Write one step. `w` and `x` are tensors of the same length, with the bias inside: `x[0]` is the
# constant 1. `y` is 0 or 1. Return the new weights. (A comparison such as `w @ x >= 0` gives True or
# False. `int(...)` makes 1 or 0 of it.)

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
# ## Break
#
# You can set a neuron by hand, and move its line by one mistake. While you are away: if the rule goes
# on, must it find a line?

# %% [markdown]
# ## Part 2 · Epoch after epoch
#
# One update is written. Now many of them run: on points that a line can part, on points that no line
# can, and on handwriting.
#
# One pass over all examples is an **epoch**. The algorithm stops after an epoch without a mistake, and
# returns every weight vector on its way and the number of mistakes in each epoch.

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
# Two data sets, 200 points in each class, and each class fills a square of side 2. In the first the
# squares lie apart; in the second, centred at (−0.5, −0.5) and (0.5, 0.5), they overlap in a square of
# side 1.

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
# **Predict.** A quarter of each class lies in the overlap, where both are equally common. So nobody
# can be right about more than half of those: the best line, $x_1 + x_2 = 0$, gets 1 point in 8 wrong
# on average, about 50 of 400. How many mistakes will the 20th epoch have in each data set: none, about
# 50, or clearly more?

# %%
path_apart, mistakes_apart = train_perceptron(X_apart, y_apart)
path_over, mistakes_over = train_perceptron(X_over, y_over)
print("apart:      ", mistakes_apart)
print("overlapping:", mistakes_over)

# %% [markdown]
# Where a line exists, the rule finds one and stops. Where none exists, it never settles: every epoch
# has mistakes, and every mistake moves the line. It makes about 70 in each epoch. Who guessed 50
# expected it to find the best line and stay there; but the next mistake pushes it away again.
#
# How good is the line at one moment? Here are the weights after each of the first 150 updates, tried
# on all 400 points.

# %%
from course_utils.display import report
from course_utils.figures import plot_lines


def accuracy(w, X, y):
    """Return the share of rows that the unit with weights w gets right."""
    y_hat = (with_bias(X) @ w >= 0).long()  # (N, D + 1) @ (D + 1,) -> (N,)
    return (y_hat == y).float().mean().item()


scores = [accuracy(w, X_over, y_over) for w in path_over]
plot_lines(
    {"all 400 points": scores[1:151]},
    "On overlapping data the line never comes to rest",
    x=range(1, 151),
    xlabel="updates",
    ylabel="accuracy",
)
cost = -torch.tensor(scores[100:]).diff().min().item()
report("the most that one update has cost, after the first 100", cost, 0.34, 0.45, percent=True)

# %% [markdown]
# A single update can cost more than a third of the points, and the next ones win them back. When we
# stop is a lottery. A remedy, the **pocket** of Stephen Gallant (1990): keep the best weights seen so
# far, and hand those out at the end. It costs a look at all the data after each update.
#
# ### Exercise 3 · The pocket rule
#
# Given a list of weight vectors, return the one with the fewest mistakes on `X` and `y`. Of equally
# good ones return the earliest. (`X` has its constant 1 in front already, unlike in `accuracy`.)

# %%
def pocket(candidates, X, y):
    """Return the best of several weight vectors: X (N, D), y (N,), each candidate (D,)."""
    ### BEGIN SOLUTION
    return min(candidates, key=lambda w: int(((X @ w >= 0).long() != y).sum()))
    ### END SOLUTION


# %%
check("01.pocket", pocket)

# %% [markdown]
# The best line is right for 7 points in 8, or 87.5%, on average. How near does the pocket come in 20
# epochs?

# %%
report("the worst weights since update 100", min(scores[100:]), 0.4, 0.8, percent=True)
report("the last weights", scores[-1], 0.6, 0.92, percent=True)
report("the weights in the pocket", max(scores), 0.85, 0.92, percent=True)

# %% [markdown]
# ## How many mistakes at most?
#
# Where a line exists, the rule cannot go on for ever. In 1962 Albert Novikoff proved that it makes at
# most
#
# $$\left(\frac{R}{\gamma}\right)^2$$
#
# mistakes, over all epochs together, in whatever order the points come. $R$ is the length of the
# longest $\mathbf x$, with its constant 1. For $\gamma$ (gamma), the **margin**, take any weights
# that are right for all points: it is the smallest $|\mathbf w^\top \mathbf x| \,/\, |\mathbf w|$, the
# distance of the nearest $\mathbf x$ from the boundary. (With the constant in front, the points have
# three components, and the line has become a plane through the origin. It is a distance in *that*
# space.)
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
# The bound holds for the worst order of the worst points; these are kinder. We took the line
# $x_1 + x_2 = 2.4$, half-way between the squares. Any line that parts them gives a bound, the one with
# the widest margin the best. Half the margin means four times the bound. And where the classes overlap
# there is no $\gamma$, and the theorem says nothing.

# %% [markdown]
# ### Deeper: why the bound holds

# %% [markdown]
# Let $\mathbf u$ be the arrow of length 1 that stands at right angles on the separating plane. Watch
# two numbers, starting from $\mathbf w = 0$.
#
# - **The way along $\mathbf u$,** $\mathbf u^\top \mathbf w$. Every mistake adds $\mathbf x$ or
#   subtracts it, whichever points to the right side of the plane, and each $\mathbf x$ lies at least
#   $\gamma$ from it. So after $k$ mistakes the way is at least $k\gamma$, and $|\mathbf w|$, which is
#   never less than the way in one direction, is at least $k\gamma$, too.
# - **The squared length,** $|\mathbf w \pm \mathbf x|^2 = |\mathbf w|^2 \pm 2\,\mathbf w^\top \mathbf x
#   + |\mathbf x|^2$. At a mistake the middle term is not positive: $\mathbf x$ is added only where
#   $\mathbf w^\top \mathbf x < 0$, and subtracted only where $\mathbf w^\top \mathbf x \ge 0$. So
#   $|\mathbf w|^2$ grows by at most $R^2$, and after $k$ mistakes $|\mathbf w| \le \sqrt k\,R$.
#
# Together $k\gamma \le |\mathbf w| \le \sqrt k\,R$. Divide by $\sqrt k\,\gamma$ and square:
# $k \le (R/\gamma)^2$. Steady way in one direction, with a length that grows only like a square root,
# cannot go on. Where the two curves cross, it must have ended (both axes are logarithmic):

# %%
from course_utils.figures import draw_lines, log_axis

k = torch.arange(2000)
lines = {
    "at most √k · R": R * k.sqrt(),
    "at least k · γ": gamma * k,
    "|w|": torch.stack(path_apart).norm(dim=1),
}
fig, ax = figure("The two curves cross at the bound", xlabel="mistakes k", ylabel="length")
draw_lines(ax, lines)
log_axis(ax, "x", 1, 2000)
log_axis(ax, "y", 0.1, 500)
show(fig, "The length of w, after 1 to 5 mistakes, lies between the two curves.")

# %% [markdown]
# ## Real pixels: 0 against 1
#
# The same rule, not a line changed, on the digits of lesson 00: 28 × 28 grey values, so 784 weights
# and a bias. We keep only zeros and ones.

# %%
from course_utils.datasets import load_mnist
from course_utils.figures import plot_images

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
# Nearly all. A plane parts all 800 training digits, and after a few epochs the rule stops. (That is
# the bundled sample, with 200 digits to test. On the full MNIST, with 12,665 zeros and ones to train
# with, it stopped after 7 epochs and 117 mistakes and got 2,114 of 2,115 test digits right.)
#
# What did it learn? Each mistake has added or subtracted one digit, and nothing else has happened. Here
# they are (of a longer path the first 20), and then their sum, the 784 weights. Blue pixels speak for
# a 1, orange ones for a 0, white ones do not matter.

# %%
changes = torch.stack(path_digits).diff(dim=0)[:, 1:]  # (mistakes, 784)
signs = ["+" if change.sum() > 0 else "−" for change in changes[:20]]
plot_images(
    changes[:20].abs().reshape(-1, 28, 28), signs, columns=10, says="Added (+) or subtracted (−)"
)
assert torch.allclose(changes.sum(dim=0), w_digits[1:], atol=1e-4)
plot_images(w_digits[1:].reshape(1, 28, 28), says="784 weights as a picture", signed=True)

# %% [markdown]
# In the middle, where a one has its stroke and a zero its hole, ink speaks for 1. Left and right of
# it, where the ring of a zero runs, ink speaks for 0. Nobody told the rule about strokes and rings.
# The blue patches further out come from single ones, slanted, or with a flag or a foot.
#
# ## Loops are slow; whole arrays are fast
#
# **Predict.** The dot product of two vectors of 1,000 numbers. How much faster than a loop over
# tensors is the single call `a @ b`: twice, a hundred times, or more than 500 times? And than a loop
# over plain Python lists?

# %%
a, b = torch.rand(1000), torch.rand(1000)
list_a, list_b = a.tolist(), b.tolist()


def over_tensors():
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def over_lists():
    return sum([a_i * b_i for a_i, b_i in zip(list_a, list_b)])


def one_call():
    return a @ b


assert torch.allclose(over_tensors(), one_call())
assert torch.allclose(torch.tensor(over_lists()), one_call())

# %%
from course_utils.training import compare_times

times = compare_times(
    {"a loop over tensors": over_tensors, "over lists": over_lists, "one call": one_call},
    at_least={"over lists": 20, "one call": 500},
)

# %% [markdown]
# (Run the cell to see your machine's times.) The loop over tensors is slowest by far: each `a[i]` makes
# a small tensor, only to hold one number. Lists save that, but both loops go through Python for each
# number. The call goes through Python once and then works on plain numbers in a row: some 30 times as
# fast as the lists. This is called **vectorising**, and the whole course rests on it: `X @ w` answers
# for *all* rows of `X` at once, as in `accuracy`.
#
# ## Broken on purpose
#
# The commonest error of the first weeks. Read the message from its end.

# %% tags=["raises-exception"]
X_over @ path_over[-1]

# %% [markdown]
# The last line names both shapes. The rows have 2 numbers, the weights 3: one is the bias, and the
# constant 1 is missing. Always ask: *what shape did I think each of them has?* The remedy is
# `with_bias(X_over) @ path_over[-1]`.
#
# ## Find the mistake
#
# This cell runs without an error, and looks like many a lecture's. Two things are wrong with it.

# %%
X, y = two_squares(200)  # 400 rows
path, _ = train_perceptron(X[:300], y[:300])
print(f"score: {accuracy(path[-1], X[100:], y[100:]):.0%}")

# %% [markdown]
# **Predict.** Find both before you run the next cell. Which rows are used, and what do they hold?

# %%
print("rows 0 to 299 hold", y[:300].bincount().tolist(), "of class 0 and 1")
print("rows 300 to 399 hold", y[300:].bincount(minlength=2).tolist())
print("trained with and tested with:", len(set(range(300)) & set(range(100, 400))), "rows")

# %% [markdown]
# The rows come sorted by class. Those *not* trained with are all of class 1, and tell nothing about
# class 0. So shuffle first. And two thirds of the test rows were known from training. Such a **leak**
# should make the score too good. Does it?
#
# We shuffle, and test two learners with the leak and without: our neuron, and lesson 00's dictionary
# that remembers, grown cleverer: a point that it has not seen gets the answer of the nearest that it
# has.
#
# **Predict.** On new points nobody can be right in more than 87.5% on average. Which of the two will
# the leak lift above that: the neuron, the memory, or both?

# %%
def memory(X_known, y_known, X_new):
    """Return the answer of the nearest known point, for each new one, (N,)."""
    return y_known[torch.cdist(X_new, X_known).argmin(dim=1)]


def neuron(X_known, y_known, X_new):
    """Return the answers of a perceptron that was trained on the known points, (N,)."""
    path, _ = train_perceptron(X_known, y_known, n_epochs=10)
    return (with_bias(X_new) @ path[-1] >= 0).long()


bands = {"neuron": (0.75, 0.875), "memory": (0.92, 0.97)}
for learner in (neuron, memory):
    right = []
    for _ in range(10):  # ten orders, since one alone is a lottery
        rows = torch.randperm(400)
        answers = learner(X[rows[:300]], y[rows[:300]], X[rows])
        right.append((answers == y[rows]).float())
    right = torch.stack(right)  # (10, 400)
    name = learner.__name__
    low, high = bands[name]
    report(f"{name}, tested with a leak", right[:, 100:].mean().item(), low, high, percent=True)
    report(f"{name}, on new points only", right[:, 300:].mean().item(), 0.75, 0.875, percent=True)

# %% [markdown]
# Only the memory: 95%, better than anybody can be. On new points it is about as good as the neuron. A
# score that is too good to be true is an alarm. The neuron gains nothing: three numbers cannot
# remember 300 points. Do not count on that. The networks of the later lessons have hundreds of
# thousands of numbers, and remember a lot.
#
# ### Exercise 4 · Train and test
#
# Write the split rightly: a function that takes the number of rows and the number to train with and
# returns two lists of row numbers. (`torch.randperm(n)` returns the numbers 0 … n − 1 in random order.)

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
# ## Deeper: a class for any machine

# %% [markdown]
# The whole neuron in one class, on whatever device this machine has. `get_device` takes a CUDA or
# Apple GPU where there is one that works, the CPU otherwise.

# %%
from course_utils.device import get_device


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


# %% [markdown]
# It must find the same weights as the function above, and its net input must be what PyTorch's own
# linear layer computes.

# %%
device = get_device()
perceptron = Perceptron(784, device).fit(X_train.to(device), y_train.to(device))
learned = perceptron.w.cpu()
assert torch.allclose(learned, w_digits, atol=1e-3)
assert torch.allclose(
    perceptron.net_input(X_test.to(device)).cpu(),
    torch.nn.functional.linear(X_test, learned[None, 1:], learned[:1])[:, 0],
    atol=1e-3,
)
print("mistakes in each epoch:", perceptron.mistakes)

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
# **1943** Warren McCulloch and Walter Pitts describe nerve cells as threshold logic, set by hand; all
# exciting inputs count alike, and one that holds back is a veto. **1957/58** Frank Rosenblatt builds
# the perceptron, first simulated on an IBM 704, then as a machine with 400 photocells whose weights are
# turned by motors. **1962** Novikoff proves that it stops wherever it can. **1969** Marvin Minsky and
# Seymour Papert show what one layer cannot do. **1990** Gallant's pocket.
#
# ## Summary
#
# - A unit computes $z = w_1 x_1 + w_2 x_2 + \dots + b$ and fires where $z \ge 0$: it cuts space with
#   one plane. With a constant 1 in front, $z = \mathbf w^\top \mathbf x$.
# - AND, OR, NOT and a majority are within reach; XOR is not: no single line parts its classes.
# - The rule $\mathbf w \leftarrow \mathbf w + (y - \hat y)\mathbf x$ moves only at a mistake: the
#   arrow $\mathbf w$ turns towards $\mathbf x$, or away from it.
# - Where a plane with margin $\gamma$ parts the classes, the rule stops after at most $(R/\gamma)^2$
#   mistakes. Where none does, it never stops; the pocket keeps the best weights seen.
# - One neuron parts real zeros from real ones almost without error.
# - One call on whole arrays is some 30 times as fast as a loop over plain lists.
# - Shuffle, then split, and test on rows that were not trained on. A leak helps whoever remembers.
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
# - S. I. Gallant: *Perceptron-based learning algorithms.* IEEE Transactions on Neural Networks 1, 1990.
# - The digits: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*; see
#   `data/README.md`.
