# %% [markdown]
# # 03 · How does one layer read ten digits?
#
# Ten neurons side by side, and a rule that turns their scores into ten probabilities. This is the
# reader of lesson 00, built from nothing. All that it knows can be drawn as ten small pictures, and
# you will see where it fails.
#
# **After this lesson you can**
#
# 1. look at MNIST, scale, shuffle and split it;
# 2. compute scores, softmax and cross-entropy by hand and in code, for scores of any size;
# 3. derive the gradient and write the training loop, line by line;
# 4. say what loss curves, a confusion matrix and a model's percentages tell you;
# 5. explain why a linear reader fails on a digit that has moved, and what centring does.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 30 seconds of one
# processor core of 2024.*
#
# ## Look before you learn
#
# Leaf through the digits. Watch out for a 7 with a bar, a 4 that could be a 9, and one that you
# yourself cannot read.

# %%
from course_utils.datasets import load_mnist
from course_utils.explorers.digits import mnist_browser

mnist = load_mnist()
print(mnist.description)
mnist_browser(mnist.train_images, mnist.train_labels, title="Which of these would you misread?")

# %% [markdown]
# MNIST was put together in the 1990s from digits of American census workers and school students:
# **60,000 to train and 10,000 to test**. Each is a picture of 28 × 28 grey values from 0 (paper) to
# 255 (ink), with a **label**, the right answer. The course brings 5,000 of the 60,000 along, 4,000
# to train and 1,000 to test: **the sample**.

# %% [markdown]
# ### Deeper: What is in the file
#
# The small package `mnist` (its full name is python-mnist) reads MNIST's files into Python lists.
# But a file is simpler than that. After 16 bytes of header (a code for the kind of file, the number
# of images, rows, columns) come the grey values, one byte each. So we can unpack the file and tell
# NumPy: *look at these bytes as numbers, from byte 16 on*.
#
# **Predict.** How many times as fast is the second way: less than twice, 5 to 10 times, or 100 times?

# %%
import gzip

import numpy as np
from mnist import MNIST

from course_utils.datasets import MNIST_SAMPLE

reader = MNIST(str(MNIST_SAMPLE), gz=True)  # the files are packed with gzip
image_lists, label_list = reader.load_training()
print("row 7 of the first image:", image_lists[0][7 * 28 : 8 * 28])
print("its label:", label_list[0])


# %%
def read_bytes():
    with gzip.open(MNIST_SAMPLE / "train-images-idx3-ubyte.gz") as file:
        return file.read()


content = read_bytes()
header = np.frombuffer(content[:16], ">i4")  # whole numbers of 4 bytes, the largest part first
print("the header:", header.tolist())
images = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 784)
assert (images == np.array(image_lists)).all()

# %%
from course_utils.training import compare_times

times = compare_times(
    {
        "python-mnist's lists": reader.load_training,
        "unpack, then frombuffer": lambda: np.frombuffer(read_bytes(), np.uint8, offset=16),
        "frombuffer alone": lambda: np.frombuffer(content, np.uint8, offset=16),
    },
    at_least={"unpack, then frombuffer": 3, "frombuffer alone": 1000},
)

# %% [markdown]
# Five to ten times. (2051 is MNIST's code for images.) Whoever guessed 100 was thinking of the third
# line, and that one cheats: `frombuffer` reads and copies nothing, it only says how to look at
# bytes that are in memory already. For a list Python fills in, for each pixel, the address of a
# number object that lies somewhere else. The same made the loop slow in lesson 01.

# %% [markdown]
# ## Scale, shuffle, split
#
# **Scale.** Bytes from 0 to 255 become floats from 0 to 1, so that the steps of the training stay
# sensible. **Flatten.** The layer takes a vector, so 28 × 28 pixels become one row of 784.

# %%
import torch


def to_rows(images):
    """Scale and flatten: uint8 (N, 28, 28) -> float (N, 784) from 0 to 1."""
    return images.flatten(1).float() / 255


X_all, y_all = to_rows(mnist.train_images), mnist.train_labels
X_test, y_test = to_rows(mnist.test_images), mnist.test_labels
print(tuple(X_all.shape), f"from {X_all.min():.0f} to {X_all.max():.0f}")

# %% [markdown]
# **Split.** We shall have to choose: how many epochs, which learning rate. Choosing by the test
# digits would spoil them: the result would be the best of several tries on these very digits. So an
# eighth of the training digits is set apart, the **validation set**. The test digits stay in their
# envelope.
#
# **Predict.** The simplest cut takes the last eighth of the rows. How many of those 500 digits are
# ones?

# %%
n_val = len(y_all) // 8
counts = y_all[-n_val:].bincount(minlength=10).tolist()
print("the last", n_val, "labels hold, from 0 to 9:", counts)

# %% [markdown]
# Twelve, where fifty would be fair. In the sample each digit appears 400 times, but in the order in
# which they stand in MNIST, where the ones are the most frequent: they are used up first. A model
# would be chosen almost without ones, and nothing warned us. **Shuffle**, then split:

# %%
order = torch.randperm(len(y_all), generator=torch.Generator().manual_seed(0))
val, train = order[:n_val], order[n_val:]
X_train, y_train, X_val, y_val = X_all[train], y_all[train], X_all[val], y_all[val]
print("to train:", len(y_train), " to validate:", len(y_val), " to test:", len(y_test))
print("validation digits from 0 to 9:", y_val.bincount(minlength=10).tolist())

# %% [markdown]
# ## Ten neurons side by side
#
# One neuron parts two classes. For ten take ten neurons, one for each class $k$, with weights
# $\mathbf w_k$ and bias $b_k$. Each computes a **score**
#
# $$z_k = \mathbf w_k^\top \mathbf x + b_k ,$$
#
# and the class with the highest score is the answer: the neurons compete. The scores are also called
# **logits**. As the digits do, classes begin with 0. Here is the network with 5 inputs and 3
# classes. What the box does comes next.

# %%
from course_utils.figures import softmax_network_diagram

softmax_network_diagram()

# %% [markdown]
# Five pixels, three classes. Row $k$ of the matrix $W$ holds the weights of class $k$.
#
# **Predict.** Compute the three scores on paper before you run the cell.

# %%
from torch import nn

x = torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0])  # (5,)
W = torch.tensor(
    [
        [1.0, 0.0, 1.0, 0.0, -1.0],  # the weights of class 0
        [1.0, 2.0, -1.0, 0.0, 1.0],
        [-1.0, 1.0, 0.0, 1.0, 0.0],
    ]
)  # (3, 5)
b = torch.tensor([0.0, 1.0, 0.0])  # (3,)
z_loop = [sum(w_i * x_i for w_i, x_i in zip(w, x)) + b_k for w, b_k in zip(W, b)]
z = W @ x + b  # all three at once: (3, 5) @ (5,) -> (3,)
assert torch.allclose(torch.stack(z_loop), z)

small_layer = nn.Linear(5, 3)
small_layer.load_state_dict({"weight": W, "bias": b})  # our numbers in place of its own
assert torch.allclose(small_layer(x[None]), z[None])  # [None]: a batch of one, (1, 5) -> (1, 3)
z.tolist()

# %% [markdown]
# $z_0 = 1 + 1 = 2$, $z_1 = 1 - 1 + 1 = 1$, $z_2 = -1 + 1 = 0$. One product of a matrix and a vector
# computes them all, and PyTorch's `nn.Linear` is that product with its weights inside. For many
# pictures at once the rows of $X$ are the pictures, and all scores are
# $Z = XW^\top + \mathbf b$. For real digits $W$ is $10 \times 784$, with ten biases the 7,850
# numbers of lesson 00.
#
# ## From scores to probabilities: the softmax
#
# Scores can be any numbers. Probabilities are positive and add up to 1. So raise $e$ to each score:
# now all are positive, and a higher score stays higher. Divide by their sum: now they add up to 1.
#
# $$\hat y_k = \mathrm{softmax}(\mathbf z)_k = \frac{e^{z_k}}{e^{z_0} + e^{z_1} + \dots + e^{z_{K-1}}}$$
#
# $K$ is the number of classes.
#
# **Predict.** Our scores are 2, 1 and 0. Will the first class get twice as much as the second, or
# more? And does a score of 0 get nothing?


# %%
def naive_softmax(Z):
    """Turn rows of scores into rows of probabilities: (N, K) -> (N, K)."""
    return Z.exp() / Z.exp().sum(dim=1, keepdim=True)  # keepdim: (N, 1), divides each row


probs = naive_softmax(z[None])
assert torch.allclose(probs, torch.softmax(z[None], dim=1))
[round(p, 3) for p in probs[0].tolist()]

# %% [markdown]
# The powers are $e^2 \approx 7.39$, $e^1 \approx 2.72$ and $e^0 = 1$, together 11.11. So the first
# class gets $e \approx 2.7$ times as much as the second, and the second as much more than the
# third. Whoever shared out the scores themselves (2/3, 1/3, nothing) would be lost with a negative
# one. Now turn the scores yourself:
#
# - What happens when all three scores rise by the same amount?
# - How far apart must two scores be for 99 to 1?
# - The **temperature** $T$ divides all scores before the softmax. What does a hot softmax say? And a
#   cold one?

# %%
from course_utils.explorers.softmax import softmax_dial

softmax_dial()

# %% [markdown]
# Only differences count: adding the same number to all scores multiplies every power by the same
# factor, which cancels. For 99 to 1 the scores must differ by $\ln 99 \approx 4.6$ ($\ln$ is the
# natural logarithm, in code `log`). A high temperature makes the answers alike, a low one lets the
# winner take all. In training $T$ is 1.
#
# With two classes, and 0 as the score of class 1, the softmax is the sigmoid of lesson 02:
# $\hat y_0 = e^{z_0} / (e^{z_0} + 1) = 1 / (1 + e^{-z_0}) = \sigma(z_0)$.
#
# ### Throw a three-sided die
#
# What does "66.5%" mean? Think of a loaded die with a side for each class. The model does not say
# "class 0". It says: *pictures like this one belong to the classes as this die falls.*
#
# **Predict.** Take 10,000 such pictures. One player answers 0 every time. Another throws a second
# die of the same kind for each answer. Who is right more often, and how often?

