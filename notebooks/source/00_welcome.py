# %% [markdown]
# # 00 · Can a computer read your handwriting?
#
# Yes, and in this course you build the reader yourself, from a single neuron to networks that
# remember. In the next minute you write a digit, and a network reads it. After that you find out
# what its learning means.
#
# **After this lesson you can**
#
# 1. run a lesson, read an error message from its end, and get help from the check cells;
# 2. say what learning means: inputs, outputs, a distribution, a sample, a loss, and the function
#    that makes the expected loss small;
# 3. compute a mean squared error and a cross-entropy by hand and in code;
# 4. tell training error from test error, and say which one to believe;
# 5. say where deep learning came from, what it is good for, and when *not* to use it.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 40 seconds of one
# processor core of 2024.*
#
# ## First, write a digit
#
# Grey boxes like the next one hold code. Click into it, hold **Shift** and press **Enter**: the cell
# runs, and the next one is chosen. Give the first one a few seconds; a star in its brackets, `[*]`,
# means that it is at work. You need not understand the code of the first cells yet. Run it, and
# draw.

# %%
from course_utils.canvas import DigitPad
from course_utils.models import load_pretrained

DigitPad(load_pretrained("cnn"), in_page=True)

# %% [markdown]
# Write with the mouse, a pen or a finger. The large digit is the answer. The bars say how probable
# the network finds each of the ten, and they move while you write.
#
# **Predict.** Before each of these, guess what it will say. Then try.
#
# - A seven with a bar through it. A zero with a slash.
# - A four, stroke by stroke: what is it called before it is finished?
# - The smallest three that you can write, in a corner.
# - A face. Will it say that this is no digit?
#
# Small and in a corner is no trouble: your ink is cut out and enlarged before it is read. Press
# **X-ray** to see how. But a face is a digit to it, often with more than 80 in 100. It has to give
# one of ten answers, and it has never been shown anything else. Lesson 07 looks into both.
#
# This network was trained before you came, on 55,000 digits of the collection that you will meet
# below, and on many that were drawn by rule. It comes with the course, and runs in this page: no
# picture of yours leaves your machine.
#
# ## Now make your own
#
# The next cell loads what the rest of the lesson needs.

# %%
import math

import torch
import torch.nn.functional as F

from course_utils.datasets import load_mnist
from course_utils.device import get_device, seed_everything
from course_utils.display import report
from course_utils.doctor import check_machine
from course_utils.exercises import check, quiz
from course_utils.explorers.curve_fitting import curve_fitter
from course_utils.explorers.digits import mnist_browser
from course_utils.figures import agent_loop, lesson_map, plot_images, timeline
from course_utils.training import evaluate, fit, predict

seed_everything(0)
device = get_device()

# %% [markdown]
# Your reader gets 4,000 digits that people wrote by hand, each with its right answer, and looks at
# all of them five times. That takes a second or two. Then it has to read 1,000 others, which it has
# never seen.
#
# **Predict.** How many of the 1,000 will it read wrongly: about 10, about 100, or about 500?
# Commit to a number before you run the cell.

# %%
mnist = load_mnist()
reader = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10)).to(device)
fit(reader, (mnist.train_images, mnist.train_labels), n_epochs=5, lr=0.003)


def read(images):
    """Return ten probabilities for each picture: (N, 1, 28, 28) -> (N, 10)."""
    return predict(reader, images).softmax(dim=1)


# %% [markdown]
# The accuracy beside the bar counts the digits that it has learned from. Now for the new ones. The
# ten bars below say how probable the reader finds each answer. Choose a digit in the menu, press
# *Next*, or move the slider. Then set *show* to *read wrongly*.

# %%
mnist_browser(mnist.test_images, mnist.test_labels, read, title="What does it read?", number=4)

# %% [markdown]
# How many of all the new digits does it get right? Count them:

# %%
accuracy_of_reader = evaluate(reader, mnist.test_images, mnist.test_labels).accuracy
report("read rightly, of new digits", accuracy_of_reader, 0.88, 0.94, percent=True)

# %% [markdown]
# About one in ten is wrong. Whoever guessed 10 thought of how well *people* read digits. Whoever
# guessed 500 thought of how little it has had: five looks at 4,000 pictures, and nobody told it what
# a loop or a stroke is. Here are the twelve mistakes of which it was surest.

