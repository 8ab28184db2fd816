# %% [markdown]
# # 02 · How sure is the neuron?
#
# The neuron of lesson 01 says yes or no. It says it in the same voice whether the case is clear or
# hangs by a hair. In this lesson it learns to say *how sure* it is, and that one change makes it
# learn by slopes instead of by mistakes.
#
# **After this lesson you can**
#
# 1. turn a net input into a probability with the sigmoid, and give the slopes of sigmoid, tanh and
#    ReLU;
# 2. say where the cross-entropy loss comes from, and why it teaches better than the squared error;
# 3. derive its gradient, code it, and check it in two independent ways;
# 4. run gradient descent, and recognise a learning rate that is too small or too large;
# 5. check whether a neuron that says "80%" is right in 80 of 100 cases.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 30 seconds of one
# processor core of 2024.*

# %%
import math

import torch
import torch.nn.functional as F

from course_utils.datasets import load_mnist, pass_probability, pass_the_class, two_squares
from course_utils.device import get_device, seed_everything
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.logistic import activation_explorer, descent_explorer, probability_map
from course_utils.figures import draw_map, draw_points, figure, plot_images, plot_lines, show
from course_utils.microscope import trace_updates
from course_utils.training import compare_times

seed_everything(0)
device = get_device()

# %% [markdown]
# ## From a step to a curve
#
# The unit of lesson 01 works out the net input $z = \mathbf w^\top \mathbf x + b$ and fires where
# $z \ge 0$. So $z = 0.01$ and $z = 6$ give the same answer. Yet $z$ says more: the larger it is, the
# further the point lies on the side of class 1. We want to read it as a **probability**, a number
# between 0 and 1. The **sigmoid** $\sigma$ (sigma) does that:
#
# $$\hat y = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# For a large $z$ the term $e^{-z}$ is almost 0, and $\sigma$ is almost 1. For a very negative $z$
# the term is huge, and $\sigma$ is almost 0. At $z = 0$ it is $1/(1 + 1) = 1/2$.
#
# From now on $\hat y$ is a probability: how likely the neuron thinks class 1 is. Where a yes or no is
# wanted, it says 1 where $\hat y \ge 1/2$, which is the same as $z \ge 0$.
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

z = torch.linspace(-6, 6, 121)
plot_lines(
    {"step (lesson 01)": (z >= 0).float(), "sigmoid": sigmoid(z)},
    "The sigmoid is a step with a soft edge",
    x=z,
    xlabel="net input z",
    ylabel="output ŷ",
)

# %% [markdown]
# The minus sign tempts to −0.88, but no output lies below 0. $\sigma(-2) = 0.12$ is what is missing
# from $\sigma(2) = 0.88$ to 1: $\sigma(-z) = 1 - \sigma(z)$. And $\sigma(-6) \approx 0.0025$, one in
# four hundred. The `assert` compares ours with PyTorch's own.
#
# The step is flat everywhere and jumps at one place. A flat function cannot tell in which direction
# to go. The sigmoid has a slope everywhere, and slopes are what this lesson learns with.
#
# Seen from the other side, $z = \ln\frac{\hat y}{1 - \hat y}$. The fraction is called the **odds**:
# a probability of 0.8 means odds of 0.8 to 0.2, or 4 to 1. So $z$ is the logarithm of the odds, and
# that is why $z$ is also called the **logit**. One more unit of $z$ multiplies the odds by
# $e \approx 2.72$.
#
# ## Three activations and their slopes
#
# A function that is applied to the net input is called an **activation**, often written $g$. Three
# of them appear all through this course:
#
# | name | $g(z)$ | values | slope $g'(z)$ |
# |---|---|---|---|
# | sigmoid | $1/(1 + e^{-z})$ | 0 to 1 | $g\,(1 - g)$ |
# | tanh | $(e^z - e^{-z})/(e^z + e^{-z})$ | −1 to 1 | $1 - g^2$ |
# | ReLU | $\max(0, z)$ | 0 and up | 0 where $z < 0$, 1 where $z > 0$ |
#
# The first two slopes need nothing but $g$ itself. Here is the first, by the chain rule, since $\sigma(z) = (1 + e^{-z})^{-1}$:
#
# $$\sigma'(z) = (1 + e^{-z})^{-2} \, e^{-z} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# At $z = 0$ the ReLU has a corner and no slope. Programs take 0 there.
#
# **Predict.** Where is the sigmoid steepest, and how steep is it there: 1, 1/2 or 1/4? How steep is
# tanh at the same place? Then move the point.

# %%
activation_explorer()