# %%
from course_utils.device import get_device, seed_everything
from course_utils.display import report
from course_utils.exercises import check, quiz

seed_everything(0)
truth = torch.multinomial(probs[0], 10_000, replacement=True)  # 10,000 times 0, 1 or 2
thrown = torch.multinomial(probs[0], 10_000, replacement=True)
always, throws = (truth == 0).float().mean().item(), (truth == thrown).float().mean().item()
report("right, always answering 0", always, 0.64, 0.69, digits=1, percent=True)
report("right, throwing for it", throws, 0.49, 0.54, digits=1, percent=True)

# %% [markdown]
# Answering 0 is right two times out of three, throwing only every other time:
# $0.665^2 + 0.245^2 + 0.090^2 \approx 0.51$. The thrower gives each class its fair share of
# answers, which tempts, but spends many on pictures that are of class 0 all the same. So a model
# **answers** with its largest score. If it is honest, that probability says how often it is right.
# In part 2 we put ours to the test.
#
# ## Broken on purpose: scores that are too large
#
# **Predict.** What does our softmax give for the scores 1000, 1001 and 1002?

# %%
large = torch.tensor([[1000.0, 1001.0, 1002.0]])
print("the powers: ", torch.exp(large).tolist())
print("the softmax:", naive_softmax(large).tolist())
print("PyTorch's:  ", [round(p, 3) for p in torch.softmax(large, dim=1)[0].tolist()])

# %% [markdown]
# No error, and three times `nan`, *not a number*. From $e^{89}$ on a number is too large for a
# `float32` and becomes `inf`, and `inf / inf` is `nan`. Everything that touches it is `nan` as well:
# the loss, the gradients, after one step all weights.
#
# PyTorch's answer is right. The remedy is in what you found with the sliders: you may add the same
# number to all scores. Choose it well.
#
# ### Exercise 1 · A softmax that does not overflow
#
# Write it with `torch.exp`. (`Z.max(dim=1, keepdim=True)` gives the largest numbers of the rows and
# their places; `.values` takes the first of the two.)


# %%
def stable_softmax(Z):
    """Return the softmax of each row, for scores of any size: (N, K) -> (N, K)."""
    ### BEGIN SOLUTION
    power = torch.exp(Z - Z.max(dim=1, keepdim=True).values)
    return power / power.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %%
check("03.softmax", stable_softmax)

# %% [markdown]
# ## How wrong is a probability? Cross-entropy
#
# Let $y$ be the number of the true class. The model gives it a probability, $\hat y_y$. As in lesson
# 02 we maximise the likelihood of all labels, or, which is the same, minimise the
# **cross-entropy**. For one picture it is
#
# $$\ell = -\ln \hat y_y ,$$
#
# and for many the mean. The probabilities of the wrong classes need not appear: they add up to 1
# with the right one.
#
# **Predict.** Give the true class 10% and the loss is 2.30, as you know from lesson 00. What is the
# mean loss of a model that knows nothing, with ten classes? And what does it cost to be sure and
# wrong, with 0.01% for the true class?

# %%
import math

for p in (1.0, 0.9, 0.5, 0.1, 0.01, 0.0001):
    print(f"probability of the true class {p:<6}   loss {math.log(1 / p):.2f}")  # = -ln p

# %% [markdown]
# A model that knows nothing gives each of ten classes 1/10 and has the loss $\ln 10 \approx 2.30$.
# Learn it by heart: a fresh model far above it is sure of things that it has not learned. To be
# sure and wrong costs 9.21, four times as much: each factor of ten costs another 2.30.
#
# ### Log-sum-exp, and why the loss takes logits
#
# Write the softmax into the loss and let the logarithm undo the exponential:
#
# $$-\ln \frac{e^{z_y}}{\sum_k e^{z_k}} = \ln \sum_k e^{z_k} \; - \; z_y$$
#
# The first part is called **log-sum-exp**, a soft maximum: a little more than the largest score. So
# the loss says: *how far does the true score stay behind the best one?* With $m$ the largest,
#
# $$\ln \sum_k e^{z_k} = m + \ln \sum_k e^{z_k - m} ,$$
#
# and now nothing overflows, since the largest power is $e^0 = 1$. No probability is computed:

# %%
import torch.nn.functional as F

z_bad, y_bad = torch.tensor([[1000.0, 0.0]]), torch.tensor([1])  # sure of class 0; it is class 1
print("-ln of a naive softmax:", -torch.log(naive_softmax(z_bad))[0, 1].item())
print("-ln of PyTorch's:      ", -torch.log(torch.softmax(z_bad, dim=1))[0, 1].item())
print("with log-sum-exp:      ", (torch.logsumexp(z_bad, dim=1) - z_bad[0, 1]).item())
print("F.cross_entropy:       ", F.cross_entropy(z_bad, y_bad).item())