# %%
probs = read(mnist.test_images)  # (N, 10)
answers = probs.argmax(dim=1)  # the position of the largest: the answer
sureness = probs.max(dim=1).values * (answers != mnist.test_labels)  # 0 where it was right
worst = sureness.argsort(descending=True)[:12].tolist()
titles = [f"{mnist.test_labels[i]} read as {answers[i]}" for i in worst]
plot_images(mnist.test_images[worst], titles, says="Sure and wrong", columns=6)

# %% [markdown]
# One or two may puzzle you as well. Most are plain to you, and yet the reader is sure of something
# else.
#
# What is it? A plain one: a single layer, ten weighted sums of the 784 pixels, 7,850 numbers in all.
# Lesson 03 builds it from nothing, under the name *softmax regression*. Better ones follow: from the
# same 4,000 digits, a network of the kind that lesson 06 builds learns to read about 98 of 100.
#
# Let both read you: your reader of two seconds, and the one that came with the course. Write a digit
# on which they differ.

# %%
DigitPad({"yours": reader, "course's": load_pretrained("cnn")}, in_page=True)

# %% [markdown]
# A crooked digit will do, or one written in a way that the 4,000 hardly show.
#
# ## Is your machine ready?
#
# The next cell looks whether everything is in place: Python, the packages, the data, and a device
# to compute on. It takes about ten seconds. The table with the details appears only on your screen,
# since it differs from machine to machine.

# %%
check_machine()
print(mnist.description)

# %% [markdown]
# Did it find a problem? Each problem comes with its remedy. A *note* is no problem.
#
# - **The device** is the part of the machine that computes: the processor (`cpu`), or a graphics
#   card, `cuda` (NVIDIA) or `mps` (Apple). `get_device()` tries a small computation on each and
#   takes the first that gives right results. All lessons are made so that a CPU suffices.
# - **The data** are handwritten digits from MNIST, the best known collection of them. The bundled
#   sample has 5,000. The full set has 70,000, and one command fetches it; nothing in the course
#   needs it. Where it is found, all lessons use it, and your numbers may differ from those in the
#   text. The reader above gets 92.4% of the 10,000 official test digits right when it learns from
#   all 60,000 training digits.
#
# ## How this course works
#
# **Predict, run, explain.** Before a result is shown, a question asks for your guess. Make one. A
# wrong guess that you have made is worth more than a right answer that you have read.
#
# **Cells.** Run them from top to bottom. Change them as you like; nothing can break. *Kernel →
# Restart Kernel and Run All Cells* brings you back to a clean start.
#
# **Exercises** have a cell with `...` for you to replace, and a check cell below. The check tries
# your answer on several inputs. It shows the smallest one that goes wrong and often knows the
# mistake. There are three hints, and below them the solution, folded away. Later cells never need
# your answer, so you can always go on.
#
# **Quizzes** say for every answer why it is right or wrong.
#
# **Stuck?** Read the last line of the error. Look at shapes with `print(x.shape)`. Restart and run
# everything above. Open the hints one at a time. Where the machine itself seems to be at fault, run
# `python -m course_utils doctor` in a terminal, and look into the project's README.
#
# ## Broken on purpose
#
# Every lesson breaks something, so that you meet each error once in good company. This one wants to
# know how many seconds of work lie in today's post.

# %% tags=["raises-exception"]
letters_today * seconds_per_letter

# %% [markdown]
# Read an error message **from its end**. The last line says what happened: a `NameError`, and the
# name that Python does not know. The lines above say where: the arrow points to the line.
#
# The cause is the order. The names get their values in the *next* cell, and Python knows only what
# was **run**, in the order in which it was run. Where a cell stands on the page does not count; the
# numbers in brackets do. Run the next cell, then go back and run the broken one again.

# %%
letters_today = 30_000
seconds_per_letter = 0.1

