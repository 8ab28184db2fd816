# %% [markdown]
# # 02 · How sure is the neuron?
#
# The neuron of lesson 01 says yes or no. It says it in the same voice whether the case is clear or
# hangs by a hair. In this lesson it learns to say *how sure* it is, and that one change makes it
# learn by slopes instead of by mistakes.
#
# **After this lesson you can**
#
# 1. turn a net input into a probability with the sigmoid;
# 2. say where the cross-entropy loss comes from, and why it teaches better than the squared error;
# 3. derive its gradient, code it, and check it in two independent ways;
# 4. run gradient descent on all examples or a few at a time, and recognise a learning rate that
#    is too small or too large;
# 5. check whether a neuron that says "80%" is right in 80 of 100 cases.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 30 seconds of one
# processor core of 2024.*

# %%
import torch

from course_utils.figures import plot_lines

z = torch.linspace(-6, 6, 121)
plot_lines(
    {"lesson 01: yes or no": (z >= 0).float(), "this lesson: how sure": torch.sigmoid(z)},
    "A step, and a step with a soft edge",
    x=z,
    xlabel="net input z",
    ylabel="output ŷ",
)

# %% [markdown]
# ## From a step to a curve
#
# The unit of lesson 01 works out the net input $z = \mathbf w^\top \mathbf x + b$, that is
# $w_1 x_1 + w_2 x_2 + \dots + b$, and fires where $z \ge 0$. So $z = 0.01$ and $z = 6$ give the same
# answer. Yet the larger $z$ is, the further the point lies on the side of class 1. The **sigmoid**
# $\sigma$ (sigma), the curve above, turns it into a **probability**, a number between 0 and 1:
#
# $$\hat y = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# For a large $z$ the term $e^{-z}$ is almost 0, and $\sigma$ is almost 1. For a very negative $z$
# the term is huge, and $\sigma$ is almost 0. At $z = 0$ it is $1/(1 + 1) = 1/2$.
#
# From now on $\hat y$ is how likely the neuron thinks class 1 is. As a yes or no, it says 1 where
# $\hat y \ge 1/2$, which is the same as $z \ge 0$. A function that is applied to the net input, as the
# step and the sigmoid are, is called an **activation**.
#
# **Predict.** $\sigma(2)$ is about 0.88. Is $\sigma(-2)$ then −0.88, 0.12 or 0.44? And is
# $\sigma(-6)$ about one in ten, one in a hundred, or less?


# %%
def sigmoid(z):
    """Squash any number into (0, 1); works on whole tensors, number by number."""
    return 1 / (1 + torch.exp(-z))


z = torch.tensor([-6.0, -2, 0, 2, 6])
print(sigmoid(z).numpy().round(4))
assert torch.allclose(sigmoid(z), torch.sigmoid(z))

# %% [markdown]
# The minus sign tempts to −0.88, but no output lies below 0. $\sigma(-2) = 0.12$ is what is missing
# from $\sigma(2) = 0.88$ to 1: $\sigma(-z) = 1 - \sigma(z)$. And $\sigma(-6) \approx 0.0025$, one in
# four hundred.
#
# Seen from the other side, $z = \ln\frac{\hat y}{1 - \hat y}$. The fraction is called the **odds**:
# a probability of 0.8 means odds of 0.8 to 0.2, or 4 to 1. So $z$ is the logarithm of the odds, and
# is also called the **logit**.
#
# ### Its slope
#
# The step is flat, so it cannot tell in which direction to go. The sigmoid has a slope everywhere,
# and slopes are what this lesson learns with. A slope can be measured: move $z$ a little to both
# sides, and divide the change of $\sigma$ by the change of $z$. This is called a **finite
# difference**.
#
# **Predict.** Where is the sigmoid steepest, and how steep is it there: 1, 1/2 or 1/4?

# %%
z = torch.linspace(-6, 6, 121, dtype=torch.float64)  # 64 bits: differences are small
slope = (sigmoid(z + 1e-5) - sigmoid(z - 1e-5)) / 2e-5
for at in (60, 120):
    print(f"slope at z = {z[at].abs():.0f}: {slope[at]:.4f}")
assert torch.allclose(slope, sigmoid(z) * (1 - sigmoid(z)))
plot_lines(
    {"sigmoid": sigmoid(z), "its slope": slope},
    "Steep in the middle, flat far out",
    x=z,
    xlabel="net input z",
)

# %% [markdown]
# It is steepest at $z = 0$, with slope 1/4. Far out it is flat: it **saturates**. A neuron out there
# hardly feels a change of its weights; that returns with the squared error, and in lesson 05. On
# paper, the chain rule gives the slope of $(1 + e^{-z})^{-1}$, and it needs nothing but the output:
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \hat y\,(1 - \hat y).$$

# %% [markdown]
# ## A map of sureness
#
# One neuron with two inputs: bias $w_0 = 1$ and weights $\mathbf w = (3, -2)$. It is undecided where
#
# $$1 + 3x_1 - 2x_2 = 0,$$
#
# which is a straight line. Take the point $\mathbf x = (-1, 2)$:
#
# $$z = 1 + 3 \cdot (-1) - 2 \cdot 2 = -6, \qquad \hat y = \sigma(-6) \approx 0.0025.$$
#
# **Predict.** Multiply all three numbers, the bias and both weights, by 2. Does the line move? What
# becomes of the probability at (−1, 2), and at a point on the line? Then try it: the slider *all
# three ×* does it. Touch the plane to move the point. Blue means a probability near 1, orange near 0,
# white undecided; the thin lines mark 0.1 and 0.9. The arrow is $\mathbf w$: it stands at right
# angles on the line and points to where $\hat y$ grows.

# %%
from course_utils.explorers.logistic import probability_map

w0, w = 1.0, torch.tensor([3.0, -2.0])
x = torch.tensor([-1.0, 2.0])
print(f"z = {w @ x + w0:.0f}, y_hat = {sigmoid(w @ x + w0):.4f}")
probability_map()

# %% [markdown]
# The bias has changed, so it is tempting to see the line shifted. It stays: $2z = 0$ where $z = 0$, and
# there $\hat y$ is still 1/2. Everywhere else the neuron becomes surer: at (−1, 2), $\hat y$ falls from
# 0.0025 to 0.000006. So the *direction* of $\mathbf w$ turns the line, and the bias shifts it. Bias and
# weights multiplied *together* leave the line alone and set how sure the neuron is. (The weights alone
# would move it, too: it lies $|w_0| / |\mathbf w|$ from the origin.)