# %% [markdown]
# The sigmoid is steepest at $z = 0$, with slope $\frac12 \cdot \frac12 = \frac14$; tanh has slope 1
# there. Far out both are flat: they **saturate**. At $z = 6$ the sigmoid's slope is 0.0025. A neuron
# out there hardly feels a change of its weights. Keep that in mind, it returns twice in this lesson
# and again in lesson 05. The ReLU never saturates on its positive side.
#
# A formula is a claim. Check it: a slope is what you get when you move $z$ a little to both sides and
# divide the change of $g$ by the change of $z$. This is called a **finite difference**.

# %%
z = torch.tensor([-3.0, -1, 0.5, 2], dtype=torch.float64)  # 64 bits: differences are small
h = 1e-5
activations = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (torch.tanh, lambda z: 1 - torch.tanh(z) ** 2),
    "ReLU": (torch.relu, lambda z: (z > 0).double()),
}
for name, (g, slope) in activations.items():
    measured = (g(z + h) - g(z - h)) / (2 * h)
    assert torch.allclose(slope(z), measured)
    print(f"{name:8}", measured.numpy().round(3))

# %% [markdown]
# ### Exercise 1 · The slope from the output
#
# Later the neuron has worked out $\hat y = \sigma(z)$ already and has forgotten $z$. Write a function
# that takes such outputs and returns the slope of the sigmoid at each.


# %%
def slope_from_output(y_hat):
    """Return σ′(z) where y_hat = σ(z) is given; y_hat is a tensor of numbers in (0, 1)."""
    ### BEGIN SOLUTION
    return y_hat * (1 - y_hat)
    ### END SOLUTION


# %%
check("02.slope", slope_from_output)

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
# So the neuron is very sure that this point is *not* of class 1.
#
# **Predict.** Multiply all three numbers, the bias and both weights, by 2. Does the line move? What
# becomes of the probability at (−1, 2), and at a point on the line? Then try it: the slider *all
# weights ×* does it. Touch the plane to move the point, or use the sliders for $x_1$ and $x_2$.
# Blue means a probability near 1, orange near 0, white undecided; the thin lines mark 0.1 and 0.9.

# %%
w0, w = 1.0, torch.tensor([3.0, -2.0])
x = torch.tensor([-1.0, 2.0])
print(f"z = {w @ x + w0:.0f}, y_hat = {sigmoid(w @ x + w0):.4f}")
probability_map()

# %% [markdown]
# The bias has changed, so it is tempting to see the line shifted. It stays where it is: $2z = 0$ where
# $z = 0$, and there $\hat y$ is still 1/2. Everywhere else the neuron becomes surer: at (−1, 2), $\hat y$
# falls from 0.0025 to 0.000006. So the *direction* of $\mathbf w$ turns the line, the bias
# shifts it, and the *length* of $\mathbf w$ sets how sure the neuron is. With very large weights the
# sigmoid is almost lesson 01's step again.
#
# ## What is a good probability?
#
# Three students have been judged before the exam. The neuron gave them probabilities of passing,
# and then we saw what happened: $y = 1$ for passed, $y = 0$ for failed.
#
# | student | $\hat y$ | $y$ | probability of what happened |
# |---|---|---|---|
# | A | 0.9 | 1 | 0.9 |
# | B | 0.2 | 0 | 1 − 0.2 = 0.8 |
# | C | 0.6 | 0 | 1 − 0.6 = 0.4 |
#
# If the students pass or fail independently, the probability of *all* that happened is the product
# $0.9 \cdot 0.8 \cdot 0.4 = 0.288$. It is called the **likelihood**. The neuron whose probabilities
# make the likelihood largest explains best what we saw. Choosing weights this way is called
# **maximum likelihood**.
#
# Products are awkward, so take the logarithm: it turns the product into a sum and keeps the best
# neuron the best. Turn the sign, so that smaller is better, and divide by the number of students.
# One student's part is
#
# $$\ell(\hat y, y) = -\bigl[\, y \ln \hat y + (1 - y) \ln (1 - \hat y) \,\bigr].$$
#
# One of the two terms is always 0: for $y = 1$ only $-\ln \hat y$ is left, for $y = 0$ only
# $-\ln(1 - \hat y)$. This is the **binary cross-entropy**. For our three students, with two decimals:
# $-\ln 0.9 = 0.11$, $-\ln 0.8 = 0.22$, $-\ln 0.4 = 0.92$, and the mean is 0.42.
#
# As a loop, then on whole tensors; the last `assert` compares with PyTorch's own:

# %%
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
# *Empirical*, since what we would like to know is the mean over all students there could ever be;
# the examples at hand are our best guess at it. And a *mean*, not a sum, so that the number says the
# same for 3 students as for 3,000.
#
# **Predict.** Two questions. (1) You know nothing about ten students but that 7 of them passed, and
# must give all ten the same probability. Which makes the loss smallest: 0.5, 0.7 or 1? (2) 300
# students, and what happened to each had probability 1/2. What does PyTorch find for the likelihood,
# in its usual 32 bits: 1/2, about $10^{-90}$, or 0?