# %% [markdown]
# The true loss is 1000. A probability that was rounded to 0, as PyTorch's safe softmax does here,
# has lost its logarithm. That is why `F.cross_entropy`, and `nn.CrossEntropyLoss` which calls it,
# **take logits, not probabilities**. The layer ends with scores; the softmax sits inside the loss.
#
# ### Exercise 2 · Cross-entropy from the logits
#
# `Z` holds a row of logits for each picture, `y` the true classes as whole numbers. Use
# `torch.logsumexp`.


# %%
def cross_entropy(Z, y):
    """Return the mean cross-entropy: Z (N, K), y (N,) -> one number."""
    ### BEGIN SOLUTION
    return (torch.logsumexp(Z, dim=1) - Z[torch.arange(len(y)), y]).mean()
    ### END SOLUTION


# %%
check("03.cross_entropy", cross_entropy)

# %% [markdown]
# ## Which way is down?
#
# To learn we need the slope of the loss at each score, the derivative of
# $\ell = \ln \sum_j e^{z_j} - z_y$ with respect to $z_k$. The first part gives
# $e^{z_k} / \sum_j e^{z_j}$, which is $\hat y_k$. The second gives 1 if $k$ is the true class, and 0
# otherwise. So
#
# $$\frac{\partial \ell}{\partial z_k} = \hat y_k - y_k ,$$
#
# with $\mathbf y$ as a **one-hot** row: 1 at the true class, 0 elsewhere. *What was said, minus
# what is true.* For the scores (2, 1, 0) and the true class 1 the slope is
# $(0.665, \; 0.245 - 1, \; 0.090) = (0.665, -0.755, 0.090)$. The step goes against it: the true
# class's score rises, the others fall, most of all the one that was too sure.
#
# ### Exercise 3 · The slope at the scores
#
# Write the formula for a batch, whose loss is the *mean* over the pictures. (`F.one_hot(y, K)` makes
# the one-hot rows for `K` classes.)


# %%
def score_slopes(Z, y):
    """Return the slope of the mean loss at each score: Z (N, K), y (N,) -> (N, K)."""
    ### BEGIN SOLUTION
    said, true = torch.softmax(Z, dim=1), F.one_hot(y, Z.shape[1])
    return (said - true) / len(y)
    ### END SOLUTION


# %%
check("03.slope", score_slopes)

# %% [markdown]
# To the weights it is one more step of the chain rule. The weight $w_{ki}$, of class
# $k$ and pixel $i$, reaches the loss only through $z_k$, multiplied by the pixel $x_i$. So its
# slope is $(\hat y_k - y_k)\, x_i$, and that of the bias is $\hat y_k - y_k$. For a whole batch
# this is one product of two matrices:


# %%
def slopes(W, b, X, y):
    """Return the gradients of the mean loss: W (10, 784), b (10,), X (N, 784), y (N,)."""
    P = torch.softmax(X @ W.T + b, dim=1)  # (N, 10)
    D = (P - F.one_hot(y, len(b))) / len(y)  # (N, 10): what was said minus what is true
    return D.T @ X, D.sum(dim=0)  # (10, 784), (10,)


# %% [markdown]
# ### Deeper: Autograd and Rosenblatt
#
# PyTorch's autograd must find the same.

# %%
layer = nn.Linear(784, 10)
F.cross_entropy(layer(X_val), y_val).backward()
by_hand = slopes(layer.weight.detach(), layer.bias.detach(), X_val, y_val)
assert torch.allclose(by_hand[0], layer.weight.grad, atol=1e-6)
assert torch.allclose(by_hand[1], layer.bias.grad, atol=1e-6)

# %% [markdown]
# It does. Compare Rosenblatt's rule, $\mathbf w \leftarrow \mathbf w + (y - \hat y)\,\mathbf x$. The step
# against our slope is the same formula, only that $\hat y$ is a probability now: the picture is added
# to the weights of its own class and subtracted from those of the others, in proportion to the
# error.

# %% [markdown]
# ## Break
#
# You can turn scores into probabilities, say how wrong they are, and which way is down. While you
# are away: if only the *places* of the ink count, which two digits are hard to tell apart?

# %% [markdown]
# ## Part 2 · Train it, look inside, find where it fails
#
# The digits lie ready in rows, and `slopes` says which way is down. Now the layer learns: start with
# zero weights, take 64 pictures at a time in a new order in each epoch, step against the slope.
#
# **Predict.** With zero weights one digit in ten is right. Lesson 00's reader ended at nine in ten.
# How many are right after a single epoch, with each picture seen once: 30%, 60% or 85%?

# %%
from course_utils.training import accuracy, one_cycle

device = get_device()