# %% [markdown]
# ## What is a good probability?
#
# The neuron gave three students probabilities of passing an exam. Then we saw what happened: $y = 1$
# for passed, $y = 0$ for failed.
#
# | student | $\hat y$ | $y$ | probability of what happened |
# |---|---|---|---|
# | A | 0.9 | 1 | 0.9 |
# | B | 0.2 | 0 | 1 − 0.2 = 0.8 |
# | C | 0.6 | 0 | 1 − 0.6 = 0.4 |
#
# If the students pass or fail independently, the probability of *all* that happened is the product
# $0.9 \cdot 0.8 \cdot 0.4 = 0.288$, called the **likelihood**. The neuron with the largest likelihood
# explains best what we saw. Choosing weights this way is called **maximum likelihood**.
#
# Take the logarithm: it turns the product into a sum and keeps the best neuron the best. Turn the sign,
# so that smaller is better, and divide by the number of students. One student's part is
#
# $$\ell(\hat y, y) = -\bigl[\, y \ln \hat y + (1 - y) \ln (1 - \hat y) \,\bigr].$$
#
# For $y = 1$ only $-\ln \hat y$ is left, for $y = 0$ only $-\ln(1 - \hat y)$. This is the **binary
# cross-entropy**. For our three students:
# $-\ln 0.9 = 0.11$, $-\ln 0.8 = 0.22$, $-\ln 0.4 = 0.92$, and the mean is 0.42.
#
# As a loop, then on whole tensors, then by PyTorch:

# %%
import math

import torch.nn.functional as F

y_hat = torch.tensor([0.9, 0.2, 0.6])
y = torch.tensor([1.0, 0.0, 0.0])

total = 0.0
for p, label in zip(y_hat.tolist(), y.tolist()):
    total += -math.log(p if label == 1 else 1 - p)
by_loop = total / len(y)

at_once = -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()
print(f"{by_loop:.3f}")
assert math.isclose(by_loop, at_once.item(), rel_tol=1e-5)
assert torch.allclose(at_once, F.binary_cross_entropy(y_hat, y))

# %% [markdown]
# The mean over the examples we have,
# $L(\mathbf w) = \frac1N \sum_{i=1}^{N} \ell(\hat y_i, y_i)$, is called the **empirical loss**.
# *Empirical*, since what we would like to know is the mean over all students there could ever be; a
# *mean*, so that it says the same for 3 students as for 3,000.
#
# **Predict.** (1) Seven of ten students passed, and you must give all ten the same probability. Which
# makes the loss smallest: 0.5, 0.7 or 1? (2) 300 students, and what happened to each had probability
# 1/2. What does PyTorch find for the likelihood, in its usual 32 bits: 1/2, about $10^{-90}$, or 0?

# %%
p = torch.linspace(0.01, 0.99, 99)
losses = -(0.7 * p.log() + 0.3 * (1 - p).log())  # 7 of 10 passed
print("the best constant probability:", round(p[losses.argmin()].item(), 2))
print("product of 300 halves:", torch.full((300,), 0.5).prod().item())
print("mean of their −log:   ", round(-torch.full((300,), 0.5).log().mean().item(), 3))

# %% [markdown]
# (1) It is 0.7, the share that passed. Since most passed, 1 is tempting; but then each of the three
# who failed costs $-\ln 0 = \infty$. Cross-entropy rewards honest probabilities. (2) On paper the
# product is about $10^{-90}$, less than 32 bits can hold, so it becomes 0: all neurons would look
# equally bad. The mean of the logarithms is a harmless 0.693, which is $\ln 2$. Remember that number:
# a loss of 0.693 is no better than always saying ½.

# %% [markdown]
# ## Why not the squared error?
#
# $(\hat y - y)^2$ is well known. Compare both losses on one example with $y = 1$.
#
# **Predict.** At $z = -6$ the neuron is sure of the wrong answer. For which of the two losses is the
# curve steep there? Start at $z = -6$ and subtract the slope from $z$ until the neuron says 1. How
# many times more steps will the flatter one need: 2, 5 or 30?


# %%
def steps_until_right(slope, z=-6.0):
    n = 0
    while z < 0:
        z, n = z - slope(1 / (1 + math.exp(-z))), n + 1
    return n


slopes = {
    "cross-entropy": lambda y_hat: y_hat - 1,  # for y = 1
    "squared error": lambda y_hat: 2 * (y_hat - 1) * y_hat * (1 - y_hat),
}
for name, slope in slopes.items():
    print(f"{name}: slope {slope(0.00247):.4f} at z = -6, {steps_until_right(slope)} steps")

z = torch.linspace(-8, 4, 121)
plot_lines(
    {"cross-entropy": -sigmoid(z).log(), "squared error": (sigmoid(z) - 1) ** 2},
    "For y = 1: confidently wrong is on the left",
    x=z,
    xlabel="net input z",
    ylabel="loss",
)

# %% [markdown]
# 7 steps against 214, 30 times as many. The squared error is near its top there, so one expects it to
# push hard. But it is **flat**. By the chain rule its slope is
# $2(\hat y - y) \cdot \hat y (1 - \hat y)$, and the last part is the slope of the saturated sigmoid,
# almost 0. The cross-entropy's slope is $\hat y - y$ (the next section shows why): the larger the
# error, the steeper. Besides, its shape for one neuron is a single bowl (*convex*): every way down
# leads to the bottom. The squared error has plateaus, and can have several valleys.