# %%
p = torch.linspace(0.01, 0.99, 99)
losses = -(0.7 * p.log() + 0.3 * (1 - p).log())  # 7 of 10 passed
print("the best constant probability:", round(p[losses.argmin()].item(), 2))
print("product of 300 halves:", torch.full((300,), 0.5).prod().item())
print("mean of their −log:   ", round(-torch.full((300,), 0.5).log().mean().item(), 3))

# %% [markdown]
# (1) It is 0.7, the share that passed. Since most passed, 1 is tempting; but then each of the three who
# failed costs $-\ln 0 = \infty$. Cross-entropy rewards honest probabilities, neither bolder nor more
# timid than the facts. (2) On paper the product is about $10^{-90}$. That is less than the smallest
# number that 32 bits can hold, so it becomes 0: all neurons would look equally bad. The mean of the logarithms is a harmless
# 0.693, which is $\ln 2$, the loss of somebody who always says "half". Remember that number: a loss
# near 0.693 says: no better than a coin.
#
# ## Why not the squared error?
#
# $(\hat y - y)^2$ is simpler and well known. Why not take that? Look at one example with $y = 1$, and
# at both losses for each net input $z$.
#
# **Predict.** At $z = -6$ the neuron is sure of the wrong answer. For which of the two losses is the
# curve steep there, so that the neuron is told clearly to change? Start at $z = -6$ and subtract the
# slope from $z$ until the neuron says 1. How many times more steps will the flatter one need: 2, 5
# or 30?


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
# error, the steeper.
#
# There is a second reason. For one neuron the cross-entropy has the shape of a single bowl (it is
# *convex*), so every way down leads to the bottom. The squared error of a sigmoid has plateaus, and
# can have several valleys.
#
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
# All these slopes together, one for each weight, are the **gradient**, written $\nabla$ (nabla). The
# gradient of the mean loss is the mean of the gradients. (A bold $\mathbf x_i$ is all of example
# $i$, with its constant 1 in front; a plain $x_j$ is one number of one example.)
#
# $$\nabla L(\mathbf w) = \frac1N \sum_{i=1}^{N} (\hat y_i - y_i)\, \mathbf x_i.$$
#
# Compare Rosenblatt's rule: it added $(y - \hat y)\,\mathbf x$, the same expression with the sign
# turned. There $\hat y$ was 0 or 1, and the correction all or nothing. Here it is as large as the
# neuron was wrong.
#
# By hand, for one student: $\mathbf x = (1, 2, -1)$ with the constant 1 in front, weights all zero,
# $y = 1$. Then $z = 0$, $\hat y = 0.5$, and the gradient is
# $(0.5 - 1) \cdot (1, 2, -1) = (-0.5, -1, 0.5)$. Now as a loop over students:


# %%
def with_bias(X):
    """Put a constant 1 in front of each row: (N, D) -> (N, D + 1)."""
    return torch.cat([torch.ones(len(X), 1, device=X.device, dtype=X.dtype), X], dim=1)


def gradient_by_loop(w, X, y):
    """Return the mean gradient: w (D,), X (N, D) with its constant 1, y (N,) -> (D,)."""
    total = torch.zeros_like(w)
    for x_i, y_i in zip(X, y):
        total += (sigmoid(w @ x_i) - y_i) * x_i
    return total / len(X)


x_one, y_one = torch.tensor([[1.0, 2.0, -1.0]]), torch.tensor([1.0])
gradient_by_loop(torch.zeros(3), x_one, y_one)

# %% [markdown]
# ### Exercise 2 · The gradient without a loop
#
# Write the same for all students at once. `X @ w` gives all net inputs, (N,). The sum over students
# of error times row is one more product: the transposed `X.T`, of shape (D, N), times the errors,
# (N,), gives (D,).


# %%
def gradient_at_once(w, X, y):
    """Return the mean gradient: w (D,), X (N, D) with its constant 1, y (N,) -> (D,)."""
    ### BEGIN SOLUTION
    return X.T @ (torch.sigmoid(X @ w) - y) / len(y)
    ### END SOLUTION


# %%
check("02.gradient", gradient_at_once)

# %% [markdown]
# From here on the lesson uses its own version of both, on eight made-up students.


# %%
def loss(w, X, y):
    """Return the mean cross-entropy; w (D,), X (N, D) with its constant 1, y (N,)."""
    y_hat = sigmoid(X @ w)  # (N, D) @ (D,) -> (N,)
    return -(y * y_hat.log() + (1 - y) * (1 - y_hat).log()).mean()


def gradient(w, X, y):
    """Return the slopes of that loss, one for each weight, (D,)."""
    return X.T @ (sigmoid(X @ w) - y) / len(y)  # (D, N) @ (N,) -> (D,)


