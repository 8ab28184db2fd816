# %% [markdown]
# # 00 · Can a computer read your handwriting?
#
# Yes, and in this course you build the reader yourself, from a single neuron to networks that
# remember. In the next minute you write a digit, and a network reads it. Then you find out what its
# learning means.
#
# **After this lesson you can**
#
# 1. run a lesson, and read an error message from its end;
# 2. say what learning means: inputs, outputs, a distribution, a sample, a loss, and the function
#    that makes the expected loss small;
# 3. compute a mean squared error and a cross-entropy by hand and in code;
# 4. tell training error from test error, and say which one to believe;
# 5. say where deep learning came from, and when *not* to use it.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 25 seconds of one
# processor core of 2024.*

# %% [markdown]
# ## First, write a digit
#
# Grey boxes like the next one hold code. Click into it, hold **Shift** and press **Enter**: the
# cell runs, and the next one is chosen. A star in its brackets, `[*]`, means that it is at work.
# You need not understand the code yet. Run it, and draw.

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
# Small and in a corner is no trouble: your ink is cut out and enlarged before it is read (press
# **X-ray**). But a face is a digit to it, often with more than 80 in 100. It has to give one of ten
# answers, and it has never been shown anything else.
#
# This network was trained before you came. It runs in this page: no picture of yours leaves your
# machine.
#
# ## Is your machine ready?
#
# Next you make a reader of your own. First a look whether everything is in place; it takes about
# ten seconds. The table with the details differs from machine to machine. Each problem comes with
# its remedy; a *note* is no problem.

# %%
from course_utils.datasets import load_mnist
from course_utils.device import get_device, seed_everything
from course_utils.doctor import check_machine

check_machine()
device = get_device()  # what computes: "cpu", the processor, or a graphics card, "cuda" or "mps"
mnist = load_mnist()
print(mnist.description)

# %% [markdown]
# MNIST is the best known collection of handwritten digits. The sample that comes with the course is
# enough. Where the full set of 70,000 is found, lessons use it, and your numbers may differ from
# those in the text.
#
# ## Make your own reader
#
# It gets the training digits, each with its right answer, and looks at all of them five times, in a
# second or two. Then it has to read the test digits, which it has never seen.
#
# **Predict.** How many of 1,000 new digits will it read wrongly: about 10, about 100, or about 500?
# Commit to a number before you run the cell.

# %%
import torch

from course_utils.training import fit, predict

seed_everything(0)  # the same chance for everybody
reader = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10)).to(device)
fit(reader, (mnist.train_images, mnist.train_labels), n_epochs=5, lr=0.003)


def read(images):
    """Return ten probabilities for each picture: (N, 1, 28, 28) -> (N, 10)."""
    return predict(reader, images).softmax(dim=1)


# %% [markdown]
# The accuracy beside the bar counts the digits that it has learned from. Now for the new ones.
# Choose a digit in the menu, or press *Next*. Then set *show* to *read wrongly*.

# %%
from course_utils.explorers.digits import mnist_browser

mnist_browser(mnist.test_images, mnist.test_labels, read, title="What does it read?", number=4)

# %% [markdown]
# How many of all the new digits does it get right, and of which mistakes was it surest?

# %%
from course_utils.display import report
from course_utils.figures import plot_images

probs = read(mnist.test_images)  # (N, 10)
answers = probs.argmax(dim=1)  # the position of the largest: the answer
right = answers == mnist.test_labels
report("read rightly, of new digits", right.float().mean().item(), 0.88, 0.94, percent=True)

sureness = probs.max(dim=1).values * ~right  # 0 where it was right
worst = sureness.argsort(descending=True)[:12].tolist()
titles = [f"{mnist.test_labels[i]} read as {answers[i]}" for i in worst]
plot_images(mnist.test_images[worst], titles, says="Sure and wrong", columns=6)