# %% [markdown]
# ## The gradient
#
# How does the loss change when one weight changes? Three links make a chain:
# $w_j \to z \to \hat y \to \ell$, and by the chain rule the slopes multiply. (Read
# $\partial \ell / \partial w_j$ as "the slope of $\ell$ if only $w_j$ changes".)
#
# | link | slope |
# |---|---|
# | $\ell = -[y \ln \hat y + (1 - y)\ln(1 - \hat y)]$ | $\dfrac{\partial \ell}{\partial \hat y} = -\dfrac{y}{\hat y} + \dfrac{1 - y}{1 - \hat y} = \dfrac{\hat y - y}{\hat y (1 - \hat y)}$ |
# | $\hat y = \sigma(z)$ | $\dfrac{\partial \hat y}{\partial z} = \hat y (1 - \hat y)$ |
# | $z = w_0 + w_1 x_1 + w_2 x_2 + \dots$ | $\dfrac{\partial z}{\partial w_j} = x_j$, and 1 for the bias $w_0$ |
#
# The product of the three: $\hat y (1 - \hat y)$ cancels, and
#
# $$\frac{\partial \ell}{\partial w_j} = (\hat y - y)\, x_j.$$
#
# All these slopes together are the **gradient**, written $\nabla$ (nabla). That of the mean loss is
# the mean of the gradients. (A bold $\mathbf x_i$ is all of example $i$, with its constant 1 in
# front; a plain $x_j$ is one number of one example.)
#
# $$\nabla L(\mathbf w) = \frac1N \sum_{i=1}^{N} (\hat y_i - y_i)\, \mathbf x_i.$$
#
# Rosenblatt's rule added $(y - \hat y)\,\mathbf x$, the same with the sign turned. There $\hat y$ was 0
# or 1, and the correction all or nothing. Here it is as large as the neuron was wrong.
#
# By hand, for one student: $\mathbf x = (1, 2, -1)$ with the constant 1 in front, weights all zero,
# $y = 1$. Then $z = 0$, $\hat y = 0.5$, and the gradient is
# $(0.5 - 1) \cdot (1, 2, -1) = (-0.5, -1, 0.5)$. Now as a loop over students:


# %%
from course_utils.exercises import check, quiz


def with_bias(X):
    """Put a constant 1 in front of each row: (N, D) -> (N, D + 1)."""
    return torch.cat([torch.ones(len(X), 1, dtype=X.dtype), X], dim=1)


def gradient_by_loop(w, X, y):
    """Return the mean gradient: w (D,), X (N, D) with its constant 1, y (N,) -> (D,)."""
    total = torch.zeros_like(w)
    for x_i, y_i in zip(X, y):
        total += (sigmoid(w @ x_i) - y_i) * x_i
    return total / len(X)


x_one, y_one = torch.tensor([[1.0, 2.0, -1.0]]), torch.tensor([1.0])
gradient_by_loop(torch.zeros(3), x_one, y_one)

# %% [markdown]
# ### Exercise 1 · The gradient without a loop
#
# Write the same for all students at once. `X @ w` multiplies each row with the weights and adds up:
# all net inputs, (N,). The sum over students of error times row is one more product. `X.T` is $X$
# *transposed*, with rows and columns exchanged: its shape (D, N) times the errors, (N,), gives (D,).


# %%
def gradient_at_once(w, X, y):
    """Return the mean gradient: w (D,), X (N, D) with its constant 1, y (N,) -> (D,)."""
    ### BEGIN SOLUTION
    return X.T @ (torch.sigmoid(X @ w) - y) / len(y)
    ### END SOLUTION


# %%
check("02.gradient", gradient_at_once)

# %% [markdown]
# From here on the lesson uses its own version. Loop and product come from the same derivation, so they
# could be wrong together. An independent witness, on eight made-up students: move one weight a little
# to both sides, as we did with $z$.


# %%
from course_utils.device import seed_everything

seed_everything(0)


def loss(w, X, y):
    """Return the mean cross-entropy; w (D,), X (N, D) with its constant 1, y (N,)."""
    y_hat = sigmoid(X @ w)  # (N, D) @ (D,) -> (N,)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()


def gradient(w, X, y):
    """Return the slopes of that loss, one for each weight, (D,)."""
    return X.T @ (sigmoid(X @ w) - y) / len(y)  # (D, N) @ (N,) -> (D,)


def by_differences(f, w, h=1e-5):
    """Return the slope of f for each weight, from two values of f beside it, (D,)."""
    steps = h * torch.eye(len(w), dtype=w.dtype)  # a row for each weight
    return torch.stack([(f(w + step) - f(w - step)) / (2 * h) for step in steps])


# %%
X_8 = with_bias(torch.randn(8, 2, dtype=torch.float64))  # (8, 3)
y_8 = torch.tensor([0, 1, 1, 0, 1, 0, 0, 1], dtype=torch.float64)
w_8 = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
measured = by_differences(lambda w: loss(w, X_8, y_8), w_8)
assert torch.allclose(gradient(w_8, X_8, y_8), gradient_by_loop(w_8, X_8, y_8))
assert torch.allclose(gradient(w_8, X_8, y_8), measured)
print(measured.numpy().round(3))

# %% [markdown]
# Derived and measured agree. Three weights cost six evaluations of the loss. A million weights would
# cost two million, for a single gradient: a fine check, and a hopeless method.

# %% [markdown]
# ## Down the slope, step by step
#
# The gradient points to where the loss *rises* fastest. So go the other way:
#
# $$\mathbf w \leftarrow \mathbf w - \eta \, \nabla L(\mathbf w)$$
#
# This is **gradient descent**. The number $\eta$ (eta) is the **learning rate**, `lr` in code. It is
# not learned, you choose it.
#
# Below are twelve students with one feature, the hours they worked. Each place on the map is a neuron,
# a weight $w$ and a bias $b$; the height of the surface is its loss, and the green cross is the best
# one. The hours are *scaled*: 0 is the mean, 1 is one standard deviation above it.
#
# **Predict.** With learning rate 3 the cross is reached within about ten steps. Will 0.1 reach it in
# 40 steps? And 30: sooner, later, or never?
#
# Choose the start by touching the map; drag across the surface, or use the slider, to turn it. Then
# choose *hours, as they come*, and look for a learning rate that reaches the cross.

# %%
from course_utils.explorers.logistic import descent_explorer

descent_explorer()

# %% [markdown]
# **Too small** (0.1): every step is right, and 40 of them lead less than half of the way. **Right**
# (3): large steps on the slope, smaller ones near the bottom, since the gradient itself shrinks.
# **Too large** (30): the first step leaves the map. The sixth to eighth come near the cross, and that
# tempts. But the descent cannot stay: each step shoots over the valley, further than the one before,
# until it is thrown far up the side; then all begins again.
#
# With the hours as they come, from 4 to 46, the bowl becomes a ravine. With 0.03 the descent drops
# into the ravine at once and then creeps along its floor; with 0.1 it bounces from wall to wall. No
# learning rate comes near the cross in 40 steps.
#
# You recognise the three cases from their curves, without a map:


# %%
def descend(X, y, lr, n_steps, w=None):
    """Descend from w, or from zero weights: return the last weights and the loss at each step."""
    w, losses = torch.zeros(X.shape[1]) if w is None else w, []
    for _ in range(n_steps):
        losses.append(loss(w, X, y).item())
        w = w - lr * gradient(w, X, y)
    return w, losses


hours = torch.tensor([4, 8, 11, 15, 18, 21, 25, 29, 32, 36, 41, 46], dtype=torch.float64)
passed = torch.tensor([0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1], dtype=torch.float64)
X_12 = with_bias(((hours - hours.mean()) / hours.std(correction=0))[:, None])  # (12, 2)
start = torch.tensor([3, -2], dtype=torch.float64)  # b, w
plot_lines(
    {f"learning rate {lr}": descend(X_12, passed, lr, 25, start)[1] for lr in (0.1, 3, 30)},
    "Too small creeps, right settles, too large jumps",
    xlabel="step",
    ylabel="loss",
)

# %% [markdown]
# ## Will I pass this class?
#
# Of 300 students we know lectures attended (0 to 20), hours spent on the project (0 to 50), and whether
# they passed. The students are made up by a rule that we know:
#
# $$P(\text{pass}) = \sigma(-4.5 + 0.2 \cdot \text{lectures} + 0.1 \cdot \text{hours})$$
#
# The rule gives a probability; chance decides. A student with 70% can fail.
#
# **Predict.** Gradient descent on these 300 students, features as they come, 200 steps. Does the loss
# get from 0.693 to the lowest possible value, about 0.445, with a learning rate of 0.001? With 0.01?
# If not, why not?

# %%
from course_utils.datasets import pass_the_class
from course_utils.display import report

X_class, y_class = pass_the_class(300)  # (300, 2), (300,)
y_class = y_class.float()
print("passed:", int(y_class.sum()), "of", len(y_class))

X_raw = with_bias(X_class)  # (300, 3)
X_scaled = with_bias((X_class - X_class.mean(0)) / X_class.std(0))
curves = {
    "as they come, lr 0.001": descend(X_raw, y_class, 0.001, 200)[1],
    "as they come, lr 0.01": descend(X_raw, y_class, 0.01, 200)[1],
    "scaled, lr 1": descend(X_scaled, y_class, 1, 200)[1],
}
plot_lines(curves, "Scaled features let the descent arrive", xlabel="step", ylabel="loss")

_, slow = descend(X_raw, y_class, 0.003, 20_000)
report("scaled, after 50 steps", curves["scaled, lr 1"][49], 0.443, 0.446, digits=3)
report("as they come, lr 0.003, after 20,000 steps", slow[-1], 0.455, 0.475, digits=3)

# %% [markdown]
# Neither arrives. With 0.01 the descent bounces, with 0.001 it creeps: the ravine. The slope for the
# weight of the hours is multiplied by hours, about 25, the slope for the bias by 1. A learning rate
# that is safe for one is far too small for the other. Even 20,000 steps do not suffice.
#
# The remedy is one line: subtract each feature's mean and divide by its standard deviation. Now the
# ravine is a bowl, and a learning rate of 1 arrives within 50 steps.
#
# The learned weights belong to scaled features, $(x_j - m_j)/s_j$ with mean $m_j$ and standard
# deviation $s_j$. For features as they come, the weight becomes $w_j / s_j$, and the bias takes up the
# rest, $-w_j m_j / s_j$. Here is what this neuron thinks of every student there could be:


# %%
from course_utils.figures import draw_map, draw_points, figure, show


def learn_class(X, y, n_steps=100):
    """Return bias and weights (3,) for features as they come, learned on scaled ones."""
    m, s = X.mean(0), X.std(0)
    w, _ = descend(with_bias((X - m) / s), y, 1.0, n_steps)
    return torch.cat([w[:1] - (w[1:] * m / s).sum(), w[1:] / s])


w_class = learn_class(X_class, y_class)
print("bias and weights:", w_class.numpy().round(2))
fig, ax = figure("Black: learned from 300 students. Grey: the rule.", size=(9, 5))
ax.set(xlim=(-1, 21), ylim=(-2, 52), xlabel="lectures attended", ylabel="hours on the project")
ax.set_xticks(range(0, 21, 5))
draw_map(
    ax, lambda X: torch.sigmoid(with_bias(torch.tensor(X).float()) @ w_class), levels=(0.1, 0.9)
)
draw_points(ax, X_class, y_class, names=("failed", "passed"))
for w, color in ((torch.tensor([-4.5, 0.2, 0.1]), "#6b7178"), (w_class, "#1b1f24")):
    line = torch.tensor([-1.0, 21.0])
    ax.plot(line, -(w[0] + w[1] * line) / w[2], color=color, linestyle="-", label="_boundary")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(fig, "The learned boundary runs close to the true one; between 0.1 and 0.9 lies a wide band.")

# %% [markdown]
# Between the lines marked 0.1 and 0.9 both outcomes are common. The neuron does not hide that.

# %% [markdown]
# ### Deeper: did it find the rule?

# %% [markdown]
# From 300 students, how near do the learned numbers come to −4.5, 0.2 and 0.1? And from 10,000?

# %%
X_many, y_many = pass_the_class(10_000)
w_many = learn_class(X_many, y_many.float())
for name, true, few, many in zip(("bias", "lectures", "hours"), (-4.5, 0.2, 0.1), w_class, w_many):
    report(f"{name}, 300 students: off by", abs(few.item() / true - 1), 0.0, 0.35, percent=True)
    report(f"{name}, 10,000 students: off by", abs(many.item() / true - 1), 0.0, 0.08, percent=True)

# %% [markdown]
# With 300 students the weight of a lecture is a quarter too large: chance was kind to those who came.
# The descent is not to blame, it found the lowest loss; 300 students do not say more. (That the hours
# fit so well is luck.) On average such errors shrink like $1/\sqrt N$: a hundred times the students, a
# tenth of the error.
#
# The weights can be read. A weight of 0.1 for hours means that each hour adds 0.1 to the logarithm of
# the odds, so it multiplies the odds of passing by $e^{0.1} \approx 1.1$. Ten hours: $e \approx 2.7$.

# %% [markdown]
# ## Can you trust the 80%?
#
# Collect all cases where the neuron said about 80%, and count. If 80 of 100 passed, the neuron is
# **calibrated**. We ask 5,000 students whom it has not seen. Beside it we put a boaster, with all
# three numbers multiplied by 3: the same yes and no for every student, but much surer.
#
# **Predict.** Of the students to whom the boaster gives about 75%, what share passed: more than 75%,
# about 75%, or less? And which of the two has the higher accuracy, which the higher loss?