X_8 = with_bias(torch.randn(8, 2, dtype=torch.float64))  # (8, 3)
y_8 = torch.tensor([0, 1, 1, 0, 1, 0, 0, 1], dtype=torch.float64)
w_8 = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
assert torch.allclose(gradient(w_8, X_8, y_8), gradient_by_loop(w_8, X_8, y_8))

# %% [markdown]
# The loop and the product come from the same derivation, so they could be wrong together. An
# independent witness: move one weight a little to both sides, as we did with $z$.


# %%
def by_differences(f, w, h=1e-5):
    """Return the slope of f for each weight, from two values of f beside it, (D,)."""
    slopes = torch.zeros_like(w)
    for j in range(len(w)):
        step = torch.zeros_like(w)
        step[j] = h
        slopes[j] = (f(w + step) - f(w - step)) / (2 * h)
    return slopes


measured = by_differences(lambda w: loss(w, X_8, y_8), w_8)
assert torch.allclose(gradient(w_8, X_8, y_8), measured)
print(measured.numpy().round(3))

# %% [markdown]
# Three weights cost six evaluations of the loss. A million weights would cost two million, for a
# single gradient: a fine check, and a hopeless method.
#
# ## PyTorch takes the derivative
#
# The second witness is the tool that you will use from now on. Tell PyTorch that you will want the
# slope for some tensor, compute anything from it, and ask. It keeps a record of every operation and
# goes back through it with the chain rule, as we did in the table. This is called **autograd**.
#
# The smallest example: $L = w^2$, whose slope is $2w$. At $w = 3$ it is 6.

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
# 12: `backward()` **adds** to what is there. The slope is still 6, but nobody emptied `.grad`. In
# training the old slopes must be forgotten before each step; exercise 4 returns to it. (We computed
# `L` anew each time, since the record is thrown away after use. A second `backward()` through the
# same one may stop with an error.)
#
# Now the same three lines for our loss, and the third answer to one question:

# %%
w_auto = w_8.clone().requires_grad_()
loss(w_auto, X_8, y_8).backward()
assert torch.allclose(gradient(w_8, X_8, y_8), w_auto.grad)
assert torch.allclose(measured, w_auto.grad)
print(w_auto.grad.numpy().round(3))

# %% [markdown]
# Derived by hand, measured, and taken by PyTorch: all three agree. Whenever you write a gradient by
# hand, check it like this.
#
# ## Down the slope, step by step
#
# The gradient points to where the loss *rises* fastest. So go the other way:
#
# $$\mathbf w \leftarrow \mathbf w - \eta \, \nabla L(\mathbf w)$$
#
# The number $\eta$ (eta) is the **learning rate**; in code it is called `lr`. It is not learned, you
# choose it. This is **gradient descent**.
#
# Below are twelve students with one feature, the hours they worked, and a neuron with two numbers to
# learn, $w$ and $b$. Each place on the map is a neuron, the height of the surface is its loss, and
# the green cross is the best one. The hours are *scaled*: 0 is the mean, 1 is one standard deviation
# above it.
#
# **Predict.** With learning rate 3 the cross is reached within about ten steps. Will 0.1 reach it in
# 40 steps? And 30: sooner, later, or never?
#
# Choose the start by touching the map; drag across the surface, or use the slider, to turn it. Then
# choose *hours, as they come*, and look for a learning rate that reaches the cross.

# %%
descent_explorer()

# %% [markdown]
# **Too small** (0.1): every step is right, and 40 of them lead less than half of the way. **Right** (3):
# large steps on the slope, smaller ones near the bottom, since the gradient itself shrinks. **Too
# large** (30): the first steps come near the cross, and that tempts. But it cannot stay. Each step
# shoots over the valley, further than the one before, until it is thrown far up the side; then all
# begins again.
#
# With the hours as they come, from 4 to 46, the bowl becomes a ravine. With 0.03 the descent drops
# into the ravine at once and then creeps along its floor; with 0.1 it bounces from wall to wall and
# gets nowhere. No learning rate comes near the cross in 40 steps. Keep that picture for the next
# section.
#
# You recognise the three cases from their curves, without a map:


# %%
def descend(X, y, lr, n_steps, w=None):
    """Run gradient descent from zero weights: return the last weights and the loss at each step."""
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
# Two numbers are known of each of 300 students: lectures attended (0 to 20) and hours spent on the
# project (0 to 50). And whether they passed. The students are made up by a rule that we know, so that
# we can see how much of it a neuron finds:
#
# $$P(\text{pass}) = \sigma(-4.5 + 0.2 \cdot \text{lectures} + 0.1 \cdot \text{hours})$$
#
# The rule gives a probability; chance decides. A student with 70% can fail.
#
# **Predict.** Gradient descent on these 300 students, features as they come, 200 steps. Does the loss
# get from 0.693 to the lowest possible value, about 0.445, with a learning rate of 0.001? With 0.01?
# If not, why not?