# %% [markdown]
# About 100 of 1,000 are wrong. Whoever guessed 10 thought of how well *people* read digits. Whoever
# guessed 500 thought of how little it has had: five looks at 4,000 pictures, and nobody told it
# what a loop or a stroke is. (From all 60,000 digits of the full set it learns to read 92.4% of the
# official test digits.) Most of these twelve are plain to you, and yet the reader is sure of
# something else.
#
# What is it? A single layer: ten weighted sums of the 784 pixels, 7,850 numbers in all. Lesson 03
# builds it from nothing. From the same 4,000 digits, a network of lesson 06 learns to read about 98
# of 100.
#
# Let both read you: your reader of two seconds, and the one that came with the course. Write a
# digit on which they differ, a crooked one for example.

# %%
DigitPad({"yours": reader, "course's": load_pretrained("cnn")}, in_page=True)

# %% [markdown]
# ## How this course works
#
# - **Predict:** a wrong guess that you have made is worth more than a right answer that you have read.
# - **Cells.** Run them from top to bottom. Change them as you like. *Kernel → Restart Kernel and Run
#   All Cells* brings you back to a clean start.
# - **Exercises** have a cell with `...` for you to replace, and a check cell, which tries your answer
#   and often knows the mistake. Below it the solution is folded away. Later cells never need your
#   answer.
# - **Deeper** sections are folded, too. Nothing later needs them.
# - **Stuck?** Restart and run everything above. Where the machine itself seems to be at fault, run
#   `python -m course_utils doctor` in a terminal.
#
# ## Broken on purpose
#
# Every lesson breaks something. How many seconds of work lie in today's post?

# %% tags=["raises-exception"]
letters_today * seconds_per_letter

# %% [markdown]
# Read an error message **from its end**. The last line says what happened: a `NameError`, and the
# name that Python does not know. The lines above say where.
#
# The names get their values in the *next* cell, and Python knows only what was **run**, in the
# order of the numbers in brackets. Run the next cell, then the broken one again: now it gives
# 3000.0.

# %%
letters_today = 30_000
seconds_per_letter = 0.1

# %% [markdown]
# ## What learning means
#
# Who writes a program usually writes down the rule. For digits nobody can: try to say in numbers
# what makes 784 grey values a seven. Instead we *show examples* and let the computer look for the
# rule. Five terms make this exact.
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
# For a die we do know $D$: six outcomes, each with probability 1/6. There is no input, so $f$ is
# one number, our guess. Let the loss be the squared difference.
#
# **Predict.** Which guess has the smallest expected loss: 1, 3, 3.5 or 6? You may guess a number
# that never comes.

# %%
faces = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
for guess in (1, 3, 3.5, 6):
    expected_loss = ((guess - faces) ** 2).mean()
    print(f"guess {guess}: expected loss {expected_loss:.2f}")

# %% [markdown]
# 3.5, the mean of the outcomes, wins with 2.92. The 3 tempts, since it can be exactly right and 3.5
# never is. But this loss asks how far off a guess lies, and 3 lies far from the 6. No guess comes
# to 0: a die has chance in it, and no learner can remove that. Nor can it with digits which people
# read in two ways.
#
# For handwriting we cannot go through all pairs. What we *can* do is to draw a sample and take the
# mean over it. Here are rolls of a die, always with the guess 3.5:

# %%
from course_utils.exercises import check, quiz  # for what follows

for n in (10, 1000, 100_000):
    rolls = torch.randint(1, 7, (n,))  # n numbers from 1 to 6, i.i.d.
    print(f"{n:>7,} rolls: mean loss {((3.5 - rolls) ** 2).mean():.2f}")

# %% [markdown]
# With 100,000 rolls the mean is within a few hundredths of 2.92; with 10 it easily misses by half a
# point. All of learning from data rests on this: **a mean over a sample stands for an expectation
# that we cannot compute.**
#
# ## Two losses, by hand
#
# Where the answer is a number, we square the difference. Three predictions:
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
# Write it as a function of two tensors of the same length. A **tensor** is PyTorch's word for an
# array of numbers: `y_hat - y` subtracts number by number, `t ** 2` squares each, and `t.mean()`
# gives the mean. Its **shape** says how many numbers it has: `(N,)` is a row of $N$ numbers, `(N,
# K)` a table with $N$ rows and $K$ columns.