# %%
def train_from_scratch(X, y, lr=0.5, n_epochs=5):
    """Learn W (10, 784) and b (10,) by gradient descent on batches of 64."""
    W, b = torch.zeros(10, X.shape[1], device=X.device), torch.zeros(10, device=X.device)
    for _ in range(n_epochs):
        for rows in torch.randperm(len(X)).split(64):
            W_slope, b_slope = slopes(W, b, X[rows], y[rows])
            W -= lr * W_slope
            b -= lr * b_slope
    return W, b


print(f"loss with zero weights: {F.cross_entropy(torch.zeros(len(y_val), 10), y_val):.2f}")
seed_everything(0)
for n_epochs in (1, 5):
    W_own, b_own = train_from_scratch(X_train.to(device), y_train.to(device), n_epochs=n_epochs)
    W_own, b_own = W_own.cpu(), b_own.cpu()
    right = accuracy(X_val @ W_own.T + b_own, y_val)
    name = f"epochs: {n_epochs}; right, of the validation digits"
    report(name, right, 0.8, 0.94, percent=True)

# %% [markdown]
# Nearest to 85%: one epoch has 55 steps, and the first few go far. The loss began at $\ln 10$, as it
# must.
#
# ## Ten templates
#
# Row $k$ of $W$ has a weight for each pixel, so it can be drawn as a picture: the **template** of
# class $k$. Blue weights say "ink here speaks for this digit", orange ones "ink here speaks
# against it".
#
# **Predict.** Will the template of the 8 look like an 8? Lesson 00's means did. And what colour
# will the middle of the 0 have?

# %%
from course_utils.figures import plot_images

plot_images(
    W_own.reshape(10, 28, 28), range(10), says="What the layer has learned", columns=5, signed=True
)

# %% [markdown]
# Hardly. The middle of the 0 is orange: a zero has a hole, and ink in it is a sign that it is none.
# A mean shows what the eights have in common. A template shows what *distinguishes* them from the
# nine other digits.
#
# A score is nothing but template × image, pixel by pixel, added up, and the bias. Take a picture,
# lay a template over it, and see the votes. For the 3 that you see at first, which templates come
# second and third, and which half of the picture gives them their scores? Then find a picture where
# two templates are close.

# %%
from course_utils.explorers.softmax import template_viewer

template_viewer(W_own, b_own, X_val[:200].reshape(-1, 28, 28), y_val[:200], number=51)

# %% [markdown]
# The 2 and the 5. In the lower half all three gain. In the upper half the 3 alone does: for the two
# others orange outweighs blue, or they cancel. So this 3 is read by its upper half.
#
# Each pixel votes alone: no weight can say "ink here *and* no ink there".
#
# ## The training loop, line by line
#
# With PyTorch's parts `nn.Linear(784, 10)` holds the weights, autograd finds the slopes, and an
# **optimizer** takes the steps. We use Adam, which gives each weight a step size of its own
# (lesson 05 explains it). A **schedule** lets the learning rate rise at first and then fall almost
# to zero, so that the last steps are small; `lr` is the highest that it reaches. This loop is the
# heart of the course.


# %%
def new_model():
    """Return a fresh layer; the same one each time, so that trainings can be compared."""
    seed_everything(0)
    return nn.Linear(784, 10)


model = new_model().to(device)
X, y = X_train.to(device), y_train.to(device)
n_epochs, batch_size = 10, 64
n_steps = n_epochs * math.ceil(len(X) / batch_size)  # the last batch of an epoch may be smaller
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
schedule = one_cycle(optimizer, n_steps)
generator = torch.Generator().manual_seed(0)  # shuffles

for _ in range(n_epochs):
    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
        logits = model(X[rows])  # forward: (64, 784) -> (64, 10)
        loss = F.cross_entropy(logits, y[rows])  # how wrong?
        optimizer.zero_grad()  # forget the slopes of the last step
        loss.backward()  # backward: the slope of each weight
        optimizer.step()  # one step downhill
        schedule.step()  # the learning rate of the next step

# %% [markdown]
# You will write these lines again and again, and each of them can be forgotten. Without `zero_grad`
# the slopes of all steps pile up, and nothing complains. Without `optimizer.step()` nothing is
# learned; here PyTorch warns, but only because the schedule has stepped before the optimizer.
#
# The helper `fit` is this loop, with a progress bar and a history of loss and accuracy. It must do
# exactly the same:

# %%
from course_utils.training import fit

same_model = new_model()
history = fit(
    same_model, (X_train, y_train), val=(X_val, y_val), n_epochs=10, lr=0.01, schedule=one_cycle
)
assert torch.allclose(same_model.weight, model.weight.cpu(), atol=1e-5)
assert torch.allclose(same_model.bias, model.bias.cpu(), atol=1e-5)

# %% [markdown]
# The weights agree: same start, same order, same steps.
#
# **Predict.** Does the loss end higher on the validation digits or on the training digits?

# %%
from course_utils.figures import plot_history

plot_history(history)