# %% [markdown]
# Now it gives 3000.0. If a name is "not defined" and you can see its definition further up, you have
# not run that cell since the last restart. *Run → Run All Above Selected Cell* is the remedy.
#
# ## What learning means
#
# Back to the reader. Who writes a program usually writes down the rule. For digits nobody can:
# try to say in numbers what makes 784 grey values a seven. Instead we *show examples* and let the
# computer look for the rule. Five words make this exact.
#
# 1. **Inputs** $X$: all that may come. Here every picture of 28 × 28 pixels with 256 grey values
#    each. That is $256^{784}$ pictures, a number with 1,889 digits.
# 2. **Outputs** $Y$: all that may be answered. Here the ten digits.
# 3. **A distribution** $D$ over $X \times Y$, that is, over pairs of a picture and its answer. It
#    says how likely each pair is to come. A neat seven with the answer 7 is likely; grey noise is
#    not; a picture between 1 and 7 comes with both answers, each with some probability. Nobody knows
#    $D$. It is the way in which people write.
# 4. **A sample**: $n$ pairs $(x_1, y_1), \dots, (x_n, y_n)$ drawn from $D$. They should be **i.i.d.**:
#    *independent* (no draw changes another) and *identically distributed* (all come from the same
#    $D$).
# 5. **A loss** $\ell(\hat y, y)$: what it costs to answer $\hat y$ where $y$ is right. The hat marks
#    an answer that was computed.
#
# Learning looks for a function $f$ from $X$ to $Y$ that makes the **expected loss** small: the mean
# loss over everything that may come, each pair counted as often as $D$ brings it.
#
# $$L(f) = \mathbb E_{(x, y) \sim D}\big[\ell(f(x), y)\big]$$
#
# Read: $L$ of $f$ is the expectation, over pairs drawn from $D$, of the loss of $f$'s answer.
#
# ### A distribution that fits into your hand
#
# For a die we do know $D$: six outcomes, each with probability 1/6. There is no input, so $f$ is one
# number, our guess. Let the loss be the squared difference.
#
# **Predict.** Which guess has the smallest expected loss: 1, 3, 3.5 or 6? You may guess a number that
# never comes.

# %%
faces = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
for guess in (1, 3, 3.5, 6):
    expected_loss = ((guess - faces) ** 2).mean()
    print(f"guess {guess}: expected loss {expected_loss:.2f}")

# %% [markdown]
# 3.5, the mean of the outcomes, wins with 2.92. The 3 tempts, since it can be exactly right and 3.5
# never is. But this loss asks how far off a guess lies, not how often it hits, and 3 lies far from
# the 6. No guess comes to 0: a die has chance in it, and no learner can remove that. The same holds
# for digits which even people read in two ways.
#
# For handwriting we cannot go through all pairs. What we *can* do is to draw a sample and take the
# mean over it. The more we draw, the nearer it comes. Here are rolls of a die, always with the guess
# 3.5:

# %%
for n in (10, 1000, 100_000):
    rolls = torch.randint(1, 7, (n,))  # n numbers from 1 to 6, i.i.d.
    print(f"{n:>7,} rolls: mean loss {((3.5 - rolls) ** 2).mean():.2f}")

# %% [markdown]
# With 100,000 rolls the mean is within a few hundredths of 2.92. With 10 it easily misses by half
# a point or more. All of learning from data rests on this: **a mean over a sample stands for an
# expectation that we cannot compute.**
#
# ## Two losses, by hand
#
# ### Mean squared error
#
# Where the answer is a number, we square the difference. Three predictions, by hand:
#
# | right $y$ | predicted $\hat y$ | error $\hat y - y$ | squared |
# |---|---|---|---|
# | 3 | 2.5 | −0.5 | 0.25 |
# | 5 | 5 | 0 | 0 |
# | 2 | 4 | 2 | 4 |
#
# The **mean squared error** (MSE) is the mean of the last column: 4.25 / 3 ≈ 1.42. The error of 2
# counts 16 times as much as the error of 0.5, since it is four times as large. As a formula:
#
# $$\text{MSE} = \frac{1}{n} \sum_{i=1}^{n} (\hat y_i - y_i)^2$$
#
# The $\sum$ adds up what follows it, for $i = 1$, then 2, and so on to $n$.
#
# ### Exercise 1 · Mean squared error
#
# Write it as a function of two tensors of the same length, `y_hat` for $\hat y$ and `y`. A **tensor**
# is PyTorch's word for an array of numbers: `y_hat - y` subtracts number by number, `t ** 2` squares
# each, and `t.mean()` gives the mean. Its **shape** says how many numbers it has: `(N,)` is a row of
# $N$ numbers, `(N, K)` a table with $N$ rows and $K$ columns.