# %%
def mean_squared_error(y_hat, y):
    """Return the mean of the squared differences: (N,), (N,) -> one number."""
    ### BEGIN SOLUTION
    return ((y_hat - y) ** 2).mean()
    ### END SOLUTION


# %%
check("00.mse", mean_squared_error)

# %% [markdown]
# In this course every formula is computed three ways: as a loop, on whole tensors, and by PyTorch.
# `assert` stops with an error unless what follows is true. So this cell, by running to its end,
# says that all three agree.

# %%
import torch.nn.functional as F

y = torch.tensor([3.0, 5.0, 2.0])
y_hat = torch.tensor([2.5, 5.0, 4.0])

by_loop = sum((y_hat[i] - y[i]) ** 2 for i in range(3)) / 3
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
# The mean is (0.357 + 0.693 + 2.303) / 3 ≈ 1.12. The third letter costs more than twice as much as
# both others together: the model was sure of something else.
#
# **Predict.** What would the last row cost with $p = 0.01$ instead of 0.1: ten times as much, twice
# as much, or 0.09 more?

# %%
import math

for p in (0.99, 0.7, 0.5, 0.1, 0.01):
    print(f"p = {p:<4}  loss = {-math.log(p):.3f}")

# %% [markdown]
# Twice as much: 4.605 instead of 2.303. "Ten times" tempts, since $p$ is ten times smaller. But a
# logarithm turns factors into steps: each factor of ten adds 2.303. At $p = 1$ the loss is 0,
# towards $p = 0$ it grows without end. A model may be in doubt; it may not be sure and wrong.
#
# ### Exercise 2 · Cross-entropy
#
# `probs` has a row for each example and a column for each class; `y` holds the right classes. The
# line `probs[torch.arange(len(y)), y]` picks from each row (`torch.arange(n)` counts them: 0, 1, 2
# to n − 1) the number in column `y`. That is the column "p of the right one" of the table.
# `t.log()` takes natural logarithms.


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
# Three ways again. (PyTorch's `nll_loss` takes logarithms of probabilities. Its better known
# `cross_entropy` wants neither; lesson 03 explains why.)

# %%
probs = torch.tensor([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.8, 0.1, 0.1]])
y = torch.tensor([0, 1, 2])

by_loop = sum(-probs[i, y[i]].log() for i in range(3)) / 3
by_tensors = -probs[torch.arange(3), y].log().mean()

assert torch.allclose(by_loop, by_tensors)
assert torch.allclose(by_tensors, F.nll_loss(probs.log(), y))
print(f"cross-entropy = {by_tensors:.3f}")

# %% [markdown]
# ## Break
#
# You have made a reader, and you can say what it costs to be wrong. While you are away: your reader
# was trained to make the loss small on 4,000 digits that it saw. Why should that help with those it
# did not see?

# %% [markdown]
# ## Part 2 · What is it worth on new digits?
#
# Learning makes the loss small on examples. Wanted is a small loss on what is still to come. Are
# these the same?
#
# Here is a learner that is perfect on its examples. It remembers every picture with its answer, in
# a dictionary. A picture that it has not seen it calls 0.
#
# **Predict.** What share of the new digits will it get right: 0%, 10% or 50%?

# %%
from course_utils.datasets import MNIST_SAMPLE

few = load_mnist(MNIST_SAMPLE)  # the bundled digits, also where the full MNIST is there
images, labels = few.train_images, few.train_labels  # (4000, 28, 28), (4000,)
new_images, new_labels = few.test_images, few.test_labels  # (1000, 28, 28), (1000,)
memory = {image.numpy().tobytes(): int(label) for image, label in zip(images, labels)}