# %%
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
# Neither arrives. With 0.01 the descent bounces, with 0.001 it creeps. You have seen the reason from
# above: the ravine. The slope for the weight of the hours is multiplied by hours, about 25, the slope
# for the bias by 1. A learning rate that is safe for one is far too small for the other, and the bias
# must go all the way from 0 to about −5. Even 20,000 steps do not suffice.
#
# The remedy is one line: subtract each feature's mean and divide by its standard deviation. Now the
# numbers of all features are of one size, the ravine becomes a bowl, and a learning rate of 1 arrives
# within 50 steps.
#
# ### Did it find the rule?
#
# The learned weights belong to scaled features, $(x_j - m_j)/s_j$ with mean $m_j$ and standard
# deviation $s_j$. To compare them with the rule, scale them back: the weight becomes $w_j / s_j$, and
# the bias takes up the rest, $-w_j m_j / s_j$.
#
# **Predict.** From 300 students, how near do the learned numbers come to −4.5, 0.2 and 0.1: within
# 1%, within about 30%, or only to the right sign? And from 10,000 students?


# %%
def learn_class(X, y, n_steps=100):
    """Return bias and weights (3,) for features as they come, learned on scaled ones."""
    m, s = X.mean(0), X.std(0)
    w, _ = descend(with_bias((X - m) / s), y, 1.0, n_steps)
    return torch.cat([w[:1] - (w[1:] * m / s).sum(), w[1:] / s])


w_class = learn_class(X_class, y_class)
report("bias, true -4.5", w_class[0].item(), -6.0, -4.0)
report("lectures, true 0.2", w_class[1].item(), 0.15, 0.30, digits=3)
report("hours, true 0.1", w_class[2].item(), 0.08, 0.12, digits=3)

X_many, y_many = pass_the_class(10_000)
w_many = learn_class(X_many, y_many.float())
report("10,000 students: bias, true -4.5", w_many[0].item(), -4.8, -4.2)
report("10,000 students: lectures, true 0.2", w_many[1].item(), 0.18, 0.22, digits=3)
report("10,000 students: hours, true 0.1", w_many[2].item(), 0.09, 0.11, digits=3)

# %% [markdown]
# With 300 students the weight of a lecture is a quarter too large: chance was kind to those who came.
# The descent is not to blame, it found the lowest loss; 300 students do not say more. With 10,000 the
# numbers are within a few percent. Errors of this kind shrink like $1/\sqrt N$: a hundred times the
# students, a tenth of the error.
#
# The weights can be read. A weight of 0.1 for hours means that each hour adds 0.1 to the log-odds, so
# it multiplies the odds of passing by $e^{0.1} \approx 1.1$. Ten hours: $e \approx 2.7$.
#
# Here is what the neuron thinks of every student there could be. Between the thin lines marked 0.1
# and 0.9 both outcomes are common, and no boundary could part them. The neuron does not hide that.

# %%
fig, ax = figure("Black: learned from 300 students. Grey: the rule.", size=(9, 5))
ax.set(xlim=(-1, 21), ylim=(-2, 52), xlabel="lectures attended", ylabel="hours on the project")
draw_map(
    ax, lambda X: torch.sigmoid(with_bias(torch.tensor(X).float()) @ w_class), levels=(0.1, 0.9)
)
draw_points(ax, X_class, y_class, names=("failed", "passed"))
rule = torch.tensor([-4.5, 0.2, 0.1])
for w, color in ((rule, "#6b7178"), (w_class, "#1b1f24")):
    line = torch.tensor([-1.0, 21.0])
    ax.plot(line, -(w[0] + w[1] * line) / w[2], color=color, linestyle="-", label="_boundary")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
show(fig, "The learned boundary runs close to the true one; between 0.1 and 0.9 lies a wide band.")

# %% [markdown]
# ## Can you trust the 80%?
#
# A probability can be checked like a weather forecast. Collect all cases where the neuron said
# about 80%, and count. If 80 of 100 passed, the neuron is **calibrated**. We ask 5,000 new students,
# whom the neuron has not seen. Beside it we put a boaster, with all three numbers multiplied by 3:
# the same boundary, the same yes and no for every student, but much surer.
#
# **Predict.** Of the students to whom the boaster gives about 75%, what share passed: more than 75%,
# about 75%, or less? And which of the two has the higher accuracy, which the higher loss?


# %%
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