# %%
def mean_squared_error(y_hat, y):
    """Return the mean of the squared differences: (N,), (N,) -> one number."""
    ### BEGIN SOLUTION
    return ((y_hat - y) ** 2).mean()
    ### END SOLUTION


# %%
check("00.mse", mean_squared_error)

# %% [markdown]
# In this course every formula is computed three ways: as a loop, on whole tensors, and by PyTorch's
# own function. `assert` stops with an error unless what follows is true. So this cell, by running to
# its end, says that all three agree.

# %%
y = torch.tensor([3.0, 5.0, 2.0])
y_hat = torch.tensor([2.5, 5.0, 4.0])

total = 0.0
for i in range(3):
    total += (y_hat[i] - y[i]) ** 2
by_loop = total / 3
by_tensors = ((y_hat - y) ** 2).mean()

assert torch.allclose(by_loop, by_tensors)
assert torch.allclose(by_tensors, F.mse_loss(y_hat, y))
print(f"MSE = {by_tensors:.4f}")

# %% [markdown]
# ### Cross-entropy
#
# Where the answer is one of several classes, a model gives probabilities, as our reader does. Then
# the loss asks one thing: **which probability $p$ did the right answer get?** It is
# $-\ln p$, with the natural logarithm, and **cross-entropy** is the name of its mean.
#
# Three letters are sorted for three cities, 0, 1 and 2:
#
# | right $y$ | $p_0$ | $p_1$ | $p_2$ | $p$ of the right one | $-\ln p$ |
# |---|---|---|---|---|---|
# | 0 | 0.7 | 0.2 | 0.1 | 0.7 | 0.357 |
# | 1 | 0.3 | 0.5 | 0.2 | 0.5 | 0.693 |
# | 2 | 0.8 | 0.1 | 0.1 | 0.1 | 2.303 |
#
# The mean is (0.357 + 0.693 + 2.303) / 3 ≈ 1.12. Two letters of three go to the right city, but
# the third costs more than twice as much as both others together: the model was sure of something
# else.
#
# **Predict.** What would the last row cost with $p = 0.01$ instead of 0.1: ten times as much, twice
# as much, or 0.09 more?

# %%
for p in (0.99, 0.7, 0.5, 0.1, 0.01):
    print(f"p = {p:<4}  loss = {-math.log(p):.3f}")

# %% [markdown]
# Twice as much: 4.605 instead of 2.303. "Ten times" tempts, since $p$ is ten times smaller. But a
# logarithm turns factors into steps: each further factor of ten adds 2.303. "0.09 more" is how much
# $p$ itself has changed. At $p = 1$ the loss is 0, towards $p = 0$ it grows without end. A model may
# be in doubt; it may not be sure and wrong.
#
# ### Exercise 2 · Cross-entropy
#
# `probs` has a row for each example and a column for each class; `y` holds the right classes. The
# line `probs[torch.arange(len(y)), y]` picks from each row (`torch.arange(n)` counts them: 0, 1, 2 to
# n − 1) the number in column `y`. That is the column "p of the right one" of the table. `t.log()`
# takes natural logarithms.

# %%
def cross_entropy(probs, y):
    """Return the mean of -ln p, p being the probability of the right class: (N, K), (N,)."""
    ### BEGIN SOLUTION
    p = probs[torch.arange(len(y)), y]  # (N, K) -> (N,)
    return -p.log().mean()
    ### END SOLUTION


# %%
check("00.cross_entropy", cross_entropy)

# %% [markdown]
# Again three ways. (PyTorch's `nll_loss` takes the logarithms of the probabilities. Its better known
# `cross_entropy` wants neither probabilities nor their logarithms; lesson 03 explains why.)

# %%
probs = torch.tensor([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.8, 0.1, 0.1]])
y = torch.tensor([0, 1, 2])

by_loop = sum(-probs[i, y[i]].log() for i in range(3)) / 3
by_tensors = -probs[torch.arange(3), y].log().mean()

assert torch.allclose(by_loop, by_tensors)
assert torch.allclose(by_tensors, F.nll_loss(probs.log(), y))
print(f"cross-entropy = {by_tensors:.3f}")