# %%
from course_utils.datasets import pass_probability


def reliability(y_hat, y, n_bins=10):
    """Return, for each tenth of the scale, the mean probability said and the share that came true."""
    said, came = [], []
    for low in torch.arange(n_bins) / n_bins:
        here = (y_hat >= low) & (y_hat < low + 1 / n_bins)
        said.append(y_hat[here].mean().item())
        came.append(y[here].mean().item())
    return said, came


X_new, y_new = pass_the_class(5000, seed=1)
y_new = y_new.float()
z_new = with_bias(X_new) @ w_class
forecasts = {
    "the neuron": sigmoid(z_new),
    "the boaster": sigmoid(3 * z_new),
    "the rule itself": pass_probability(X_new),
}

# %%
fig, ax = figure("Calibrated means: on the diagonal", size=(8, 4.4))
ax.set(xlabel="probability that was said", ylabel="share that passed")
ax.plot([0, 1], [0, 1], color="#6b7178", linestyle="-", linewidth=1.2, label="diagonal")
bands = {"the neuron": (0.46, 0.51), "the boaster": (0.7, 0.85), "the rule itself": (0.46, 0.5)}
for (name, y_hat), style in zip(forecasts.items(), ("o-", "^--", "s:")):
    ax.plot(*reliability(y_hat, y_new), style, label=name)
    right = ((y_hat >= 0.5) == (y_new == 1)).float().mean().item()
    report(f"{name}: accuracy", right, 0.74, 0.80, percent=True)
    report(f"{name}: loss", F.binary_cross_entropy(y_hat, y_new).item(), *bands[name])
ax.legend()
show(fig)

_, came = reliability(forecasts["the boaster"], y_new)
report("the boaster said 70 to 80%; passed", came[7], 0.55, 0.65, percent=True)
report("the boaster said 10 to 20%; passed", came[1], 0.30, 0.40, percent=True)

# %% [markdown]
# The neuron stays near the diagonal. The boaster's curve is too flat: it says 75% where some 60%
# pass, and 15% where more than 30% do. One expects the surer one to be the better one. Yet their
# accuracy is the same, since both give the same yes and no. Only the cross-entropy sees the
# difference: always saying ½ would have cost 0.693, less than the boaster's loss, although three of
# four of its answers are right.
#
# No neuron could do much better: the rule itself, with the true numbers, is hardly above 77%. The rest
# is chance.

# %% [markdown]
# ## Deeper: the perceptron beside it

# %% [markdown]
# The two overlapping squares of lesson 01, where the perceptron never came to rest. After 150 steps
# of each, will the logistic neuron's accuracy still jump? The best line reaches 87.5% on average.

# %%
from course_utils.datasets import two_squares
from course_utils.microscope import trace_updates

X_over, y_over = two_squares(200)
order = torch.randperm(400)
X_over, y_over = with_bias(X_over)[order], y_over[order].float()  # (400, 3), (400,)


def accuracy(w, X, y):
    """Return the share of rows for which z >= 0 agrees with y."""
    return ((X @ w >= 0) == (y == 1)).float().mean().item()


updates = trace_updates(X_over[:, 1:], y_over, 150)  # lesson 01's rule
rosenblatt = [accuracy(torch.tensor(step.after).float(), X_over, y_over) for step in updates]

w, logistic = torch.zeros(3), []
for _ in range(150):
    w = w - 1.0 * gradient(w, X_over, y_over)
    logistic.append(accuracy(w, X_over, y_over))

plot_lines(
    {"perceptron": rosenblatt, "logistic neuron": logistic},
    "Slopes come to rest where mistakes never do",
    x=range(1, 151),
    xlabel="steps",
    ylabel="accuracy",
)
report("logistic neuron, accuracy at the end", logistic[-1], 0.85, 0.90, percent=True)
report("perceptron, its worst of the last 50", min(rosenblatt[-50:]), 0.4, 0.83, percent=True)

# %% [markdown]
# The perceptron listens to one point at a time, and always at full strength. The logistic neuron
# takes the mean over all points: where both classes pull equally hard, it rests.
#
# On squares that lie **apart**, so that some line parts the classes, the roles change. There the
# perceptron stops. What will the logistic neuron's weights do?

# %%
X_apart, y_apart = two_squares(200, centres=((0, 0), (2.4, 2.4)))
X_apart, y_apart = with_bias(X_apart.double()), y_apart.double()  # 64 bits: it gets very sure
w = torch.zeros(3, dtype=torch.float64)
for done, n_steps in ((0, 100), (100, 900), (1000, 9000)):
    w, losses = descend(X_apart, y_apart, 1.0, n_steps, w)
    print(f"{done + n_steps:6} steps: length of w = {w.norm():.1f}, loss = {losses[-1]:.3f}")

# %% [markdown]
# They grow for ever, and ever more slowly. Once every point is right, the loss can still be lowered by
# being *surer*, that is, by larger numbers. It has no lowest place here. A neuron that has seen only
# easy cases ends as a boaster. Lesson 05 brings remedies (weight decay, early stopping).

# %% [markdown]
# ## Break
#
# You can now say what a probability is worth, and walk down a loss by its gradient. While you are
# away: each step so far looked at *all* students. Must it?

# %% [markdown]
# ## Part 2 · A few examples at a time, and PyTorch
#
# The neuron, its loss and its gradient are written by hand. Now they meet real digits: how many of
# them should a step see, what if the neuron is too sure for 32 bits, and how does PyTorch do it?
#
# ## All, one, or a few at a time
#
# The gradient is a mean over all examples, a lot of work for one step. A mean over a few, drawn at
# random, is an estimate of it: right on average, but noisy. So a step may use the **full batch** of
# all examples, a **single sample**, or something between, a **mini-batch** of often 32 to 256. The
# data are 800 zeros and ones, as in lesson 01.
#
# **Predict.** A hundred times as many examples in the batch: how many times smaller is the noise,
# 100 times or 10 times?

# %%
from course_utils.datasets import load_mnist

mnist = load_mnist()
print(mnist.description)


def zeros_and_ones(images, labels):
    """Keep the digits 0 and 1: uint8 (N, 28, 28) -> float (M, 784) in [0, 1], labels (M,)."""
    keep = labels <= 1
    return images[keep].flatten(1).float() / 255, labels[keep].float()