# %% [markdown]
# The neuron stays near the diagonal. The boaster's curve is too flat: of those to whom it gave about
# 75% only some 60% passed, and of those to whom it gave 15% more than 30%. One expects the surer one
# to be the better one. Yet their accuracy is the same, since both give the same yes and no. Only the
# cross-entropy sees the difference.
#
# Accuracy is below 80% here, and no neuron could do much better: the rule itself, with the true
# numbers, is hardly better, in accuracy and in loss. The rest is chance.
#
# ## The perceptron beside it
#
# Back to the two overlapping squares of lesson 01, where the perceptron never came to rest. Same
# points, and now gradient descent beside Rosenblatt's rule.
#
# **Predict.** 150 steps of each. Will the logistic neuron's accuracy still jump at the end? Where will
# it be: near 66%, near 80%, or near the 87.5% that the best line reaches on average?

# %%
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
# takes the mean over all points: where those of class 0 and those of class 1 pull equally hard, it
# rests. (Its question is another one, though: the loss is not the number of mistakes, so the pocket
# of lesson 01 may beat it by a little.)
#
# On the squares that lie **apart** the roles change: there the perceptron stops.
#
# **Predict.** On separable data, what will the logistic neuron's weights do after 100, 1,000 and
# 10,000 steps: settle too, or keep growing?

# %%
X_apart, y_apart = two_squares(200, centres=((0, 0), (2.4, 2.4)))
X_apart, y_apart = with_bias(X_apart.double()), y_apart.double()  # 64 bits: it gets very sure
w = torch.zeros(3, dtype=torch.float64)
for done, n_steps in ((0, 100), (100, 900), (1000, 9000)):
    w, losses = descend(X_apart, y_apart, 1.0, n_steps, w)
    print(f"{done + n_steps:6} steps: length of w = {w.norm():.1f}, loss = {losses[-1]:.3f}")

# %% [markdown]
# They keep growing. A rule that has nothing left to correct should stop, as the perceptron does. But
# once every point is right, the loss can still be lowered: by being *surer*, that is, by longer
# weights, for ever, and ever more slowly. It has no lowest place here. A neuron that has seen only
# easy cases ends as a boaster. Lesson 05 brings remedies (weight decay, early stopping).
#
# ## All, one, or a few at a time
#
# The gradient is a mean over all students. For 60,000 digits, that is a lot of work for one step. A
# mean over a few, drawn at random, is an estimate of it: right on average, but noisy. So a step may
# use the **full batch** of all examples, a **single sample**, or something between, a **mini-batch**
# of often 32 to 256.
#
# **Predict.** A hundred times as many examples in the batch: how many times smaller is the noise,
# 100 times or 10 times?

# %%
X_4k, y_4k = pass_the_class(4000, seed=1)
X_4k, y_4k = with_bias((X_4k - X_4k.mean(0)) / X_4k.std(0)), y_4k.float()
w = torch.zeros(3)
exact = gradient(w, X_4k, y_4k)
for size in (1, 10, 100, 1000):
    draws = [torch.randint(4000, (size,)) for _ in range(500)]
    off = torch.stack([gradient(w, X_4k[i], y_4k[i]) - exact for i in draws])
    print(f"{size:5} examples: off by {off.norm(dim=1).mean():.2f} on average")

# %% [markdown]
# About ten times: noise falls like $1/\sqrt{\text{batch size}}$, while the work grows like the batch
# size itself. That speaks for small batches: many rough steps for the price of one exact step.
#
# Now race all three over three epochs, three passes through 4,000 students. Each has a learning rate
# that suits it.
#
# **Predict.** The full batch makes 3 steps, mini-batches of 32 make 375, single samples 12,000. Which
# is lowest after the *first* epoch, and which one will still tremble at the end?


# %%
def run_batches(batch_size, lr, n_epochs=3, every=100):
    """Train on batches; return the examples seen and the loss on all students, now and then."""
    w, seen, places, losses = torch.zeros(3), 0, [0], [loss(torch.zeros(3), X_4k, y_4k).item()]
    for _ in range(n_epochs):
        for rows in torch.randperm(4000).split(batch_size):
            w = w - lr * gradient(w, X_4k[rows], y_4k[rows])
            seen += len(rows)
            if seen >= places[-1] + every:
                places.append(seen)
                losses.append(loss(w, X_4k, y_4k).item())
    return places, losses


runs = {
    "full batch, lr 3": run_batches(4000, 3.0),
    "mini-batches of 32, lr 0.5": run_batches(32, 0.5),
    "single samples, lr 0.1": run_batches(1, 0.1),
}

# %%
fig, ax = figure(
    "Small batches get there sooner, and tremble", xlabel="examples seen", ylabel="loss"
)
for (name, (seen, losses)), style in zip(runs.items(), ("o-", "--", "-")):
    ax.plot(seen, losses, style, linewidth=1.5 if style == "-" else 2.5, label=name)