# %% [markdown]
# ## Training error and test error
#
# Learning makes the loss small on the *training examples*. Wanted is a small loss on what is still
# to come. Are these the same?
#
# Here is a learner that is perfect on its training examples. It remembers every picture with its
# answer, in a dictionary. A picture that it has not seen it calls 0.
#
# **Predict.** What share of the 1,000 new digits will it get right: 0%, 10% or 50%?

# %%
memory = {
    image.numpy().tobytes(): int(label)
    for image, label in zip(mnist.train_images, mnist.train_labels)
}


def share_remembered(images, labels):
    recalled = torch.tensor([memory.get(image.numpy().tobytes(), 0) for image in images])
    return (recalled == labels).float().mean().item()


print(f"training digits: {share_remembered(mnist.train_images, mnist.train_labels):.0%}")
print(f"new digits:      {share_remembered(mnist.test_images, mnist.test_labels):.0%}")

# %% [markdown]
# Perfect on the old, useless on the new. Not one of the new pictures is among the old ones, pixel for
# pixel, so it says 0 to all of them. 0% tempts for that reason; but one new digit in ten *is* a zero.
# **Remembering is not learning.**
#
# So examples are parted. With the **training set** the model learns. With the **test set** it is
# judged, once, at the end. The mean loss on the training set is the **training error**; it was made
# small, so it is too kind. The mean loss on the test set is the **test error**. It is an honest
# estimate of the expected loss, because $f$ was chosen without it. Our reader:

# %%
train_error, train_accuracy = evaluate(reader, mnist.train_images, mnist.train_labels)
test_error, test_accuracy = evaluate(reader, mnist.test_images, mnist.test_labels)
report("cross-entropy, training", train_error, 0.22, 0.34)
report("cross-entropy, test", test_error, 0.24, 0.40)
report("right, training", train_accuracy, 0.91, 0.95, percent=True)
report("right, test", test_accuracy, 0.88, 0.94, percent=True)

# %% [markdown]
# There is a gap, and it is small. How wide it becomes depends on two things: how **flexible** the
# model is, and how **many examples** it has. Play with both.
#
# In the next figure, $x$ is drawn evenly from 0 to 1, and $y = \sin(2\pi x)$ plus chance: that is
# our $D$, and this time we know it. The learner sees $n$ points and fits a polynomial, a curve of the
# form $a_0 + a_1 x + a_2 x^2 + \dots$ The highest power is its **degree**: degree 1 is a straight
# line, and each further degree allows one more bend.
#
# **Predict.** With 10 points, which degree from 0 to 9 has the smallest training error? And which has
# the smallest error on new points?

# %%
def rule(x):
    """Return what y is on average at x."""
    return torch.sin(2 * math.pi * torch.as_tensor(x))


def draw_sample(n):
    """Draw n pairs (x, y), i.i.d."""
    x = torch.rand(n)
    return x, rule(x) + 0.25 * torch.randn(n)


seed_everything(0)  # the same points for everybody
curve_fitter(draw_sample, rule, sample=2)

# %% [markdown]
# Degree 9 goes through all ten points: training error 0. It tempts to expect the same on new points,
# but between the ten it swings wildly. Degree 3 errs a little on the training points and is the best
# on new ones, in each of the ten samples: look at some with the slider. A straight line is too
# stiff and wrong on both. Now move *points n* to 100: the gap nearly closes, even for degree 9.
#
# The dotted line on the right is what chance alone costs: the error of the rule itself. On the
# average over all that may come no curve does better, as no guess does better than 2.92 with the
# die. Lesson 05 returns to all this.
#
# ### Exercise 3 · Find the mistake
#
# A student measured the reader with this function, and proudly reports 372%.
#
# ```python
# def accuracy_on_new(classify, X_train, y_train, X_test, y_test):
#     right = 0
#     for x, y in zip(X_train, y_train):
#         right += classify(x) == y
#     return right / len(y_test)
# ```
#
# Two things are wrong. Write it rightly: the share of *new* examples that `classify` gets right.

# %%
def accuracy_on_new(classify, X_train, y_train, X_test, y_test):
    """Return the share of new examples that are classified rightly."""
    ### BEGIN SOLUTION
    right = [classify(x) == y for x, y in zip(X_test, y_test)]
    return sum(right) / len(right)
    ### END SOLUTION


# %%
check("00.accuracy", accuracy_on_new)