X_train, y_train = zeros_and_ones(mnist.train_images, mnist.train_labels)
X_01, y_01, w = with_bias(X_train[:800]), y_train[:800], torch.zeros(785)  # (800, 785)
exact = gradient(w, X_01, y_01)
print(f"The gradient at zero weights has length {exact.norm():.2f}.")
for size in (1, 10, 100):
    draws = [torch.randint(len(X_01), (size,)) for _ in range(200)]
    off = torch.stack([gradient(w, X_01[i], y_01[i]) - exact for i in draws])
    print(f"{size:4} examples: off by {off.norm(dim=1).mean():.2f} on average")

# %% [markdown]
# About ten times: noise falls like $1/\sqrt{\text{batch size}}$, while the work grows like the batch
# size itself. A single digit's estimate is off by more than the gradient is long. Can such steps lead
# anywhere? Let them race, all from zero weights. An **epoch** goes once through all digits, in a new
# order each time.
#
# **Predict.** After one epoch the full batch has made 1 step, mini-batches of 32 have made 25, single
# samples 800. With the rate that suits each best: whose loss is lowest? Then find those rates.


# %%
def run_batches(batch_size, lr, n_epochs=1):
    """Train on batches; return the examples seen and the loss on all, now and then."""
    order = torch.Generator().manual_seed(0)  # the same for all who race
    w, seen, places, losses = torch.zeros(785), 0, [0], [math.log(2)]
    for _ in range(n_epochs):
        for rows in torch.randperm(len(X_01), generator=order).split(batch_size):
            w = w - lr * gradient(w, X_01[rows], y_01[rows])
            seen += len(rows)
            if seen - places[-1] >= 16:
                places.append(seen)  # our loss, in a form that the next section explains:
                losses.append(F.binary_cross_entropy_with_logits(X_01 @ w, y_01).item())
    return places, losses


# %%
from course_utils.explorers.batches import batch_race

sizes = {"full batch": len(X_01), "mini-batches of 32": 32, "single samples": 1}
batch_race(run_batches, sizes)

# %% [markdown]
# The same search without a hand: each tries nine rates, and its best counts. Then two are timed.

# %%
from course_utils.training import compare_times

rates = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
bands = {
    "full batch": (0.02, 0.1),
    "mini-batches of 32": (0.002, 0.02),
    "single samples": (0.001, 0.01),
}
for name, size in sizes.items():
    least, lr = min((run_batches(size, lr)[1][-1], lr) for lr in rates)
    report(f"{name}, best with lr {lr}: loss after one epoch", least, *bands[name], digits=3)
_, losses = run_batches(len(X_01), 2, n_epochs=25)
report("full batch, lr 2: loss after 25 epochs", losses[-1], 0.005, 0.02, digits=3)
times = compare_times(
    {"single samples": lambda: run_batches(1, 0.1), "mini-batches": lambda: run_batches(32, 1)},
    at_least={"mini-batches": 2},
)

# %% [markdown]
# The full batch, whose steps are the best, is clearly last. It needs some 25 epochs to come where
# mini-batches come in one: 25 rough steps lead about as far as 25 exact ones, for a 25th of the work.
# Single samples come lower still, with a tenth of the rate: with 2 they jump about. (Smaller steps
# towards the end calm them; lesson 05.) But they lose when time is counted, since a processor works on
# 32 examples at once about as fast as on one. Mini-batches take the good of both: many steps, each at
# the speed of whole arrays. Almost everything in this course is trained this way. The method is called
# **stochastic gradient descent**, SGD; *stochastic* means "by chance".

# %% [markdown]
# ## Broken on purpose: too sure for 32 bits
#
# Our loss takes the logarithm of $\hat y$ and of $1 - \hat y$. Four students, and a neuron with large
# weights, so that $z$ is large.
#
# **Predict.** The first student has $z = 20$ and passed: the neuron is right and very sure. What will
# the cell print for her loss: almost 0, a large number, or no number at all?

# %%
z = torch.tensor([20.0, 20.0, -200.0, 2.0])
y = torch.tensor([1.0, 0.0, 1.0, 1.0])
y_hat = sigmoid(z)
by_formula = -(y * y_hat.log() + (1 - y) * (1 - y_hat).log())
for row in zip(z.tolist(), y.tolist(), y_hat.tolist(), by_formula.tolist()):
    print("z = {:6.1f}   y = {:.0f}   y_hat = {:.4f}   loss = {:.4f}".format(*row))
print(f"mean: {by_formula.mean():.4f}")

# %% [markdown]
# `nan`, *not a number*; on paper her loss is almost 0. $\sigma(20)$ differs from 1 by two
# billionths. 32 bits hold about seven digits, so `y_hat` is exactly 1, and $1 - \hat y$ exactly 0.
# Then $\ln 0 = -\infty$, and for $y = 1$ the second term is $0 \cdot (-\infty)$, which has no
# value: `nan`. For $y = 0$ it is an infinite loss. One such student spoils the mean.
#
# The remedy is not to compute $\hat y$ at all. Put $\sigma$ into the loss and simplify, and this form
# is left, which no $z$ can break:
#
# $$\ell = \max(z, 0) - y\,z + \ln(1 + e^{-|z|}).$$
#
# PyTorch has it as `F.binary_cross_entropy_with_logits`. It takes $z$, the logit, not $\hat y$.

# %%
for each in (
    F.binary_cross_entropy_with_logits(z, y, reduction="none"),
    F.binary_cross_entropy(y_hat, y, reduction="none"),
):
    print([round(abs(value), 4) for value in each.tolist()])

# %% [markdown]
# The first line is right. The second is PyTorch's loss for *probabilities*. It cuts every logarithm off
# at −100, so 100 stands where 20 and 200 should be: no crash, and wrong numbers. **Give the loss the
# logits.**

# %% [markdown]
# ### Deeper: where that form comes from

# %% [markdown]
# For the two labels:
#
# $$y = 1: \; -\ln \sigma(z) = \ln(1 + e^{-z}), \qquad y = 0: \; -\ln(1 - \sigma(z)) = \ln(1 + e^{z}) = z + \ln(1 + e^{-z}).$$
#
# Both at once: $\ell = \ln(1 + e^{-z}) + (1 - y)\,z$. No logarithm can meet a 0 here. But $e^{-z}$
# overflows where $z$ is very negative. Since $\ln(1 + e^{-z}) = \max(-z, 0) + \ln(1 + e^{-|z|})$, and
# $\max(-z, 0) + z = \max(z, 0)$, the form above follows.