# %% [markdown]
# On the validation digits: the model was fitted to the others. In the first epochs it is the other
# way round: the training numbers are means over the epoch, taken while the weights still move, and
# the validation digits come after it. The validation curve
# flattens first: what is still learned helps only with the digits that were seen. After forty
# epochs the losses are 0.07 and 0.36, more than the 0.30 here: lesson 05.
#
# ### Exercise 4 · Find the mistakes
#
# This snippet measures a batch of logits `(N, K)`. It runs without an error, and it is wrong in
# three places.
#
# ```python
# probs = torch.softmax(logits, dim=0)
# loss = F.cross_entropy(probs, y)
# accuracy = (probs.argmax() == y).float().mean()
# ```
#
# Write it rightly. Return loss and accuracy.


# %%
def judge(logits, y):
    """Return the mean loss and the share of right answers: logits (N, K), y (N,)."""
    ### BEGIN SOLUTION
    return F.cross_entropy(logits, y), (logits.argmax(dim=1) == y).float().mean()
    ### END SOLUTION


# %%
check("03.judge", judge)

# %% [markdown]
# The softmax before the loss is the hardest to find, since the model still learns. But the loss
# gives it away. "Logits" between 0 and 1 cannot be far apart. At best one is 1 and nine are 0, and
# then the loss is $\ln(e^1 + 9 e^0) - 1 \approx 1.46$. With ten classes it
# never falls below that, however good the model is.
#
# ## The result
#
# The validation curve was flat after ten epochs, so ten it is. Nothing is left to choose. So now all
# training digits are used, and then, once, we open the envelope.

# %%
from course_utils.training import evaluate, predict

final = new_model()
fit(final, (X_all, y_all), n_epochs=10, lr=0.01, schedule=one_cycle)
loss, right = evaluate(final, X_test, y_test)
report("loss on the test digits", loss, 0.24, 0.33, digits=2)
report("accuracy on the test digits", right, 0.89, 0.94, percent=True)

# %% [markdown]
# Which digits a number was measured on belongs to the number:
#
# | trained on | tested on | right |
# |---|---|---|
# | the sample's 4,000, 10 epochs | the sample's 1,000 | 91.4% (above) |
# | the sample's 4,000, 10 epochs | MNIST's official 10,000 | 90.7 to 90.8% |
# | all 60,000, 3 epochs | MNIST's official 10,000 | 92.7 to 92.9% |
#
# The ranges are those of several random starts. On 1,000 digits alone, chance makes about one
# percentage point of difference, so the first two lines do not contradict each other. Fifteen times
# as many digits bring only two points: ten templates can hold hardly more.
#
# ### Which digits are confused?
#
# Which two did you think of in the break?

# %%
from course_utils.figures import plot_confusion

logits = predict(final, X_test)  # (N, 10)
answers = logits.argmax(dim=1)  # below: a 4 called a 9 counts at place 49 of 100
confusion = torch.bincount(10 * y_test + answers, minlength=100).reshape(10, 10)
plot_confusion(confusion)

# %% [markdown]
# The 3 and the 5, twelve times. The largest single number is another one, a 4 called a 9, seven
# times; with the four 9s called a 4 that makes eleven. On 1,000 digits such counts are small. On
# the official 10,000 the 4 and the 9 lead, with the 7 and the 9 next. Such pairs share most of
# their ink.
#
# ### The worst mistakes
#
# The loss of each single picture tells how wrong the model was.

# %%
losses = F.cross_entropy(logits, y_test, reduction="none")  # one for each picture
worst = losses.argsort(descending=True)[:10]
titles = [f"{y_test[i]} read as {answers[i]}" for i in worst.tolist()]
plot_images(mnist.test_images[worst], titles, says="The ten worst mistakes", columns=5)

# %% [markdown]
# Some of these would puzzle you, too. Others are plain to you, and not to the layer: it knows ink
# at places, not strokes. Leaf through the others. How sure is it of its mistakes?


# %%
def read(images):
    """Return the final model's probabilities: (N, 1, 28, 28) from 0 to 1 -> (N, 10)."""
    return predict(final, images.flatten(1)).softmax(dim=1)


mnist_browser(
    mnist.test_images,
    mnist.test_labels,
    read,
    title="Would you have read it?",
    shown="read wrongly",
)

# %% [markdown]
# ### May you believe its percentages?
#
# Back to the die. A model is **calibrated** (lesson 02) if of all answers to which it gives 80%,
# eight in ten are right. Put the test digits into four groups, by how sure the model is. What did
# it say in each, and how often was it right?
#
# **Predict.** Will it say too much, too little, or about the truth?


# %%
def said_and_right(probs, y):
    """Return what was said of the answers and how often they were right, for four groups."""
    said, answers = probs.max(dim=1)  # (N,), (N,)
    groups = torch.bucketize(said, torch.tensor([0.5, 0.7, 0.9]))  # (N,), from 0 to 3
    right = (answers == y).float()
    return [[values[groups == g].mean().item() for g in range(4)] for values in (said, right)]


# %%
from course_utils.figures import plot_lines