ax.set(ylim=(0.44, 0.70))
ax.legend()
show(fig)

for name, (seen, losses) in runs.items():
    after_one = next(value for place, value in zip(seen, losses) if place >= 4000)
    report(f"{name}: loss after one epoch", after_one, 0.45, 0.55, digits=3)
least = min(descend(X_4k, y_4k, 3.0, 100)[1])
report("the least possible", least, 0.45, 0.46, digits=3)

# %% [markdown]
# After one epoch the full batch, whose steps are the best, has made a single one; the mini-batches are
# at the bottom. Single samples were there even sooner, but do not come to rest: each new example pulls
# to another side. (Smaller steps towards the end calm them; lesson 05.) And they lose when time is
# counted: a processor works on a batch of 32 about as fast as on one example, as `X @ w` did in lesson
# 01.


# %%
def one_epoch(batch_size):
    w = torch.zeros(3)
    for rows in torch.arange(4000).split(batch_size):  # in order: nothing is drawn by chance here
        w = w - 0.1 * gradient(w, X_4k[rows], y_4k[rows])
    return w


times = compare_times(
    {
        "an epoch of single samples": lambda: one_epoch(1),
        "an epoch of mini-batches of 32": lambda: one_epoch(32),
        "an epoch of one full batch": lambda: one_epoch(4000),
    },
    at_least={"an epoch of mini-batches of 32": 5, "an epoch of one full batch": 20},
)

# %% [markdown]
# Mini-batches take the good of both: many steps in an epoch, and each one at the speed of whole
# arrays. Almost everything in this course is trained this way. The method is called **stochastic
# gradient descent**, SGD; *stochastic* means "by chance".
#
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
# `nan`, *not a number*; on paper her loss is almost 0. Read it from the inside. $\sigma(20)$ differs
# from 1 by two billionths. 32 bits hold about seven digits, so `y_hat` is exactly 1, and $1 - \hat y$
# exactly 0. Then $\ln 0 = -\infty$, and for $y = 1$ the second term is $0 \cdot (-\infty)$, which has
# no value: `nan`. For $y = 0$ it is an infinite loss. One such student spoils the mean, and the
# gradient that autograd takes from it: after the next step every weight is `nan`. From there no
# training returns.
#
# The remedy is not to compute $\hat y$ at all. Put $\sigma$ into the loss and simplify, for the two
# labels:
#
# $$y = 1: \; -\ln \sigma(z) = \ln(1 + e^{-z}), \qquad y = 0: \; -\ln(1 - \sigma(z)) = \ln(1 + e^{z}) = z + \ln(1 + e^{-z}).$$
#
# Both at once: $\ell = \ln(1 + e^{-z}) + (1 - y)\,z$. No logarithm can meet a 0 here. But $e^{-z}$
# overflows where $z$ is very negative. Since $\ln(1 + e^{-z}) = \max(-z, 0) + \ln(1 + e^{-|z|})$, and
# $\max(-z, 0) + z = \max(z, 0)$, there is a form that never overflows:
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
# The first line is right: a sure and right answer costs almost nothing, $z = -200$ for a student who
# passed costs 200. The second line is PyTorch's loss for *probabilities*. It cuts every logarithm off
# at −100, so 100 stands where 20 and 200 should be: no crash, and wrong numbers. **Give the loss the
# logits.**
#
# ### Exercise 3 · A loss that does not break
#
# Write the mean loss from net inputs `z` and labels `y`, both (N,), in the form above. It must be
# right for $z = 200$ as well as for $z = -200$. (`z.clamp(min=0)` is $\max(z, 0)$; `torch.log1p(a)`
# is $\ln(1 + a)$, exact also for a tiny $a$.)