# %% [markdown]
# ## Supervised and unsupervised
#
# So far each example came with its right answer. That is **supervised** learning: pairs $(x, y)$, and
# someone, the supervisor, has written down every $y$. An even plainer supervised reader than ours
# takes the mean picture of each digit:

# %%
X_train = mnist.train_images.flatten(1).float() / 255  # (N, 28, 28) -> (N, 784), 0 to 1
X_test = mnist.test_images.flatten(1).float() / 255
means = torch.stack([X_train[mnist.train_labels == digit].mean(dim=0) for digit in range(10)])
plot_images(means.reshape(10, 28, 28), range(10), says="The mean of each digit")

# %% [markdown]
# A new digit gets the answer of the mean that is **nearest** to it. Distance is taken as in
# geometry: differences, squared, summed; only with 784 numbers instead of two or three. (The square
# root at the end can be left out: it does not change which distance is the smallest.)
#
# ### Exercise 4 · Nearest mean
#
# `x` is one picture as a row of numbers, and `means` has one such row for each class. Return the
# position of the nearest row. (`means - x` subtracts `x` from each row. `t.sum(dim=1)` adds up each
# row. `t.argmin()` gives the position of the smallest number. The check begins with "pictures" of
# two numbers, points in the plane.)

# %%
def nearest(x, means):
    """Return the position of the row of means nearest to x: (784,), (10, 784) -> 0 to 9."""
    ### BEGIN SOLUTION
    distances = ((means - x) ** 2).sum(dim=1)  # (10, 784) -> (10,)
    return distances.argmin()
    ### END SOLUTION


# %%
check("00.nearest", nearest)

# %% [markdown]
# **Predict.** This reader has no training loop at all, only ten means. How many of 100 new digits
# does it read: 10, 50, or 80?

# %%
nearest_means = torch.cdist(X_test, means).argmin(dim=1)  # all distances at once: (N, 784) -> (N,)
one_by_one = [((means - x) ** 2).sum(dim=1).argmin() for x in X_test[:100]]
assert torch.equal(nearest_means[:100], torch.stack(one_by_one))
share = (nearest_means == mnist.test_labels).float().mean().item()
report("nearest mean, of new digits", share, 0.79, 0.85, percent=True)

# %% [markdown]
# About 80, from ten averages. (On the full MNIST it is 82.0%.) 50 tempts, since the means look so
# blurred; but a mean need not be a good picture of a digit, it only has to be nearer than nine others.
# Whenever you meet a clever model, ask first what such a plain one reaches.
#
# **Unsupervised** learning has inputs only; nobody has written down a $y$. It looks for structure in
# $X$ itself. Take away the labels and ask for ten groups of pictures that are alike: start from ten
# digits drawn by chance, give each picture to the nearest, move each centre to the mean of its
# group, and repeat. This is called **k-means**.
#
# **Predict.** Ten digits, ten groups: will each digit get a group of its own?

# %%
centres = X_train[torch.randperm(len(X_train))[:10]]
for _ in range(20):
    group = torch.cdist(X_train, centres).argmin(dim=1)  # (N, 784), (10, 784) -> (N,)
    centres = torch.stack([X_train[group == k].mean(dim=0) for k in range(10)])
plot_images(centres.reshape(10, 28, 28), says="Ten groups, found without a single label")

# %% [markdown]
# No. Digits appear that nobody named, and some centres show one digit clearly. Others mix two or
# three, such as 4, 7 and 9, and no centre shows a five: most fives went with the threes and the
# eights. (Run the cell again: it starts from other pictures and may end with other groups.) Yes tempts
# because *we* see ten kinds. The groups come without names, and without a promise that they are the
# ones you wanted.
#
# ## Hand-made features, or learned ones
#
# **Artificial intelligence** is the widest word. **Machine learning** is the part of it that gets its
# rules from data. **Deep learning** is the part of machine learning that stacks many layers, each of
# which makes its own features from those of the layer before.
#
# A **feature** is a number that is computed from the input and helps to answer. For decades people
# made them by hand. Here is one: the amount of ink.
#
# **Predict.** Of 100 digits that are zeros or ones, how many does ink alone tell apart: about 50, 75
# or 95? And of 100 fours or nines?