# %% [markdown]
# ### Exercise 2 · A loss that does not break
#
# Write the mean loss from net inputs `z` and labels `y`, both (N,), in that form. It must be right for
# every $z$, even for 1000 or −1000. (`z.clamp(min=0)` is $\max(z, 0)$; `torch.log1p(a)` is
# $\ln(1 + a)$, exact also for a tiny $a$.)


# %%
def stable_loss(z, y):
    """Return the mean binary cross-entropy from net inputs; z (N,), y (N,) of 0 and 1."""
    ### BEGIN SOLUTION
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()
    ### END SOLUTION


# %%
check("02.stable", stable_loss)

# %% [markdown]
# ## PyTorch takes the derivative
#
# You have derived a gradient and measured it. From now on PyTorch does it. Say that you will want
# the slope for some tensor, compute anything from it, and ask. PyTorch keeps a record of every
# operation and goes back through it with the chain rule. This is called **autograd**. The smallest
# example: $L = w^2$, whose slope is $2w$. At $w = 3$ it is 6.

# %%
w = torch.tensor(3.0, requires_grad=True)  # "I will want the slope for w"
L = w**2  # compute anything; PyTorch keeps a record
L.backward()  # go back through the record
w.grad  # the slope ∂L/∂w lies here

# %% [markdown]
# **Predict.** We compute $L = w^2$ once more, with the same $w$, and call `backward()` again. What
# does `w.grad` hold now: 6, 12 or 36?

# %%
L = w**2
L.backward()
print(w.grad)
w.grad = None  # forget
(w**2).backward()
print(w.grad)

# %% [markdown]
# 12: `backward()` **adds** to what is there. In training the old slopes must be forgotten before each
# step. (We computed `L` anew each time, since the record is thrown away after use.)
#
# Now the same for our loss, and the third answer to one question:

# %%
w_auto = w_8.clone().requires_grad_()
loss(w_auto, X_8, y_8).backward()
assert torch.allclose(gradient(w_8, X_8, y_8), w_auto.grad)
assert torch.allclose(measured, w_auto.grad)
print(w_auto.grad.numpy().round(3))

# %% [markdown]
# Derived by hand, measured, and taken by PyTorch: all three agree.
#
# ### The same in PyTorch's own words
#
# | ours | PyTorch's |
# |---|---|
# | `X @ w` with the bias inside | `torch.nn.Linear(2, 1)`, weights and bias |
# | the stable loss | `torch.nn.BCEWithLogitsLoss()` |
# | `gradient` | `loss.backward()` |
# | `w = w - lr * ...` | `optimizer.step()` of `torch.optim.SGD` |
#
# First, a mistake that everybody makes once. `nn.Linear(2, 1)` gives one output for each student, in
# a tensor of shape (N, 1). The labels have shape (N,).

# %% tags=["raises-exception"]
model = torch.nn.Linear(2, 1)  # has a bias of its own: leave our constant 1 out
F.binary_cross_entropy_with_logits(model(X_scaled[:, 1:]), y_class)

# %% [markdown]
# Read the last line: labels ("target") of size [300], logits ("input") of [300, 1]. Be glad of this
# error. A formula of our own would have set every logit against every label, and given back the mean
# of 300 × 300 losses without a word. The remedy is to take the one column: `model(X)[:, 0]`.
#
# Now the loop. Four lines, in this order, in every training of the course: **forget** the old slopes,
# compute the **loss**, go **backward**, make a **step**.


# %%
from course_utils.device import get_device

device = get_device()
loss_fn = torch.nn.BCEWithLogitsLoss()