probs = logits.softmax(dim=1)
said, right = said_and_right(probs, y_test)
report("it says, on average", probs.amax(dim=1).mean().item(), 0.87, 0.92, percent=True)
plot_lines(
    {"what it says": said, "how often it is right": right},
    "On digits like those it learned from, it keeps its word",
    x=said,
    xlabel="probability that the model gives its answer",
    ylabel="share of answers",
    ylim=(0, 1),
)

# %% [markdown]
# About the truth. It says 89.5% on average and is right in 91.4%; where the curves part, it is a
# little too timid. The loss taught it so: it is lowest for a model whose percentages are true.
#
# ## Where a linear reader fails
#
# Each digit stands in the middle. The makers of MNIST shifted every picture so that the **centre of
# mass** of its ink, its balance point, lies there. What if a digit stands elsewhere?
#
# **Predict.** All test digits are moved to the right by 4 pixels, a seventh of the width. How many
# will still be right: 80%, 50%, or 20%? And how sure will the model be, on average?


# %%
def shift_right(images, by):
    """Move pictures to the right, paper coming in from the left: (N, 28, 28) -> (N, 28, 28)."""
    moved = torch.zeros_like(images)
    moved[:, :, by:] = images[:, :, : 28 - by]
    return moved


test_images = X_test.reshape(-1, 28, 28)
shifted = [shift_right(test_images, by) for by in range(7)]
as_they_are = [accuracy(predict(final, images.flatten(1)), y_test) for images in shifted]
report("accuracy after 1 pixel", as_they_are[1], 0.78, 0.92, percent=True)
report("accuracy after 4 pixels", as_they_are[4], 0.12, 0.3, percent=True)
said, answers = predict(final, shifted[4].flatten(1)).softmax(dim=1).max(dim=1)
report("what it says then, on average", said.mean().item(), 0.65, 0.8, percent=True)
over_ninety = (answers == y_test)[said > 0.9].float().mean().item()
report("right, where it says over 90%", over_ninety, 0.14, 0.33, percent=True)

# %% [markdown]
# One in five is right, where blind guessing gets one in ten. You would read them all, and that
# misleads. Every weight has its fixed place, and most strokes are about three pixels wide: after
# four pixels the ink falls on other weights.
#
# And the model does not notice. It still says 73%, and even where it says more than 90%, fewer than
# one answer in three is right. Its percentages held for pictures from the distribution that it
# learned from. They promise nothing about any other.
#
# ### Centring
#
# The balance point is a mean: of all row numbers, each weighted with the ink in that row, and the
# same for the columns. In MNIST it lies at pixel 14 in both directions (counted from 0).


# %%
def centre_of_mass(images):
    """Return the balance point of each picture, row and column: (N, 28, 28) -> (N, 2)."""
    pixels, ink = torch.arange(28.0), images.sum(dim=(1, 2))
    row = images.sum(dim=2) @ pixels / ink  # (N, 28) @ (28,) -> (N,)
    column = images.sum(dim=1) @ pixels / ink
    return torch.stack([row, column], dim=1)


def centre(images):
    """Move each picture by whole pixels until its balance point lies at (14, 14)."""
    steps = (14 - centre_of_mass(images)).round().int().tolist()
    return torch.stack([image.roll(step, dims=(0, 1)) for image, step in zip(images, steps)])


centres = centre_of_mass(test_images)
print("least:  ", [round(c, 1) for c in centres.min(dim=0).values.tolist()])
print("largest:", [round(c, 1) for c in centres.max(dim=0).values.tolist()])

# %% [markdown]
# All of them lie within about half a pixel of 14.
#
# **Predict.** Move the digits by 0 to 6 pixels, centre them, and only then let the model read.
# After six pixels every second one has lost a little ink at the edge. Will the accuracy be back at
# 50%, at 70%, or nearly at 91%?

# %%
repaired = [centre(images) for images in shifted]
centred = [accuracy(predict(final, images.flatten(1)), y_test) for images in repaired]
plot_lines(
    {"as they are": as_they_are, "centred before reading": centred},
    "Without centring, two pixels are too many",
    xlabel="pixels moved to the right",
    ylabel="accuracy on the test digits",
)

# %% [markdown]
# Centring gives nearly everything back. Digits that kept all their ink are read exactly as before;
# what is missing at the end was pushed out of the frame. Such help is called **preprocessing**.
# Lesson 06 builds a network to which the place matters far less.
#
# Push single digits about, or drag them. How far can you go, *as it is* and *centred*? Then change
# the size. Centring hardly helps there. What would?

# %%
from course_utils.explorers.softmax import digit_mover

digit_mover(read, test_images[:100], y_test[:100], repair=centre, right=4)

# %% [markdown]
# ### Your digits, your model
#
# Size needs one step more, and MNIST's makers took it: they cut out the ink, scaled it to fit
# 20 × 20 pixels, and centred it last. So does the pad below, and your 7,850 numbers read. Write
# each of the ten digits once. Which does your model miss? A slashed zero, a crossed seven, a one
# with a foot: each template is one average, and such forms are rare among the 4,000.

# %%
from course_utils.canvas import DigitPad