# %%
def stable_loss(z, y):
    """Return the mean binary cross-entropy from net inputs; z (N,), y (N,) of 0 and 1."""
    ### BEGIN SOLUTION
    return (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()
    ### END SOLUTION


# %%
check("02.stable", stable_loss)

# %% [markdown]
# ## The same in PyTorch's own words
#
# Four things that we wrote by hand have names in PyTorch:
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
# Read the last line: the labels ("target") have size [300], the logits ("input") [300, 1]. They must
# be the same. Be glad of this error. A formula of our own would have made a table of 300 × 300 losses
# out of the two, every logit against every label, and given back its mean without a word. The remedy
# is to take the one column: `model(X)[:, 0]`.
#
# Now the loop. Four lines, in this order, in every training from here to the end of the course:
# **forget** the old slopes, compute the **loss**, go **backward**, make a **step**.


# %%
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
assert torch.allclose(ours, theirs, atol=1e-4)
print("the same three numbers after 100 steps:", ours.numpy().round(2))

# %% [markdown]
# PyTorch does nothing that you have not done by hand.
#
# ### Exercise 4 · Find the mistake
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
# Zeros against ones, as in lesson 01, but now with mini-batches and with probabilities. An epoch goes
# once through all digits, in a new order each time. This is the loop that lesson 03 writes out for
# ten classes.

# %%
mnist = load_mnist()
print(mnist.description)


def zeros_and_ones(images, labels):
    """Keep the digits 0 and 1: uint8 (N, 28, 28) -> float (M, 784) in [0, 1], labels (M,)."""
    keep = labels <= 1
    return (images[keep].flatten(1).float() / 255).to(device), labels[keep].float().to(device)


X_train, y_train = zeros_and_ones(mnist.train_images, mnist.train_labels)
X_test, y_test = zeros_and_ones(mnist.test_images, mnist.test_labels)

# %%
reader = torch.nn.Linear(784, 1).to(device)
optimizer = torch.optim.SGD(reader.parameters(), lr=0.1)
for _epoch in range(10):
    for rows in torch.randperm(len(X_train)).split(32):
        optimizer.zero_grad()
        loss_fn(reader(X_train[rows])[:, 0], y_train[rows]).backward()
        optimizer.step()

with torch.no_grad():  # only use the model: no record wanted
    probs = torch.sigmoid(reader(X_test))[:, 0].cpu()  # (N,)
right = ((probs >= 0.5) == (y_test.cpu() == 1)).float().mean().item()
report("accuracy on test digits", right, 0.99, 1.0, percent=True)

# %% [markdown]
# The perceptron was as good as this, but it could not say which digits are doubtful.
#
# **Predict.** Look at the ten test digits with a probability nearest to 1/2. Will they be thick,
# slanted or smudged? And how near to 1/2 does the nearest come?

# %%
least_sure = (probs - 0.5).abs().argsort()[:10]
plot_images(
    X_test.cpu()[least_sure].reshape(-1, 28, 28),
    [f"{p:.2f}" for p in probs[least_sure].tolist()],
    says="The ten doubtful ones, with the probability of a 1",
)
sure = ((probs < 0.01) | (probs > 0.99)).float().mean().item()
report("share of digits with a probability below 1% or above 99%", sure, 0.7, 1.0, percent=True)

# %% [markdown]
# In the bundled digits these are ones that lean far over, so that their ends run across pixels that
# speak for 0, and a few narrow zeros. Even of these the neuron is rather sure, and of the others more.
# A machine that sorts mail can send the doubtful ones to a human and read the rest by itself.
#
# That was the bundled sample, with 200 digits to test. On the full MNIST the same loop misses one or
# two of the 2,115 test digits, and for about 98 of 100 its probability lies below 1% or above 99%.
# It is tempting to thank the examples. But there an epoch has 16 times as many steps, and you have
# seen what weights do where a line parts the classes: they grow. The sample, trained for as many
# steps, is as sure.
#
# ## Quiz

# %%
quiz("02")

# %% [markdown]
# ## Where the idea comes from
#
# **1838/1845** Pierre-François Verhulst describes growth with a limit by a curve that he calls
# *logistique*. **1847** Augustin-Louis Cauchy proposes to go downhill along the steepest slope.
# **1922** Ronald Fisher makes maximum likelihood a method. **1944** Joseph Berkson uses the logistic
# curve for yes-or-no outcomes and coins the word *logit*. **1951** Herbert Robbins and Sutton Monro
# show when steps along noisy slopes arrive. **1958** David Cox's paper on binary outcomes; in
# statistics this neuron is called logistic regression.
#
# ## Summary
#
# - $\hat y = \sigma(\mathbf w^\top \mathbf x + b)$ is a probability. The direction of $\mathbf w$ sets
#   the boundary, its length the sureness.
# - Slopes: $g(1 - g)$ for the sigmoid, $1 - g^2$ for tanh, 0 or 1 for the ReLU. Sigmoid and tanh
#   saturate.
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
# - D. R. Cox: *The regression analysis of binary sequences.* Journal of the Royal Statistical Society
#   B 20, 1958.
# - J. Berkson: *Application of the logistic function to bio-assay.* Journal of the American
#   Statistical Association 39, 1944.
# - R. A. Fisher: *On the mathematical foundations of theoretical statistics.* Philosophical
#   Transactions of the Royal Society A 222, 1922.
# - H. Robbins, S. Monro: *A stochastic approximation method.* Annals of Mathematical
#   Statistics 22, 1951.
# - A. Niculescu-Mizil, R. Caruana: *Predicting good probabilities with supervised learning.*
#   International Conference on Machine Learning, 2005.
# - The students are made up; their rule stands in the text. The digits: Y. LeCun, C. Cortes,
#   C. J. C. Burges, *The MNIST database of handwritten digits*; see `data/README.md`.