def train(model, X, y, lr, n_steps):
    """Train a linear model on logits by full-batch gradient descent; X (N, D), y (N,)."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(n_steps):
        optimizer.zero_grad()  # forget
        loss = loss_fn(model(X)[:, 0], y)  # (N, 1) -> (N,)
        loss.backward()
        optimizer.step()
    return model


model = torch.nn.Linear(2, 1).to(device)
torch.nn.init.zeros_(model.weight)  # start where ours starts
torch.nn.init.zeros_(model.bias)
train(model, X_scaled[:, 1:].to(device), y_class.to(device), lr=1.0, n_steps=100)

ours, _ = descend(X_scaled, y_class, 1.0, 100)
theirs = torch.cat([model.bias, model.weight[0]]).detach().cpu()
assert torch.allclose(ours, theirs, atol=0.01)  # a graphics card may round to three decimals
print("the same three numbers after 100 steps:", ours.numpy().round(2))

# %% [markdown]
# ### Exercise 3 · Find the mistake
#
# A student handed in this function. It runs without an error, the loss even falls at first, but the
# weights are wrong. There are **two** mistakes.
#
# ```python
# def fit(weights, rows, labels, rate, steps):
#     weights = weights.clone().requires_grad_()  # a copy: the caller's weights stay as they are
#     for _step in range(steps):
#         y_hat = torch.sigmoid(rows @ weights)
#         loss = F.binary_cross_entropy_with_logits(y_hat, labels)
#         loss.backward()
#         with torch.no_grad():  # the step itself is not to be recorded
#             weights -= rate * weights.grad
#     return weights.detach()  # the numbers alone, without the record
# ```
#
# What does the loss take? What does `backward()` do to slopes that are there already? Write the
# function rightly, with the names that this lesson uses.


# %%
def train_weights(w, X, y, lr, n_steps):
    """Return the weights after n_steps of gradient descent; w (D,), X (N, D), y (N,)."""
    ### BEGIN SOLUTION
    w = w.clone().requires_grad_()
    for _each in range(n_steps):
        w.grad = None  # else the slopes of all steps add up
        F.binary_cross_entropy_with_logits(X @ w, y).backward()  # logits, no sigmoid
        with torch.no_grad():  # the step is no part of the loss
            w -= lr * w.grad
    return w.detach()
    ### END SOLUTION


# %%
check("02.train", train_weights)

# %% [markdown]
# ## How sure about handwriting?
#
# Zeros against ones once more, with mini-batches, and now in PyTorch's words.

# %%
reader = torch.nn.Linear(784, 1).to(device)
optimizer = torch.optim.SGD(reader.parameters(), lr=0.1)
for _epoch in range(10):
    for rows in torch.randperm(len(X_train)).split(32):
        optimizer.zero_grad()
        loss_fn(reader(X_train[rows].to(device))[:, 0], y_train[rows].to(device)).backward()
        optimizer.step()

X_test, y_test = zeros_and_ones(mnist.test_images, mnist.test_labels)
with torch.no_grad():  # only use the model: no record wanted
    probs = torch.sigmoid(reader(X_test.to(device)))[:, 0].cpu()  # (N,)
right = ((probs >= 0.5) == (y_test == 1)).float().mean().item()
report("accuracy on test digits", right, 0.99, 1.0, percent=True)

# %% [markdown]
# The perceptron of lesson 01 was nearly as good, but it could not say which digits are doubtful.
#
# **Predict.** Look at the ten test digits with a probability nearest to 1/2. Will they be thick,
# slanted or smudged? And how near to 1/2 does the nearest come?

# %%
from course_utils.figures import plot_images

least_sure = (probs - 0.5).abs().argsort()[:10]
plot_images(
    X_test[least_sure].reshape(-1, 28, 28),
    [f"{p:.2f}" for p in probs[least_sure].tolist()],
    says="The ten doubtful ones, with the probability of a 1",
)
sure = ((probs < 0.01) | (probs > 0.99)).float().mean().item()
report("share of digits with a probability below 1% or above 99%", sure, 0.7, 1.0, percent=True)

# %% [markdown]
# In the bundled digits these are ones that lean far over, and a few narrow zeros. Even of these the
# neuron is rather sure. A machine that sorts mail can send the doubtful ones to a human.
#
# That was the sample, with 200 digits to test. On the full MNIST the same loop misses one or two of
# 2,115, and for 98 of 100 its probability lies below 1% or above 99%. It is tempting to thank the
# examples. But there an epoch has 16 times as many steps, and where every digit is right already,
# further steps only make the neuron surer. The sample, trained for as many steps, is as sure.
#
# ### Your own digit
#
# The pad wants a score for each of ten digits. The scores 0 for a zero and $z$ for a one give exactly
# the probability $\sigma(z)$ (lesson 03 shows why); the others get a score that never wins.
#
# Draw a 0, then a 1. Then a 7 or a 4: the neuron has never seen one, and can only say 0 or 1. Does it
# stay near 50%?

# %%
from course_utils.canvas import DigitPad

ten = torch.nn.Linear(784, 10)
with torch.no_grad():
    ten.weight.zero_()
    ten.bias.fill_(-100.0)
    ten.weight[1], ten.bias[1], ten.bias[0] = reader.weight[0], reader.bias[0], 0.0
    others = mnist.test_images[mnist.test_labels > 1].flatten(1).float() / 255  # 2 to 9
    p = torch.sigmoid(reader(others.to(device)))[:, 0].cpu()
sure = ((p < 0.1) | (p > 0.9)).float().mean().item()
report("digits 2 to 9 for which it is more than 90% sure", sure, 0.2, 0.8, percent=True)
DigitPad({"0 or 1": torch.nn.Sequential(torch.nn.Flatten(), ten)}, in_page=True)

# %% [markdown]
# Of the digits that are neither, it is more than 90% sure in three of ten cases (trained on the full
# MNIST, in six of ten). A probability weighs the answers that the neuron knows. "Neither" is not among
# them, and it is calibrated only for what it was trained on. Lesson 07 returns to this.
#
# ## Quiz

# %%
quiz("02")

# %% [markdown]
# ## Where the idea comes from
#
# **1838/45** Pierre-François Verhulst describes growth with a limit by a curve that he calls
# *logistique*. **1847** Augustin-Louis Cauchy proposes to go downhill along the steepest slope.
# **1922** Ronald Fisher makes maximum likelihood a method. **1944** Joseph Berkson uses the logistic
# curve for yes-or-no outcomes and coins the word *logit*. **1951** Herbert Robbins and Sutton Monro
# show when steps along noisy slopes arrive. **1958** David Cox's paper on binary outcomes; in
# statistics this neuron is called logistic regression.
#
# ## Summary
#
# - $\hat y = \sigma(\mathbf w^\top \mathbf x + b)$ is a probability. Multiply $\mathbf w$ and $b$
#   together: the boundary stays, the sureness changes. The sigmoid saturates far out.
# - Maximum likelihood leads to the binary cross-entropy, a mean over examples. Its gradient is the
#   mean of $(\hat y - y)\,\mathbf x$: large where the neuron is very wrong. The squared error is flat
#   there.
# - Check a gradient by finite differences, or let autograd take it: `backward()` adds to `.grad`, so
#   forget the old one first.
# - $\mathbf w \leftarrow \mathbf w - \eta \nabla L$. Too small a learning rate creeps, too large a one
#   jumps. Scale the features.
# - Calibrated: where it says 80%, 80 of 100 come true. Accuracy cannot see that; the loss can.
# - Mini-batches: rough steps, many of them, at the speed of whole arrays.
# - Give the loss the logits, never the probabilities.
#
# **Next:** ten digits instead of two answers. Lesson 03 gives each digit a neuron of its own, and lets
# the ten share one probability.
#
# ## Sources
#
# - P.-F. Verhulst: *Recherches mathématiques sur la loi d'accroissement de la population.* Nouveaux
#   mémoires de l'Académie royale de Bruxelles 18, 1845.
# - A.-L. Cauchy: *Méthode générale pour la résolution des systèmes d'équations simultanées.* Comptes
#   rendus de l'Académie des sciences 25, 1847.
# - R. A. Fisher: *On the mathematical foundations of theoretical statistics.* Philosophical
#   Transactions of the Royal Society A 222, 1922.
# - J. Berkson: *Application of the logistic function to bio-assay.* Journal of the American
#   Statistical Association 39, 1944.
# - H. Robbins, S. Monro: *A stochastic approximation method.* Annals of Mathematical
#   Statistics 22, 1951.
# - D. R. Cox: *The regression analysis of binary sequences.* Journal of the Royal Statistical Society
#   B 20, 1958.
# - A. Niculescu-Mizil, R. Caruana: *Predicting good probabilities with supervised learning.*
#   International Conference on Machine Learning, 2005.
# - The students are made up; their rule stands in the text. The digits: Y. LeCun, C. Cortes,
#   C. J. C. Burges, *The MNIST database of handwritten digits*; see `data/README.md`.