def share_remembered(images, labels):
    recalled = torch.tensor([memory.get(image.numpy().tobytes(), 0) for image in images])
    return (recalled == labels).float().mean().item()


print(f"training digits: {share_remembered(images, labels):.0%}")
print(f"new digits:      {share_remembered(new_images, new_labels):.0%}")

# %% [markdown]
# Perfect on the old, useless on the new. Not one of the new pictures is among the old ones, pixel
# for pixel, so it says 0 to all of them. 0% tempts for that reason; but one new digit in ten *is* a
# zero. **Remembering is not learning.**
#
# So examples are parted. With the **training set** the model learns. With the **test set** it is
# judged, once, at the end. The mean loss on the training set is the **training error**; it was made
# small, so it is too kind. The mean loss on the test set is the **test error**. It is an honest
# estimate of the expected loss, because $f$ was chosen without it. Our reader:

# %%
from course_utils.training import evaluate

train_error, train_accuracy = evaluate(reader, mnist.train_images, mnist.train_labels)
test_error, test_accuracy = evaluate(reader, mnist.test_images, mnist.test_labels)
report("cross-entropy, training", train_error, 0.22, 0.34)
report("cross-entropy, test", test_error, 0.24, 0.40)
report("read wrongly, training", 1 - train_accuracy, 0.05, 0.09, percent=True)
report("read wrongly, test", 1 - test_accuracy, 0.06, 0.12, percent=True)

# %% [markdown]
# There is a gap between the two, and it is small. (The share that is read wrongly is an error, too:
# its loss is 1 for a wrong answer and 0 for a right one.)
#
# ## How many examples does it take?
#
# The reader had 4,000 digits. Now it learns from fewer, with about as many steps. Beside it stands
# one that only remembers, but better than the dictionary: it answers with the label of the training
# digit that is **most similar** to the new one, pixel by pixel. (It is called a *nearest neighbour*
# classifier.)
#
# **Predict.** From 100 digits to 4,000, does the *training* error of our reader fall, stay or rise?
# And whose *test* error will be lower at 4,000? Then move the slider, and choose the other.

# %%
distances = torch.cdist(new_images.flatten(1).float(), images.flatten(1).float())  # (1000, 4000)