pad = DigitPad({"your softmax": nn.Sequential(nn.Flatten(), final)}, in_page=True)
pad

# %% [markdown]
# ### Deeper: A step left out
#
# Write a digit small, in a corner, and press **X-ray**: ink, crop, scale, centre.
#
# **Predict.** What does the model say where a step is left out? `pad.ink` are the pixels of your
# drawing. If the pad is empty, a small seven in a corner stands in for it.

# %%
import numpy as np

from course_utils.ink.normalize import normalize_drawing, rasterize

small_seven = [[(0.65, 0.55), (0.89, 0.55), (0.73, 0.89)]]  # points (x, y), y down
ink = pad.ink if pad.strokes else rasterize(small_seven)  # uint8 (280, 280)
steps = {
    "shrunk to 28 × 28": normalize_drawing(ink, crop=False, center=False),
    "cropped and scaled": normalize_drawing(ink, center=False),
    "centred as well": normalize_drawing(ink),
}
seen = torch.from_numpy(np.stack(list(steps.values())))  # (3, 28, 28)
answers = read(seen[:, None]).argmax(dim=1).tolist()
titles = [f"{name}: a {answer}?" for name, answer in zip(steps, answers)]
plot_images(seen, titles, says="One drawing, three ways to hand it over", columns=3, framed=True)

# %% [markdown]
# The small seven is called a 2, twice. The first picture has its ink low and to the right; the
# second stands only a few pixels too high. The last one lies as the 4,000 lay from which the model
# learned. When an app with a good model reads you badly, look at what the model is given before you
# blame it.

# %% [markdown]
# ## Deeper: Broken on purpose, bytes into a layer

# %% [markdown]
# One last mistake that everybody makes with pictures. The images are bytes, the weights are floats.
# Read the message from its end.

# %% tags=["raises-exception"]
final(mnist.test_images[:5].flatten(1))

# %% [markdown]
# The last line names two types: `Byte`, which the picture has, and `Float`, which the weights have.
# The remedy is `to_rows(mnist.test_images[:5])`, which also scales. With `.float()` alone the error
# would be gone, and the accuracy would hardly tell: 90.9% in place of 91.4%. All weighted sums grow
# 255 times, so the largest score mostly stays the largest. But now the model is entirely sure of
# almost every answer, and the loss jumps from 0.29 to 41. Look at both numbers.

# %% [markdown]
# ## Quiz

# %%
quiz("03")

# %% [markdown]
# ## Deeper: Where the idea comes from

# %% [markdown]
# **1868** Ludwig Boltzmann weighs the states of a gas with $e^{-E/T}$, divided by the sum of all:
# the same formula, with a real temperature. **1948** Claude Shannon measures information with
# logarithms of probabilities. **1959** Duncan Luce derives how people choose, each thing in
# proportion to its score among all scores. **1990** John Bridle names the *softmax* and
# puts it at the end of neural networks. **1998** LeCun, Bottou, Bengio and Haffner publish on MNIST
# and report 12% errors for a linear classifier, trained with another loss than ours, and below 1%
# for the networks of lesson 06.

# %% [markdown]
# ## Summary
#
# - MNIST: 60,000 + 10,000 digits of 28 × 28 bytes. Scale, shuffle, split: training digits to learn,
#   validation digits to choose, test digits once.
# - One layer: scores $z_k = \mathbf w_k^\top \mathbf x + b_k$, probabilities by the softmax. With 784
#   pixels and ten classes these are 7,850 numbers, ten templates and ten biases.
# - Only differences between scores count. So subtract the largest before taking powers.
# - Cross-entropy is $-\ln$ of the true class's probability, or log-sum-exp minus the true score. It
#   takes logits. Knowing nothing costs $\ln 10 \approx 2.30$.
# - The slope at the scores is $\hat{\mathbf y} - \mathbf y$: what was said minus what is true.
# - The loop: forward, loss, `zero_grad`, `backward`, `step`. `fit` is that loop.
# - About 91% from the sample, 92.8% from the full MNIST (official test digits). Each pixel votes
#   alone and at its place, so a digit moved by four pixels is lost, unless it is centred first.
# - Its percentages hold for digits like those that it learned from. Moved by four pixels they are
#   read rightly in one of five, and the model still says 73%.
#
# **Next:** ten templates can hold no more. Lesson 04 puts a layer between pixels and scores.
#
# ## Sources
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-based learning applied to document
#   recognition.* Proceedings of the IEEE 86, 1998.
# - J. S. Bridle: *Probabilistic interpretation of feedforward classification network outputs, with
#   relationships to statistical pattern recognition.* Neurocomputing, Springer, 1990.
# - C. E. Shannon: *A mathematical theory of communication.* Bell System Technical Journal 27, 1948.
# - R. D. Luce: *Individual Choice Behavior.* Wiley, 1959.
# - L. N. Smith, N. Topin: *Super-convergence: very fast training of neural networks using large
#   learning rates.* 2018.
# - The digits: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*; the
#   course's sample and its licence are described in `data/README.md`.