# %%
def read_by_ink(low, high):
    """Return the share of digits low (less ink) and high (more) that a threshold tells apart."""
    ink = {d: X_train[mnist.train_labels == d].mean() for d in (low, high)}
    threshold = (ink[low] + ink[high]) / 2
    rows = (mnist.test_labels == low) | (mnist.test_labels == high)
    says_high = X_test[rows].mean(dim=1) > threshold  # (M, 784) -> (M,)
    return (says_high == (mnist.test_labels[rows] == high)).float().mean().item()


report("0 or 1, by ink alone", read_by_ink(low=1, high=0), 0.90, 0.96, percent=True)
report("4 or 9, by ink alone", read_by_ink(low=4, high=9), 0.45, 0.60, percent=True)

# %% [markdown]
# One number parts zeros from ones, nearly. Between fours and nines it tosses a coin: the loop of the
# nine looks like more ink, yet on the average both have as much. Somebody has to invent the next
# feature, and the next. A deep network finds features by itself. It pays with data and with computing
# time.
#
# | | hand-made features | learned features (deep learning) |
# |---|---|---|
# | who knows the subject | people put it into features | the network takes it from examples |
# | examples needed | tens to thousands | thousands to millions |
# | computing | seconds | minutes to months |
# | shines on | tables with columns that mean something | pictures, sound, text |
# | explains itself | often | seldom |
#
# **When not to use deep learning.**
#
# - The rule is known: postage follows from a weight and a table of prices.
# - There are few examples, or the data are a table with a dozen columns. Logistic regression or
#   trees are as good there, often better, and cheaper.
# - Every single decision must be explained to those whom it concerns.
# - The world will change after training, and nobody will notice.
# - You have not tried the plain model yet. Without its number you cannot say what a deep one is
#   worth.
#
# ## A machine that acts
#
# Reading is of use when something follows from it. An **agent** is whatever perceives its
# *environment* through *sensors* and acts on it through *actuators*. A *performance measure* says
# from outside how well it does. With these four words anything that acts can be described, such as a
# mail-sorting machine:

# %%
agent_loop()

# %% [markdown]
# | | in the mail-sorting machine |
# |---|---|
# | performance measure | share of letters in the right bin, letters an hour, letters handed to people because it was unsure |
# | environment | letters on a belt, all the handwritings of a country, ink, stains, windows in envelopes |
# | actuators | gates that open a bin, a printer that adds a bar code |
# | sensors | a camera, a light barrier that notices a letter |
#
# Now you see what the loss is for: it puts the performance measure into a formula that can be made
# small. If a letter to the wrong city costs more than one that a person looks at, the loss should
# say so.
#
# **What is intelligence, then?** Stuart Russell and Peter Norvig sort the answers into four readings
# of AI:
#
# | | like people | rationally |
# |---|---|---|
# | **thinking** | models of the human mind; tested against psychology | the laws of right inference; logic |
# | **acting** | Turing's test of 1950: can you tell it from a person? | doing what serves the goal best, given what is known |
#
# This course follows **acting rationally**. Our reader is good if its expected loss is small. It
# need not read as you read, and the pictures of its mistakes above show that it does not.
#
# ## Where it is used
#
# | | input $x$ | output $y$ |
# |---|---|---|
# | search | a question and a page | how well they fit |
# | speech | sound pressure over time | words |
# | cheque reading | a picture of the amount | the amount |
# | spam | the text of a message | spam or not |
# | fraud | a payment and those before it | honest or not |
# | image captions | a picture | a sentence |
#
# Cheques came early: in 1998 Yann LeCun and his colleagues reported that a system built on their
# convolutional networks was reading several million of them a day.
#
# ## Where it comes from

# %%
timeline()