def one_layer(n):
    """Learn from n digits; return the answers to those (n,) and to the new ones (1000,)."""
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10)).to(device)
    fit(model, (images[:n], labels[:n]), n_epochs=20_000 // n, lr=0.003, progress=False)
    return predict(model, images[:n]).argmax(dim=1), predict(model, new_images).argmax(dim=1)


def most_similar(n):
    """Return the same for who remembers: each old digit is most similar to itself."""
    return labels[:n], labels[distances[:, :n].argmin(dim=1)]


# %%
from course_utils.explorers.sample_size import sample_size_slider

sizes = (100, 200, 500, 1000, 2000, 4000)
learners = {"our reader": one_layer, "most similar": most_similar}
found = {name: {n: learn(n) for n in sizes} for name, learn in learners.items()}
sample_size_slider(found, labels, new_images, new_labels)

# %%
bands = {"our reader": ((0.2, 0.32), (0.06, 0.12)), "most similar": ((0.2, 0.32), (0.03, 0.06))}
for name in learners:
    for n, band in zip((100, 4000), bands[name]):
        wrong = (found[name][n][1] != new_labels).float().mean().item()
        report(f"{name}, {n:,} digits: new wrong", wrong, *band, percent=True, digits=1)

# %% [markdown]
# It tempts to say that both errors of our reader fall. But the training error *rises*, from
# nothing: 7,850 numbers can suit 100 digits, and cannot suit 4,000. The test error falls from the
# other side. The gap closes, and that is what more examples do.
#
# Who only remembers has no training error, whatever the number. So had the dictionary. Yet the
# dictionary errs on nine of ten new digits, and the other on one in twenty, fewer than our reader.
# (It pays in another coin: it keeps 4,000 pictures, and looks at all of them for every answer.) The
# training error cannot tell the two apart. **Believe the test error.**

# %% [markdown]
# ### Deeper: where $D$ is known

# %% [markdown]
# The gap also depends on how **flexible** the model is. In the next figure $x$ is a random number
# from 0 to 1, and $y = \sin(2\pi x)$ plus chance: that is our $D$, and this time we know it. The
# learner sees $n$ points and fits a polynomial, $a_0 + a_1 x + a_2 x^2 + \dots$ The highest power
# is its **degree**: degree
# 1 is a straight line, and each further degree allows one more bend. With 10 points, which degree has the
# smallest training error? And which has the smallest error on new points?

# %%
from course_utils.explorers.curve_fitting import curve_fitter


def rule(x):
    """Return what y is on average at x."""
    return torch.sin(2 * math.pi * torch.as_tensor(x))


def draw_sample(n):
    """Draw n pairs (x, y), i.i.d."""
    x = torch.rand(n)
    return x, rule(x) + 0.25 * torch.randn(n)


seed_everything(0)  # the same points for everybody
curve_fitter(draw_sample, rule, sample=4)

# %% [markdown]
# Degree 9 goes through all ten points: training error 0. It tempts to expect the same on new
# points, but between the ten, and beyond them, it swings wildly. Degree 3 errs a little on the
# training points and is the best on new ones; look at other samples, too. A straight line is too
# stiff and wrong on both. Now move *points n* to 100: the gap nearly closes, even for degree 9.
#
# The dotted line on the right is what chance alone costs: the error of the rule itself. On average
# over all that may come no curve does better, as no guess does better than 2.92 with the die.

# %% [markdown]
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
# ## With a supervisor
#
# So far each example came with its right answer. That is **supervised** learning: pairs $(x, y)$,
# and someone, the supervisor, has written down every $y$. An even plainer supervised reader than
# ours takes the mean picture of each digit:

# %%
X_train = images.flatten(1).float() / 255  # (N, 28, 28) -> (N, 784), 0 to 1
X_test = new_images.flatten(1).float() / 255
means = torch.stack([X_train[labels == digit].mean(dim=0) for digit in range(10)])
plot_images(means.reshape(10, 28, 28), range(10), says="The mean of each digit")

# %% [markdown]
# A new digit gets the answer of the mean that is **nearest** to it. Distance is taken as in
# geometry: differences, squared, summed; only with 784 numbers instead of two or three. (The square
# root at the end can be left out: it does not change which distance is the smallest.)
#
# **Predict.** This reader has no training loop at all, only ten means. How many of 100 new digits
# does it read: 10, 50, or 80?

# %%
nearest_means = torch.cdist(X_test, means).argmin(dim=1)  # all distances at once: (N, 784) -> (N,)
share = (nearest_means == new_labels).float().mean().item()
report("nearest mean, of new digits", share, 0.79, 0.85, percent=True)

# %% [markdown]
# About 80, from ten averages. (On the full MNIST it is 82.0%.) 50 tempts, since the means look so
# blurred; but a mean need not be a good picture of a digit, it only has to be nearer than nine
# others.

# %% [markdown]
# ### Deeper: write the nearest mean yourself

# %% [markdown]
# **Exercise 4.** `x` is one picture as a row of numbers, and `means` has one such row for each
# class. Return the position of the nearest row. (`means - x` subtracts `x` from each row.
# `t.sum(dim=1)` adds up each row. `t.argmin()` gives the position of the smallest number. The check
# begins with "pictures" of two numbers, points in the plane.)


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
# One picture at a time and all at once: the same answers.

# %%
one_by_one = [((means - x) ** 2).sum(dim=1).argmin() for x in X_test[:100]]
assert torch.equal(nearest_means[:100], torch.stack(one_by_one))

# %% [markdown]
# ## Without a supervisor
#
# **Unsupervised** learning has inputs only; nobody has written down a $y$. It looks for structure
# in $X$ itself. Take away the labels and ask for ten groups of pictures that are alike: start from
# ten digits drawn by chance, give each picture to the nearest, move each centre to the mean of its
# group, and repeat. This is called **k-means**.
#
# **Predict.** Ten digits, ten groups: will each digit get a group of its own?

# %%
seed_everything(3)  # another number: other digits to start from, and other groups
centres = X_train[torch.randperm(len(X_train))[:10]]
for _ in range(20):
    group = torch.cdist(X_train, centres).argmin(dim=1)  # (N, 784), (10, 784) -> (N,)
    centres = torch.stack([X_train[group == k].mean(dim=0) for k in range(10)])
commonest = torch.stack([labels[group == k].mode().values for k in range(10)])
title = "Ten groups, found without labels; above each its commonest digit"
plot_images(centres.reshape(10, 28, 28), commonest, says=title)
lost = (commonest[group] != labels)[labels == 5].float().mean().item()
report("fives in a group of mostly another digit", lost, 0.5, 1.0, percent=True)

# %% [markdown]
# No. Some centres show one digit clearly, others mix two or three, such as 4, 7 and 9. No group is
# the fives'. Yes tempts because *we* see ten kinds. The groups come without a promise that they are
# the ones you wanted.
#
# ## Hand-made features, or learned ones
#
# **Artificial intelligence** is the widest word. **Machine learning** is the part of it that gets
# its rules from data. **Deep learning** is the part of machine learning that stacks many layers,
# each of which makes its own features from those of the layer before.
#
# A **feature** is a number that is computed from the input and helps to answer. For decades people
# made them by hand. Here is one: the amount of ink.
#
# **Predict.** Of 100 digits that are zeros or ones, how many does ink alone tell apart: about 50,
# 75 or 95? And of 100 fours or nines?


# %%
def read_by_ink(low, high):
    """Return the share of digits low (less ink) and high (more) that a threshold tells apart."""
    ink = {d: X_train[labels == d].mean() for d in (low, high)}
    threshold = (ink[low] + ink[high]) / 2
    rows = (new_labels == low) | (new_labels == high)
    says_high = X_test[rows].mean(dim=1) > threshold  # (M, 784) -> (M,)
    return (says_high == (new_labels[rows] == high)).float().mean().item()


report("0 or 1, by ink alone", read_by_ink(low=1, high=0), 0.90, 0.96, percent=True)
report("4 or 9, by ink alone", read_by_ink(low=4, high=9), 0.45, 0.60, percent=True)

# %% [markdown]
# One number parts zeros from ones, nearly. Between fours and nines it tosses a coin: the loop of
# the nine looks like more ink, yet on average both have about as much. Somebody has to invent the
# next feature, and the next. A deep network finds features by itself, where there are many examples
# and time to compute: in pictures, sound and text. It seldom explains itself.
#
# **When not to use deep learning.**
#
# - The rule is known: postage follows from a weight and a table of prices.
# - There are few examples, or a table with a dozen columns. A model with few weights, such as the
#   neuron of lesson 02, is often as good there, and cheaper.
# - Every single decision must be explained to those whom it concerns.
# - The world will change after training, and nobody will notice.
# - You have not tried the plain model yet. Without its number you cannot say what a deep one is
#   worth.
#
# ## A machine that acts
#
# Reading is of use when something follows from it. An **agent** is whatever perceives its
# *environment* through *sensors* and acts on it through *actuators*. A *performance measure* says
# from outside how well it does. A mail-sorting machine, for example:

# %%
from course_utils.figures import agent_loop

agent_loop()

# %% [markdown]
# Its performance measure may count letters in the right bin, and letters handed to people because
# it was unsure. Now you see what the loss is for: it puts the performance measure into a formula
# that can be made small. If a letter to the wrong city costs more than one that a person looks at,
# the loss should say so.
#
# Stuart Russell and Peter Norvig sort what people mean by AI into four: *thinking* or *acting*,
# *like people* or *rationally*. Turing's test of 1950 asks for acting like people. This course
# follows **acting rationally**: doing what serves the goal best, given what is known. Our reader is
# good if its expected loss is small. It need not read as you read, and its mistakes above show that
# it does not.
#
# The same view fits search, speech, spam, fraud, image captions, and cheques: in 1998 Yann LeCun
# and his colleagues reported that a system built on their convolutional networks was reading
# several million of them a day.
#
# ## Where it comes from

# %%
from course_utils.figures import timeline

timeline()

# %% [markdown]
# Read it as two threads. One is the *model*: units set by hand (1943), the perceptron that learns
# (1957/58), what one layer cannot do (1969), more layers, trained with backpropagation (1986),
# convolutions for pictures (1989), memory for sequences (1997), attention (2017), which today's
# language models are built on. The other is *how to find the weights*: stochastic approximation
# (1951, 1952) is the root of the method that trains every network in this course, and Adam (2014),
# which trained the reader above, is one of its later forms. Cox's logistic regression (1958) comes
# from statistics; in lesson 02 it turns out to be a neuron.
#
# 2012 brought the breakthrough, in a contest with pictures of 1,000 classes from the collection
# ImageNet. Five guesses were allowed for each. AlexNet, by Alex Krizhevsky, Ilya Sutskever and
# Geoffrey Hinton, came to an error of 15.3%, the runner-up to 26.2%. (The 15.3% come from seven
# networks together, two of which had learned from more pictures than the contest gave; the other
# five came to 16.4%.)
#
# **Why then, and not in 1989?** There were *data*: 9,298 digits from envelopes in LeCun's work of
# 1989,
# 1.2 million pictures in 2012. There was *compute*: AlexNet trained for five to six days on two graphics
# cards made for games. There were *expressive models and tricks of optimisation*, which lessons 04
# to 06 take one by one. And soon there were *frameworks*, free programs that find gradients by
# themselves: Theano (2007), Caffe (2013), MXNet and TensorFlow (2015), PyTorch (2016). The first
# three have ended. So do not learn a framework by heart; learn what it computes.
#
# ## Quiz

# %%
quiz("00")

# %% [markdown]
# ## The way from here

# %%
from course_utils.figures import lesson_map

lesson_map()

# %% [markdown]
# Each lesson needs only those before it.
#
# ## Summary
#
# - Learning looks for a function $f$ from $X$ to $Y$ that makes the expected loss over an unknown
#   distribution $D$ small. All it has is a sample of $n$ i.i.d. pairs.
# - Mean squared error: the mean of $(\hat y - y)^2$. Cross-entropy: the mean of $-\ln p$, with $p$
#   the probability given to the right answer.
# - Training error is too kind. Test error, on examples that played no part in learning, estimates
#   the expected loss. With more examples the one rises, the other falls.
# - Supervised: inputs with answers. Unsupervised: inputs alone.
# - An agent perceives, acts, and is judged by a performance measure.
# - Deep learning learns its own features, at the price of data and compute. Try the plain model
#   first.
#
# **Next:** the reader has 7,850 numbers. Lesson 01 begins with three, in a single neuron, and lets
# you watch each of them being learned.
#
# ## Sources
#
# - S. Russell, P. Norvig: *Artificial Intelligence: A Modern Approach.* Agents; four readings of AI.
# - V. Vapnik: *The Nature of Statistical Learning Theory.* Springer, 1995. Learning as minimising an
#   expected loss.
# - J. Kiefer, J. Wolfowitz: *Stochastic estimation of the maximum of a regression function.* Annals of
#   Mathematical Statistics 23, 1952.
# - Y. LeCun et al.: *Gradient-based learning applied to document recognition.* Proceedings of the
#   IEEE 86, 1998. The cheques.
# - A. Krizhevsky, I. Sutskever, G. E. Hinton: *ImageNet classification with deep convolutional neural
#   networks.* NIPS 2012.
# - The other papers of the timeline: see the lessons that use them. The digits: see `data/README.md`.