# %% [markdown]
# Read it as two threads. One is the *model*: threshold units that were set by hand (1943), the
# perceptron that learns (1957/58), what one layer cannot do (1969), more layers, trained
# with backpropagation (1986), convolutions for pictures (1989, and 1998 as LeNet-5), memory for
# sequences (1997). The other is *how to find the weights*: stochastic approximation (1951, 1952) is
# the root of the method that trains every network in this course, and Adam (2014) is one of its
# latest forms. It trained the reader above. Cox's logistic regression (1958) comes from statistics;
# in lesson 02 it turns out to be a neuron.
#
# 2012 brought the breakthrough, in a contest with pictures from the collection ImageNet: 1.2 million
# to train with, in 1,000 classes. An answer counted as right if the class was among the five best guesses. AlexNet, by Alex
# Krizhevsky, Ilya Sutskever and Geoffrey Hinton, came to an error of 15.3%; the runner-up had 26%.
#
# **Why then, and not in 1989?** Four things came together.
#
# - **Data.** 9,298 digits from envelopes in LeCun's work of 1989, 1.2 million pictures in 2012.
# - **Compute.** AlexNet trained for five to six days on two graphics cards made for games.
# - **Expressive models and tricks of optimisation.** Many layers, ReLU, dropout, better starting
#   weights; later batch normalisation and Adam. Lessons 04 to 06 take them one by one.
# - **Frameworks.** AlexNet still ran on code of its own. Soon free programs that find gradients by
#   themselves opened the way to everybody. They came and went:
#
# | | began | at | and then |
# |---|---|---|---|
# | Theano | 2007 | Université de Montréal | derived gradients from formulas written in Python; development ended in 2017 |
# | Caffe | 2013 | Berkeley | the standard for pictures for some years; its successor Caffe2 went into PyTorch in 2018 |
# | MXNet | 2015 | several universities, then Apache | retired in 2023 |
# | TensorFlow | 2015 | Google | alive; mostly used through Keras |
# | PyTorch | 2016 | Facebook, since 2022 the Linux Foundation | used in this course |
#
# Do not learn a framework by heart. Learn what it computes. That is why this course writes every
# formula by hand beside PyTorch's own.
#
# ## Quiz

# %%
quiz("00")

# %% [markdown]
# ## The way from here

# %%
lesson_map()

# %% [markdown]
# Each lesson needs only those before it. The first parts build the reader, layer by layer; the last
# ones let networks remember, forget, dream, and run on many machines.
#
# ## Summary
#
# - Learning looks for a function $f$ from $X$ to $Y$ that makes the expected loss over an unknown
#   distribution $D$ small. All it has is a sample of $n$ i.i.d. pairs.
# - Mean squared error: the mean of $(\hat y - y)^2$. Cross-entropy: the mean of $-\ln p$, with $p$
#   the probability given to the right answer.
# - Training error is too kind. Test error, on examples that played no part in learning, estimates
#   the expected loss. A flexible model with few examples has a wide gap between the two.
# - Supervised: inputs with answers. Unsupervised: inputs alone.
# - An agent perceives, acts, and is judged by a performance measure. This course reads AI as *acting
#   rationally*.
# - Deep learning learns its own features, at the price of data and compute. Try the plain model
#   first.
# - Errors are read from the end; what counts is the order in which cells were run.
#
# **Next:** the reader has 7,850 numbers. Lesson 01 begins with three, in a single neuron, and lets
# you watch each of them being learned.
#
# ## Sources
#
# - S. Russell, P. Norvig: *Artificial Intelligence: A Modern Approach.* Agents and the four readings
#   of AI.
# - V. Vapnik: *The Nature of Statistical Learning Theory.* Springer, 1995. Learning as minimising an
#   expected loss.
# - H. Robbins, S. Monro: *A stochastic approximation method*, 1951. J. Kiefer, J. Wolfowitz:
#   *Stochastic estimation of the maximum of a regression function*, 1952. Both in the Annals of
#   Mathematical Statistics.
# - D. R. Cox: *The regression analysis of binary sequences.* Journal of the Royal Statistical
#   Society B 20, 1958.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning representations by back-propagating
#   errors.* Nature 323, 1986.
# - Y. LeCun et al.: *Backpropagation applied to handwritten zip code recognition.* Neural
#   Computation 1, 1989; and *Gradient-based learning applied to document recognition.* Proceedings
#   of the IEEE 86, 1998.
# - S. Hochreiter, J. Schmidhuber: *Long short-term memory.* Neural Computation 9, 1997.
# - A. Krizhevsky, I. Sutskever, G. E. Hinton: *ImageNet classification with deep convolutional neural
#   networks.* NIPS 2012.
# - D. P. Kingma, J. Ba: *Adam: a method for stochastic optimization.* arXiv:1412.6980, 2014.
# - McCulloch and Pitts, Rosenblatt, Minsky and Papert: see lesson 01. The digits: see
#   `data/README.md`.
