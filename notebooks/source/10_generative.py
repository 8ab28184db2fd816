# %% [markdown]
# # 10 · Can a network dream digits?
#
# In most lessons a picture went in and a few numbers came out. Now the way round: a few numbers go
# in, and a digit comes out that nobody ever wrote. In this lesson you squeeze digits into two
# numbers and walk about between them, take rain off a drawing, and let two networks play against
# each other until one of them can forge a three.
#
# **After this lesson you can**
#
# 1. build an autoencoder, and say what its two numbers know, next to what a straight squeeze (PCA)
#    and the pixels know;
# 2. train a denoiser, and compare it with a filter that has learned nothing;
# 3. write the loss of a variational autoencoder, check both of its parts, and draw new digits from
#    it;
# 4. write the loop of a GAN, read its two losses, and notice when its dreams are all alike;
# 5. judge dreams honestly, where no label says what would have been right.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
import math

import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.device import get_device, seed_everything, set_threads
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.denoise import denoiser_explorer
from course_utils.explorers.gan import gan_over_time, records
from course_utils.explorers.latent import latent_plane
from course_utils.figures import BLUE, INK, ORANGE, figure, plot_images, plot_lines, show
from course_utils.ink.forms import neat
from course_utils.ink.normalize import normalize_drawing, rasterize
from course_utils.ink.rain import median, rain
from course_utils.models import Denoiser, Generator, discriminator, load_pretrained
from course_utils.training import accuracy, evaluate, fit, one_cycle, predict

device = get_device()
set_threads(1)  # enough for small networks, and every run gives the same numbers
seed_everything(0)

# %% [markdown]
# ## Dreaming by chance
#
# A picture is 784 numbers. So draw 784 numbers at random, and once in a while there should be a
# digit? Let us be kinder to chance: in the 4,000 training digits, count how often each pixel has
# ink, and draw each pixel by its own count. Pixels in the middle come out dark often, pixels in the
# corners never.
#
# **Predict.** What will you see: digits, something like digits, or dust? And what will the course's
# best reader, the `cnn` of lessons 06 and 07, say to it?

# %%
mnist = load_mnist(MNIST_SAMPLE)
print(mnist.description)
X_train, y_train = mnist.train_images[:, None].float() / 255, mnist.train_labels  # (N, 1, 28, 28)
X_test, y_test = mnist.test_images[:, None].float() / 255, mnist.test_labels
reader = load_pretrained("cnn")

mean = X_train.mean(dim=0)  # (1, 28, 28): how much ink each pixel has, from 0 to 1
dust = (torch.rand(1000, 1, 28, 28) < mean).float()  # each pixel by itself
plot_images(dust[:10, 0], says="Each pixel drawn by itself")

probs = predict(reader, dust).softmax(dim=1)  # (1000, 10)
eight = probs[:, 8].mean().item()
report("the cnn's mean probability for an 8", eight, 0.6, 1, percent=True, digits=1)

# %% [markdown]
# Dust. Every pixel is as dark as it should be, on average, and there is no stroke anywhere. A
# stroke is pixels that *agree* with their neighbours. Whoever draws each one by itself never gets
# one, however long the night.
#
# And the reader? It says "8" to nearly all of it, and is mostly sure. You know that from lesson 07:
# it was asked "which of the ten", never "is this one at all". Keep that in mind. **A reader is no
# judge of dreams.** We shall need a better one.
#
# So the 784 pixels must be decided *together*, from something smaller: a few numbers that say "a
# seven, slanted, thin", and a machine that draws it. This lesson is a hunt for these numbers. They
# are called the **code** of a picture, and nobody tells us what they should mean.
#
# ## A straight squeeze
#
# Begin with pictures of two pixels, so that each is a point in the plane. Its code shall be one
# number. Take a direction $\mathbf w$ of length 1:
#
# $$z = \mathbf w \cdot \mathbf x \quad\text{(squeeze)} \qquad\qquad
# \hat{\mathbf x} = z \, \mathbf w \quad\text{(unfold)}$$
#
# By hand, for $\mathbf x = (4, 2)$ and $\mathbf w = (0.8, 0.6)$: the code is $z = 3.2 + 1.2 = 4.4$,
# and it unfolds to $\hat{\mathbf x} = (3.52, 2.64)$. The squared error is $0.48^2 + 0.64^2 = 0.64$.
#
# **Predict.** Is there a direction that serves these four points better? Which way does it lie?

# %%
points = torch.tensor([[4.0, 2.0], [2.0, 1.0], [-3.0, -1.0], [-3.0, -2.0]])  # their mean is 0


def squeeze_error(w):
    """Return the squared error after one number, added up over the points; w has length 1."""
    error = 0.0
    for x in points:
        z = (w * x).sum()  # squeeze: two numbers -> one
        error += ((z * w - x) ** 2).sum().item()  # unfold, and compare
    return error


angles = torch.arange(0, 180)  # in degrees; beyond 180 the directions repeat, turned round
directions = torch.stack(
    [torch.cos(torch.deg2rad(angles)), torch.sin(torch.deg2rad(angles))], dim=1
)
errors = [squeeze_error(w) for w in directions]
best = directions[torch.tensor(errors).argmin()]
print(f"(0.8, 0.6): {squeeze_error(torch.tensor([0.8, 0.6])):.2f}")
print(f"({best[0]:.2f}, {best[1]:.2f}): {min(errors):.2f}, the best of 180")

# %% [markdown]
# The best direction is the one along which the points are spread most. What lies across it is lost,
# and there is least of that.
#
# Nobody tries 180 directions in a space of 784. There is a formula. Multiply the points by
# themselves, $\mathbf X^\top \mathbf X$, a matrix of 2 × 2. Its **eigenvectors** are the directions
# that the matrix only stretches, and the one that it stretches most is the best $\mathbf w$. For a
# code of $K$ numbers take the first $K$. That is **principal component analysis**, PCA, and it is
# older than any neural network. (If the mean is not 0, take it away first and add it at the end.)

# %%
stretched, eigenvectors = torch.linalg.eigh(points.T @ points)  # the largest comes last
w = eigenvectors[:, -1]
theirs = torch.pca_lowrank(points, q=1, center=False)[2][:, 0]  # PyTorch's own PCA
assert torch.allclose(w.outer(w), theirs.outer(theirs), atol=1e-5)  # the sign of w is free
assert abs((best @ w).abs().item() - 1) < 1e-3  # the same direction, to half a degree
unfolded = points @ w.outer(w)  # all points at once: squeeze and unfold
assert abs(((unfolded - points) ** 2).sum().item() - squeeze_error(w)) < 1e-4

fig, ax = figure("One number for each point", xlabel="pixel 1", ylabel="pixel 2", size=(8, 3.9))
for x, x_hat in zip(points, unfolded):
    ax.plot(*torch.stack([x, x_hat]).T, color=INK, linestyle=":", label="_lost")
ax.plot(*(torch.tensor([[-5.0], [5.4]]) * w * w[0].sign()).T, color=INK, linewidth=1, label="_w")
ax.scatter(*points.T, s=110, color=BLUE, marker="o", label="point", zorder=3)
ax.scatter(*unfolded.T, s=90, color=ORANGE, marker="^", label="unfolded from its code", zorder=3)
ax.set(aspect="equal", xlim=(-5, 6), ylim=(-2.6, 2.8))
ax.legend(loc="upper left")
show(fig, "Four points and what is left of each after one number; all of that lies on one line.")

# %% [markdown]
# ### Exercise 1 · Squeeze and unfold
#
# Now for a code of $K$ numbers, and for rows with any mean. `X` is $(N, D)$, `mean` is $(D,)$,
# `axes` is $(K, D)$ with a direction in each row, each of length 1 and at right angles to the
# others. Return what is left of `X` after $K$ numbers, $(N, D)$ again.


# %%
def through_the_code(X, mean, axes):
    """Squeeze each row of X into K numbers and unfold them: (N, D) -> (N, D)."""
    ### BEGIN SOLUTION
    codes = (X - mean) @ axes.T  # (N, D) -> (N, K)
    return mean + codes @ axes
    ### END SOLUTION


# %%
check("10.code", through_the_code)

# %% [markdown]
# The same for digits: 784 directions are waiting, sorted by how much of the digits lies along each.
# (Each is a row of 784 numbers, so it can be looked at as a picture, too.)

# %%
flat_mean = mean.flatten()  # (784,)
centred = X_train.flatten(1) - flat_mean  # (N, 784)
_, eigenvectors = torch.linalg.eigh(centred.T @ centred)
axes = eigenvectors.T.flip(0)  # (784, 784): a direction in each row, the most important first


def through_pca(X, k):
    """Squeeze digits into k numbers and unfold them: (N, 1, 28, 28) -> the same."""
    codes = (X.flatten(1) - flat_mean) @ axes[:k].T  # (N, k)
    return (flat_mean + codes @ axes[:k]).reshape(X.shape)


for k in (0, 1, 2, 5, 10, 50, 784):
    print(
        f"{k:>3} numbers: squared error of a pixel {F.mse_loss(through_pca(X_test, k), X_test):.3f}"
    )

# %% [markdown]
# Zero numbers means: answer the mean picture to everything. Errors are taken on the 1,000 test
# digits, of which PCA has seen none.
#
# ### The same, learned
#
# Squeeze and unfold are two matrices. So they are two layers of a network without activations, and
# a network can be trained. What is its right answer? **The picture itself.** The loss is the
# squared error between what comes out and what went in, and no label is needed. Such a network is
# called an **autoencoder**: the first half, the **encoder**, makes the code, the second, the
# **decoder**, makes the picture.
#
# **Predict.** Trained on the same digits with two numbers in the middle: will its error be above
# PCA's, below, or the same?

# %%
X_centred = (X_train - mean).to(device)
linear = nn.Sequential(
    *(nn.Flatten(), nn.Linear(784, 2)),  # encoder: (N, 1, 28, 28) -> (N, 2)
    *(nn.Linear(2, 784), nn.Unflatten(1, (1, 28, 28))),  # decoder: back again
).to(device)
fit(
    linear,
    (X_centred, X_centred),  # the picture is its own answer
    loss_fn=F.mse_loss,
    n_epochs=10,
    lr=0.05,
    batch_size=256,
    schedule=one_cycle,
)
by_pca = F.mse_loss(through_pca(X_train, 2), X_train).item()
learned = evaluate(linear, X_centred, X_centred, loss_fn=F.mse_loss).loss
report("PCA, training digits", by_pca, 0.0553, 0.0563, digits=3)
report("linear autoencoder, the same digits", learned, 0.0555, 0.059, digits=3)
assert learned >= by_pca - 1e-6

# %% [markdown]
# The same to three digits, and never below. For every straight squeeze, PCA is the best (Eckart and
# Young proved it in 1936). It is tempting to think that training must beat a formula. Not where the
# formula is the answer. So PCA is our yardstick from now on: a network has to do what nothing
# straight can.
#
# ## Bend it
#
# Give encoder and decoder hidden layers with ReLU. Two numbers stay in the middle. At the end a
# sigmoid keeps the pixels between 0 and 1.
#
# **Predict.** PCA needs 5 numbers for an error of 0.045, and 10 for 0.034. How many of PCA's
# numbers are the network's two worth?


# %%
class OurAutoencoder(nn.Module):
    """A digit through a few numbers and back: (N, 1, 28, 28) -> (N, 1, 28, 28)."""

    def __init__(self, n_codes):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Flatten(),  # (N, 1, 28, 28) -> (N, 784)
            *(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU()),
            nn.Linear(50, n_codes),  # -> (N, n_codes)
        )
        self.decode = nn.Sequential(
            *(nn.Linear(n_codes, 50), nn.ReLU(), nn.Linear(50, 100), nn.ReLU()),
            *(nn.Linear(100, 784), nn.Sigmoid()),
            nn.Unflatten(1, (1, 28, 28)),  # -> (N, 1, 28, 28)
        )

    def forward(self, X):
        return self.decode(self.encode(X))


# %%
torch.manual_seed(0)
squeezed = OurAutoencoder(2).to(device)
fit(squeezed, (X_train, X_train), loss_fn=F.mse_loss, n_epochs=30, lr=0.005, schedule=one_cycle)

returned = predict(squeezed, X_test)
for name, X in (("PCA", through_pca(X_test, 2)), ("autoencoder", returned)):
    low, high = (0.0555, 0.057) if name == "PCA" else (0.04, 0.047)
    report(f"{name}, two numbers, new digits", F.mse_loss(X, X_test).item(), low, high, digits=3)
    right = accuracy(predict(reader, X.clamp(0, 1)), y_test)
    low, high = (0.2, 0.38) if name == "PCA" else (0.4, 0.7)
    report("    the cnn still reads", right, low, high, percent=True, digits=1)

rows = torch.cat([X_test[:10], through_pca(X_test[:10], 2), returned[:10]])[:, 0]
plot_images(rows.clamp(0, 1), says="Ten digits; two numbers by PCA; two by the network")

# %% [markdown]
# Two of the network's numbers are worth more than five of PCA's. Whoever guessed two thought of the
# numbers alone. But a straight decoder can only add the same two pictures, weighted; a bent one
# draws a different picture in every corner of the plane. (And more digits make it better still. The
# same network, trained on 50,000 digits, comes with the course: an error of 0.0345, as good as ten
# of PCA's numbers, and the reader reads 81%.)
#
# Look at the failures. Some come back as a smudge, and some cleanly, as *another digit*: of the
# three and of the four in the first row it makes nines. The reader is misled by about four in ten.
#
# ### What it knows
#
# **Predict.** Now two things that are new to it: your own digit, and a house. What comes back of
# the house?
#
# Draw a digit first. (Until you clear it, a five by the course lies there.)

# %%
pad = DigitPad({"cnn": reader}, in_page=True)
pad.draw(neat("5"))
pad

# %%
yours = pad.image if pad.strokes else X_test[0, 0]
house, star = (torch.tensor(normalize_drawing(rasterize(neat(name)))) for name in ("house", "star"))
drawn = torch.stack([yours.float(), house.float(), star.float()])[:, None]  # (3, 1, 28, 28)
back = predict(squeezed, drawn)
both = torch.cat([drawn, back])[:, 0]
titles = ["your digit", "a house", "a star"] + ["what comes back"] * 3
plot_images(both, titles, says="Through two numbers and back", columns=3)

# %% [markdown]
# Your digit may come back as another one; only six in ten survive. And from the house comes
# something that was made of digits. There is no house in the plane: two
# numbers that say where among 4,000 digits we are have no way to say "house". **The decoder can
# only draw what it was trained to draw.** That is its weakness here. For a dreamer it is the whole
# point: whatever the two numbers are, out comes something like a digit.
#
# ### Walk through the plane
#
# So choose the numbers yourself, with the network that comes with the course (none of our digits is
# among its 50,000). Each of the 1,000 test digits lies where its two numbers are. Touch the plane,
# and the decoder draws what belongs there.
#
# - Go from the zeros to the ones, slowly. What lies between?
# - Find a border between two digits. Is there a place that is neither?
# - Go far outside. Fill the plane with what it decodes.

# %%
latent_plane(load_pretrained("autoencoder"), X_test, y_test)

# %% [markdown]
# The figures have colours, but the network has never seen a label. It laid threes beside threes
# because that makes them cheap to draw: whoever lies close together gets nearly the same picture.
#
# ## Unsupervised learning, revisited
#
# In lesson 00 you looked for groups in the pixels, by k-means, and no group would be the fives. How
# much of the ten digits is in two numbers that were found without labels? The question needs a
# measure. Find ten groups. Then, with the labels, give each group the name of its commonest digit,
# and count how many digits have their group's name. This share is called the **purity**.
#
# ### Exercise 2 · Purity
#
# `groups` and `labels` are whole numbers, $(N,)$ each. (`t.unique()` lists the numbers that appear
# in `t`. `t.bincount()` counts the zeros, the ones, the twos … in `t`.)


# %%
def purity(groups, labels):
    """Return the share of labels that are the commonest one of their group, 0 to 1."""
    ### BEGIN SOLUTION
    right = 0
    for group in groups.unique():
        right += labels[groups == group].bincount().max().item()
    return right / len(labels)
    ### END SOLUTION


# %%
check("10.purity", purity)

# %% [markdown]
# Purity is one way to ask. Here are two more. **Neighbours**: how often has the nearest of the
# 4,000 training digits, measured in codes, the same label? **Ten labels**: the same if only ten
# training digits have a label, one of each kind. (Lesson 00 had means in place of examples.)


# %%
def k_means(X, seed, n_rounds=25):
    """Return the group of each row of X, 0 to 9, as in lesson 00: (N, D) -> (N,)."""
    lot = torch.Generator().manual_seed(seed)
    centres = X[torch.randperm(len(X), generator=lot)[:10]]
    for _ in range(n_rounds):
        groups = torch.cdist(X, centres).argmin(dim=1)
        centres = torch.stack([X[groups == k].mean(dim=0) for k in range(10)])
    return groups


def share_named(groups, labels):
    """The same as purity, by one table: groups in rows, digits in columns."""
    table = torch.bincount(10 * groups + labels, minlength=100).reshape(10, 10)
    return table.max(dim=1).values.sum().item() / len(labels)


def share_by_nearest(X, X_new, known):
    """Return how often the nearest of the known training digits has the right label."""
    nearest = torch.cdist(X_new, X[known]).argmin(dim=1)
    return (y_train[known][nearest] == y_test).float().mean().item()


lot = torch.Generator().manual_seed(0)
orders = [torch.randperm(len(y_train), generator=lot) for _ in range(20)]
tens = [torch.stack([o[y_train[o] == digit][0] for digit in range(10)]) for o in orders]

# %% [markdown]
# **Predict.** Groups by lot have a purity of 12%, those on 784 pixels 56%. How much will be left
# with two numbers, by PCA and by the two autoencoders? And with ten labels only, are 784 numbers
# better than two?

# %%
shipped = load_pretrained("autoencoder").encode
straight = axes[:2].T.contiguous()
codes = {
    "784 pixels": (X_train.flatten(1), X_test.flatten(1)),
    "2 by PCA": (centred @ straight, (X_test.flatten(1) - flat_mean) @ straight),
    "2, autoencoder": (predict(squeezed.encode, X_train), predict(squeezed.encode, X_test)),
    "2, shipped": (predict(shipped, X_train), predict(shipped, X_test)),
}
bands = {
    "784 pixels": ((0.5, 0.62), (0.94, 0.97), (0.38, 0.46)),
    "2 by PCA": ((0.38, 0.48), (0.35, 0.43), (0.27, 0.36)),
    "2, autoencoder": ((0.38, 0.58), (0.45, 0.72), (0.28, 0.48)),
    "2, shipped": ((0.38, 0.52), (0.74, 0.84), (0.38, 0.5)),
}
for name, (X, X_new) in codes.items():
    grouped = sum(share_named(k_means(X, seed), y_train) for seed in range(5)) / 5
    neighbours = share_by_nearest(X, X_new, torch.arange(len(X)))
    ten = sum(share_by_nearest(X, X_new, known) for known in tens) / len(tens)
    parts = {"purity of ten groups": grouped, "neighbours": neighbours, "ten labels": ten}
    for (what, value), band in zip(parts.items(), bands[name]):
        report(f"{name}: {what}", value, *band, percent=True, digits=1)

# %% [markdown]
# Three questions, three answers.
#
# - *Groups*: two numbers found without labels keep most of what k-means finds in 784, and they do
#   not find more. It would be a nice story that the narrow middle discovers the ten digits. It does
#   not. Half of the digits lie in a group of another name, and the shipped two numbers do no better
#   here than PCA's.
# - *Neighbours*: yet the shipped two numbers know a lot. Three of four digits have a neighbour of
#   their own kind, with PCA's two not even two of five. The kinds lie apart, but not in the round
#   heaps that k-means looks for, as you saw in the plane.
# - *Ten labels*: now two learned numbers do as well as 784 pixels. This is where codes earn their
#   keep: digits without labels are cheap, and thousands of them have already said how digits vary.
#
# *How they vary*, and not what they are called. Make the strokes of the test fours one pixel
# thicker all round, and the squared error is 0.089. Answer each with the most similar *nine*
# instead: 0.051. For this loss the pen is a larger matter than the digit. Nobody told it what
# matters to you.
#
# ## Rain on the digits
#
# An autoencoder has to pass through a narrow middle, or else it would learn to copy. There is
# another way to keep it from copying: **spoil the input, and ask for the clean picture.** We spoil
# with rain: slanted streaks, a few pixels long. That is a **denoiser**, or a denoising autoencoder.
# Once more nobody has to write down an answer. Clean digits we have; the rain we make.
#
# What would you try first, without any learning? Do nothing. **Blur**: the mean of 3 × 3 pixels. Or
# the **median** of 3 × 3 pixels: sort the nine, take the fifth. A single thin streak seldom covers
# more than half of the nine, so most of it falls out.
#
# **Predict.** In this rain the `cnn` reads 69% of the test digits (dry: all of them, for it has met
# them in training). How many will it read behind the median filter? And what will a network add to
# that?

# %%
torch.manual_seed(0)
denoiser = Denoiser().to(device)  # five convolutions: what share of each pixel's ink shall stay?
fit(
    denoiser,
    (X_train, X_train),
    augment=lambda X: rain(X, 0.5, seed=None),  # on what goes in only, new rain for each batch
    loss_fn=F.mse_loss,
    n_epochs=3,
    lr=0.005,
    schedule=one_cycle,
)
rainy = rain(X_test, 0.5)
ways = {
    "nothing": (rainy, (0.032, 0.036), (0.63, 0.75)),
    "blur": (F.avg_pool2d(rainy, 3, stride=1, padding=1), (0.025, 0.029), (0.65, 0.8)),
    "median": (median(rainy), (0.0145, 0.0175), (0.9, 0.96)),
    "network": (predict(denoiser, rainy), (0.0005, 0.005), (0.97, 1)),
}
for name, (X, error, right) in ways.items():
    report(f"{name}: squared error of a pixel", F.mse_loss(X, X_test).item(), *error, digits=3)
    report(f"{name}: the cnn reads", accuracy(predict(reader, X), y_test), *right, percent=True)

# %% [markdown]
# The median alone brings most digits back. That is worth knowing: whoever compares the network with
# "nothing" only, praises it for what a filter of 1974 does. But the median also eats thin strokes,
# and leaves rain where drops cross: its error is about eight times that of the network.
#
# Now your own digit (clear the pad above and draw), in as much rain as you like.
#
# - How much rain until the median fails? Until the network does?
# - Draw a house. The autoencoder made a digit of it. What will the denoiser do?
# - Draw a thin stroke that slants like the rain.

# %%
denoiser_explorer(load_pretrained("denoiser"), pad)

# %% [markdown]
# The house stands, and it is dry. So this network has *not* learned what a digit is. It looks at
# small windows and has learned **what rain is**: short thin streaks that lean like a "/". Then it
# must err where a digit looks like rain.
#
# **Predict.** Which digits will lose most ink on a dry day, with no rain at all?

# %%
dry = predict(denoiser, X_test)  # no rain at all
kept = dry.flatten(1).sum(dim=1) / X_test.flatten(1).sum(dim=1)
report("ink that is kept on a dry day", kept.mean().item(), 0.88, 0.995, percent=True)
worst = kept.argsort()[:6]
pairs = torch.cat([X_test[worst], dry[worst]])[:, 0]
plot_images(pairs, says="Above: dry digits. Below: what the denoiser leaves of them", columns=6)

# %% [markdown]
# Thin strokes that lean like rain are washed away, whatever the digit. The autoencoder saw digits
# everywhere, the denoiser sees rain. Each has learned what its pairs of question and answer were
# about, and neither was told in words.
#
# ## Where are the dreams?
#
# Back to dreaming. In the plane you could *see* where the digits are, and put your finger there.
# But two numbers make poor digits. With sixteen the pictures get much better, and there is no plane
# to look at any more. Where shall we take the sixteen numbers from?
#
# A fair attempt: measure mean and spread of each of the sixteen over the training digits, and draw
# each at random from a normal distribution with the same mean and spread.
#
# **Predict.** Digits, or something else?

# %%
torch.manual_seed(0)
wide = OurAutoencoder(16).to(device)
fit(wide, (X_train, X_train), loss_fn=F.mse_loss, n_epochs=20, lr=0.005, schedule=one_cycle)
error = F.mse_loss(predict(wide, X_test), X_test).item()
report("sixteen numbers, error on new digits", error, 0.017, 0.028, digits=3)

found = predict(wide.encode, X_train)  # (N, 16): where the training digits lie
drawn_codes = found.mean(dim=0) + found.std(dim=0) * torch.randn(1000, 16)
from_wide = predict(wide.decode, drawn_codes)
plot_images(from_wide[:20, 0], says="Sixteen numbers, each drawn by itself")


def astray(drawn, known, new):
    """Compare distances to the nearest known code: of drawn codes, and of codes of new digits."""
    away, usual = (torch.cdist(codes, known).amin(dim=1).mean() for codes in (drawn, new))
    return (away / usual).item()


far = astray(drawn_codes, found, predict(wide.encode, X_test))
report("distance to the nearest known code, new digits being 1", far, 1.5, 4, digits=1)

# %% [markdown]
# Strokes at last, some digits, and much that is neither. The decoder is not to blame: it gives test
# digits back well. The *codes* are wrong. Each number by itself is as it should be, but together
# they lie two to three times as far from any training digit's code as the codes of new digits do,
# where nobody taught the decoder anything. It is the mistake of the dust again, one floor up.
#
# Two cures are possible. Find out how the codes really lie. Or *make* them lie so that drawing each
# by itself is right. The second is the idea of the next network.
#
# ## The variational autoencoder
#
# **First wish.** A digit shall not be a point among the codes but a little **cloud**: a normal
# distribution with mean $\mu$ and standard deviation $\sigma$, of which the encoder says both, for
# each number of the code. The code is *drawn* from the cloud, anew each time, and the decoder must
# make the same digit of all of it. Then there are no gaps inside the cloud.
#
# **Second wish.** All clouds together shall fill one that we know: the **standard** normal
# distribution, $\mu = 0$ and $\sigma = 1$ for each number. That is where we shall take our dreams
# from.
#
# The two quarrel. For the first, small clouds far from each other are best, so that no two digits
# are mixed up. For the second, every cloud should be the standard one, and then they could not be
# told apart at all. The price for leaving the standard cloud is the **Kullback–Leibler
# divergence**, the mean of $\ln q(z) - \ln p(z)$ over $z$ drawn from $q$. Here $q$ is the digit's
# cloud and $p$ the standard one. For normal distributions it has a closed form:
#
# $$\mathrm{KL} = \tfrac12 \sum_k \left( \mu_k^2 + \sigma_k^2 - 1 - \ln \sigma_k^2 \right)$$
#
# By hand, for one number: $\mu = 0, \sigma = 1$ gives $\tfrac12 (0 + 1 - 1 - 0) = 0$. And $\mu = 1,
# \sigma = 1$ gives $\tfrac12$. Its unit is the **nat**: 1 nat is 1.44 bits.
#
# **Predict.** What does a cloud half as wide cost, $\mu = 0$ and $\sigma = 0.5$? More than one that
# is twice as wide, or less? And will 200,000 draws agree with the formula?

# %%
clouds = {"μ = 1, σ = 1": (1.0, 1.0), "μ = 0, σ = ½": (0.0, 0.5), "μ = 0, σ = 2": (0.0, 2.0)}
standard = torch.distributions.Normal(0.0, 1.0)
lot = torch.Generator().manual_seed(0)
for name, (mu, sigma) in clouds.items():
    formula = 0.5 * (mu**2 + sigma**2 - 1 - math.log(sigma**2))
    cloud = torch.distributions.Normal(mu, sigma)
    z = mu + sigma * torch.randn(200_000, generator=lot)
    drawn_mean = (cloud.log_prob(z) - standard.log_prob(z)).mean().item()
    theirs = torch.distributions.kl_divergence(cloud, standard).item()
    assert abs(formula - theirs) < 1e-6
    assert abs(formula - drawn_mean) < 0.02
    print(f"{name}: formula {formula:.2f}, draws {drawn_mean:.2f}, PyTorch {theirs:.2f} nats")

# %% [markdown]
# Formula, draws and PyTorch agree. The wide cloud costs more: it often lands where the standard one
# hardly ever is.
#
# ### Exercise 3 · The divergence
#
# For a batch. `mu` and `log_var` are $(N, K)$, one row a picture; return $(N,)$, one number a
# picture. Networks say $\ln \sigma^2$ (`log_var`) rather than $\sigma$, because it may be any
# number, and $\sigma$ must be above 0.


# %%
def divergence(mu, log_var):
    """Return KL(N(mu, sigma²) from the standard normal) in nats: (N, K), (N, K) -> (N,)."""
    ### BEGIN SOLUTION
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1)
    ### END SOLUTION


# %%
check("10.kl", divergence)

# %% [markdown]
# ### Drawing, with a way back
#
# The code is drawn at random. How can a gradient pass through a draw? Try it as anyone would.
#
# **Predict.** `z` is drawn from a normal distribution with the mean `mu`, and the loss is the mean
# of $z^2$. What will `backward` say?

# %% tags=["raises-exception"]
mu = torch.tensor(0.5, requires_grad=True)
sigma = torch.tensor(1.0, requires_grad=True)
z = torch.distributions.Normal(mu, sigma).sample((100_000,))
(z**2).mean().backward()

# %% [markdown]
# Read the last line: the loss has no `grad_fn`. `sample` rolls dice and hands over numbers, and
# from a number there is no way back to what it was drawn with. (Worse, `torch.normal(mu, sigma)`
# does *not* complain. It gives slopes of 0, always, and the encoder would learn nothing while the
# loss still falls a little.)
#
# The cure is a line of algebra. Draw $\varepsilon$ from the *standard* distribution, which no
# weight has a part in, and compute
#
# $$z = \mu + \sigma \, \varepsilon$$
#
# The numbers are spread just as before. But now $\partial z / \partial \mu = 1$ and $\partial z /
# \partial \sigma = \varepsilon$: arithmetic, with a way back. This is called
# **reparameterisation**.
#
# **Predict.** The mean of $z^2$ is $\mu^2 + \sigma^2$. Which slopes should come out for $\mu = 0.5$
# and $\sigma = 1$?

# %%
lot = torch.Generator().manual_seed(0)
z = mu + sigma * torch.randn(100_000, generator=lot)
(z**2).mean().backward()
assert abs(mu.grad - 2 * mu) < 0.02
assert abs(sigma.grad - 2 * sigma) < 0.02
print(f"slope for mu {mu.grad:.1f}, for sigma {sigma.grad:.1f}")

# %% [markdown]
# $2\mu$ and $2\sigma$, as they should be.
#
# ### The loss, exactly
#
# How well does the network explain a digit $x$? By the probability $p(x)$ that a dream is exactly
# this digit: draw a code $z$ from $p$, the standard cloud, and let the decoder give each pixel a
# probability of ink. For every $z$, by the rule for conditional probabilities,
#
# $$\ln p(x) = \ln p(x \mid z) + \ln p(z) - \ln p(z \mid x)$$
#
# Nobody knows $p(z \mid x)$, the codes from which $x$ could have come. The encoder's cloud $q$ is a
# guess at it. Add and subtract $\ln q(z)$, and take the mean over $z$ drawn from $q$:
#
# $$\ln p(x) \;=\; \underbrace{\text{mean of } \ln p(x \mid z)}_{\text{how well the pixels fit}}
# \;-\; \mathrm{KL}(q \,\|\, p(z)) \;+\; \underbrace{\mathrm{KL}(q \,\|\, p(z \mid x))}_{\ge\, 0}$$
#
# The last part cannot be computed. But it is never below 0, so the rest is a **lower bound** of
# $\ln p(x)$, called the ELBO (evidence lower bound). The loss is its negative: *binary
# cross-entropy of all pixels, added up, plus the divergence.* Both wishes, and their exchange rate,
# from one formula.
#
# ### Exercise 4 · Find the mistakes
#
# Somebody has written it down. `x` is $(N, D)$ pixels, `mu`, `log_var` and `noise` are $(N, K)$,
# and `decode` makes $(N, D)$ pixels from $(N, K)$ codes. The result is one number, the mean over
# the pictures.
#
# ```python
# sigma = log_var.exp()
# z = mu + sigma * noise
# pixels = F.binary_cross_entropy(decode(z), x)
# kl = 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)
# return (pixels - kl).mean()
# ```
#
# It runs without an error, and it holds three mistakes. Mend it.


# %%
def negative_elbo(x, mu, log_var, noise, decode):
    """Return the loss of a variational autoencoder in nats, the mean over the pictures."""
    ### BEGIN SOLUTION
    sigma = (log_var / 2).exp()  # log_var is ln sigma²
    z = mu + sigma * noise  # as before
    pixels = F.binary_cross_entropy(decode(z), x, reduction="none").sum(dim=1)  # all pixels count
    kl = 0.5 * (mu**2 + sigma**2 - 1 - log_var).sum(dim=1)  # as before
    return pixels.mean() + kl.mean()  # both are prices, so they add up
    ### END SOLUTION


# %%
check("10.elbo", negative_elbo)

# %% [markdown]
# Here is the whole network. The encoder now gives twice as many numbers, and the decoder is the old
# one. `fit` calls the loss with what came out and what was wanted, so the network remembers its
# last clouds for it.


# %%
class OurVAE(nn.Module):
    """A variational autoencoder: (N, 1, 28, 28) -> the same, by a code that is drawn."""

    def __init__(self, n_codes):
        super().__init__()
        self.spread = OurAutoencoder(2 * n_codes).encode
        self.decode = OurAutoencoder(n_codes).decode

    def forward(self, X):
        self.mu, self.log_var = self.spread(X).chunk(2, dim=1)  # (N, n_codes) each
        noise = torch.randn_like(self.mu)
        return self.decode(self.mu + (self.log_var / 2).exp() * noise)

    def loss(self, X_hat, X):
        pixels = F.binary_cross_entropy(X_hat, X, reduction="none").flatten(1).sum(dim=1)
        kl = 0.5 * (self.mu**2 + self.log_var.exp() - 1 - self.log_var).sum(dim=1)
        return (pixels + kl).mean()


# %% [markdown]
# **Predict.** Sixteen standard normal numbers go into its decoder, each drawn by itself, and no
# digit at all. Will the dreams be better than those of the ordinary autoencoder?

# %%
torch.manual_seed(0)
vae = OurVAE(16).to(device)
fit(vae, (X_train, X_train), loss_fn=vae.loss, n_epochs=25, lr=0.004, schedule=one_cycle)
from_vae = predict(vae.decode, torch.randn(1000, 16))  # no digit goes in
plot_images(from_vae[:20, 0], says="Dreams: sixteen standard normal numbers, decoded")

# %% [markdown]
# Twenty dreams, and nobody wrote any of them. Fewer are in pieces, all are softer.
#
# Is it a bound, as we claimed? $\ln p(x)$ can be estimated, at a price: draw many codes from the
# cloud, and average $p(x \mid z)\, p(z) / q(z)$, the probabilities themselves and not their
# logarithms. The more draws, the nearer to $\ln p(x)$, from below (on average). With one draw this
# *is* the ELBO.
#
# Beside it two yardsticks: the mean picture as the answer to every digit, and the digit itself as
# the answer. (Pixels are grey in places, and a pixel of ½ costs ln 2 whatever one does.)


# %%
@torch.no_grad()
def log_p(model, X, n_draws):
    """Estimate ln p(x) of each digit from many draws of its code: (N, 1, 28, 28) -> (N,)."""
    mu, log_var = model.spread(X).chunk(2, dim=1)
    weights = []
    for _ in range(n_draws):
        noise = torch.randn_like(mu)
        z = mu + (log_var / 2).exp() * noise
        pixels = -F.binary_cross_entropy(model.decode(z), X, reduction="none").flatten(1).sum(dim=1)
        weights.append(pixels + (noise**2 / 2 + log_var / 2 - z**2 / 2).sum(dim=1))  # ln of p·p/q
    return torch.stack(weights).logsumexp(dim=0) - math.log(n_draws)


some = X_test[::5].to(device)  # 200 digits, all ten kinds
one, many = (-log_p(vae, some, n_draws).mean().item() for n_draws in (1, 100))
assert many < one
page = mean.clamp(0.001, 0.999).expand_as(some)  # never quite sure, for ln 0 is too much to pay
for name, value, low, high in (
    ("the mean picture", 784 * F.binary_cross_entropy(page, some).item(), 190, 220),
    ("VAE, one draw (the loss)", one, 118, 140),
    ("VAE, a hundred draws", many, 114, 137),
    ("the digit itself", 784 * F.binary_cross_entropy(some, some).item(), 42, 50),
):
    report(f"{name}: nats a digit", value, low, high, digits=0)

# %% [markdown]
# The bound holds: the true value lies some nats below the loss.
#
# **Predict.** The network may use sixteen numbers. How many does it use? Look at the divergence of
# each number by itself, a mean over the test digits. A number that costs 0 nats tells nothing about
# the digit.

# %%
with torch.no_grad():
    mu, log_var = vae.spread(X_test.to(device)).chunk(2, dim=1)  # (N, 16) each
cost = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(dim=0).cpu()  # (16,)
used = (cost > 0.1).sum().item()
report("numbers in use, of sixteen", used, 5, 12, digits=0)


def drawn_from_clouds(X):
    """Draw a code from the cloud of each digit: (N, 1, 28, 28) -> (N, 16)."""
    mu, log_var = predict(vae.spread, X).chunk(2, dim=1)
    return mu + (log_var / 2).exp() * torch.randn_like(mu)


known, new = (drawn_from_clouds(X)[:, cost > 0.1] for X in (X_train, X_test))  # those in use
far = astray(torch.randn(1000, known.shape[1]), known, new)
report("distance to the nearest known code, new digits being 1", far, 1.05, 1.6, digits=1)

fig, ax = figure("What each number of the code costs", xlabel="number of the code", ylabel="nats")
ax.bar(range(1, 17), cost.sort(descending=True).values, color=BLUE, label="_cost")
ax.set(ylim=(0, 3.5), xticks=range(1, 17))
show(fig, "Some of the sixteen numbers cost one to three nats, the others next to nothing.")

# %% [markdown]
# It gives back what it does not need. Each number costs its divergence, and has to earn it by
# better pixels. About half of them earn less and are switched off: there the encoder says $\mu = 0$
# and $\sigma = 1$ to every digit, which is free. Whoever expected sixteen thought of the ordinary
# autoencoder, for which every number is a gift.
#
# And the distance says what the clouds have changed. With the ordinary autoencoder, codes drawn
# number by number lay two to three times as far from known codes as those of new digits do; now it
# is about 1.3 times. (Only numbers in use are counted, since the others are noise for everybody. An
# ordinary autoencoder with just seven numbers comes to about 2.) The digits live nearly where we
# draw.
#
# ### Between two digits
#
# **Predict.** A seven slowly turns into a zero. Once by blending pixels, once by blending codes.
# What does each look like half-way?

# %%
seven, zero = X_test[y_test == 7][:1], X_test[y_test == 0][:1]
steps = torch.linspace(0, 1, 9)[:, None]  # (9, 1)
pixels = (1 - steps) * seven.flatten(1) + steps * zero.flatten(1)  # (9, 784)
start, end = (predict(vae.spread, X)[:, :16] for X in (seven, zero))  # the means of both clouds
decoded = predict(vae.decode, (1 - steps) * start + steps * end)  # (9, 1, 28, 28)
both = torch.cat([pixels.reshape(9, 28, 28), decoded[:, 0]])
plot_images(both, says="Above: pixels blended. Below: codes blended", columns=9)

# %% [markdown]
# Blended pixels are two ghosts on one sheet. Blended codes are one stroke that bends, and closes.
# The code says *how the digit is*, and half-way between two ways to be is another way. (Not always
# a digit: who goes from one kind to another may cross a place that is neither. Try other pairs.)
#
# Here is a variational autoencoder with two numbers, as it comes with the course. Compare its plane
# with the first one: where is the middle, how far do the dots reach, and are there gaps?

# %%
latent_plane(load_pretrained("vae"), X_test, y_test, name="variational autoencoder")

# %% [markdown]
# The dots lie in a round heap about 0, nearly all within 3 of it each way, as the second wish has
# it. (In the first plane some lie at 68.) So now you know where to draw. And it cost little:
# pictures come back nearly as well as from the first plane (an error of 0.0351, taken at the middle
# of each cloud, against 0.0345).
#
# ## A judge
#
# Why are the dreams soft? The code does not hold everything: not where exactly the edge of a stroke
# runs. The decoder must answer all the same, and is punished for each pixel. Then the best answer
# is the *mean* of all pictures that are possible. And a mean of sharp pictures is not sharp:

# %%
threes = X_train[y_train == 3]  # (400, 1, 28, 28)
means = torch.stack([threes[:n].mean(dim=0) for n in (1, 2, 5, 20, 400)])[:, 0]
plot_images(means, ["1 three", "mean of 2", "of 5", "of 20", "of 400"], columns=5)

# %% [markdown]
# No real three looks like the last one, and a pixel-by-pixel loss likes it best. We need another
# loss: one that asks "could this be real?" of the picture as a whole. The reader cannot tell, it
# called dust an 8. So train a network for just that question. Show it real digits with the label 1
# and dreams with the label 0, five hundred of each, and test it on five hundred new ones of each: a
# **judge**. If dreams were as good as real, it would be right half of the time.
#
# **Predict.** How often will it be right about dust, about the ordinary autoencoder's dreams, about
# the variational one's?


# %%
def caught(real, dreams, n_epochs=5):
    """Return how often a new judge is right on pictures that it was not trained on, 0 to 1."""
    torch.manual_seed(0)
    n = len(real) // 2
    X = torch.stack([real, dreams[: len(real)]], dim=1).flatten(0, 1)  # real, dream, real, …
    y = torch.tensor([1.0, 0.0]).repeat(len(real))
    judge = discriminator().to(device)  # (N, 1, 28, 28) -> (N, 1), above 0 for real
    loss_fn = F.binary_cross_entropy_with_logits
    fit(
        judge, (X[: 2 * n], y[: 2 * n]), loss_fn=loss_fn, n_epochs=n_epochs, lr=0.002, batch_size=32
    )
    return evaluate(judge, X[2 * n :], y[2 * n :], loss_fn=loss_fn).accuracy


mixed = X_train[torch.randperm(len(X_train), generator=torch.Generator().manual_seed(0))]
real = mixed[:1000]
suspects = {
    "dust": dust,
    "autoencoder": from_wide,
    "VAE": from_vae,
    "other real digits": mixed[1000:],
}
for name, dreams in suspects.items():
    low, high = (0.43, 0.57) if name == "other real digits" else (0.9, 1)
    report(f"judge right, {name}", caught(real, dreams), low, high, percent=True, digits=1)

# %% [markdown]
# Every kind of dream is found out, the soft ones of the variational autoencoder as surely as the
# others. The last line is the check of the check: between real digits and other real digits the
# judge can only guess. It is a hard measure, and an honest one. (It is known as a *classifier
# two-sample test*.)
#
# And a judge is more than a measure. It is a network. So it has *gradients*: it can tell each pixel
# of a dream which way to move to look more real.
#
# ## Two players
#
# A **GAN**, a generative adversarial network, lets a forger and a judge grow up together.
#
# - The **generator** $G$ makes a picture from random numbers $z$.
# - The **discriminator** $D$ gives a logit: above 0 for "real", below for "fake".
# - $D$ learns to say 1 to real digits and 0 to fakes. $G$ learns to be taken for real.
#
# Both losses are binary cross-entropies, as in lesson 02. What is the best that $D$ can do? Suppose
# that of all pictures of one kind that come before it, two are real and one is a fake.
#
# **Predict.** Which probability should it answer to pictures of this kind?

# %%
answers = torch.linspace(0.01, 0.99, 99)
loss = -(2 * torch.log(answers) + torch.log(1 - answers))  # two real ones, one fake
print(f"best answer {answers[loss.argmin()]:.2f}; the share of real ones is {2 / 3:.2f}")
ours = -(math.log(0.5) + math.log(1 - 0.5))  # D can only guess: one half to real and to fake
half = torch.zeros(1)  # the logit of one half
theirs = sum(F.binary_cross_entropy_with_logits(half, torch.full((1,), y)) for y in (1.0, 0.0))
assert abs(ours - theirs.item()) < 1e-6
print(f"loss of a discriminator that can only guess: {ours:.2f}")

# %% [markdown]
# The share of real ones. So if the fakes are as good and as frequent as the real digits, it is one
# half everywhere. Then $D$'s loss is $2 \ln 2 = 1.39$, and $G$'s is $\ln 2 = 0.69$. Keep these
# numbers.
#
# ### Exercise 5 · Both losses
#
# Return `(loss_d, loss_g)`. `loss_d` is the sum of two mean cross-entropies: real pictures should
# get a 1, fakes a 0. `loss_g` is one mean cross-entropy: the generator wishes a 1 for its fakes.
# And the loss of $D$ must not pull at $G$: `fake.detach()` is `fake` without its history.
# (`F.binary_cross_entropy_with_logits(logits, labels)` wants labels of the same shape;
# `torch.ones_like(t)` and `torch.zeros_like(t)` make them. The check uses networks with one weight
# each.)


# %%
def gan_losses(D, G, real, z):
    """Return the discriminator's loss and the generator's, both means over the batch."""
    ### BEGIN SOLUTION
    bce, fake = F.binary_cross_entropy_with_logits, G(z)
    on_real, on_fake = D(real), D(fake.detach())
    loss_d = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
    verdict = D(fake)  # once more, this time with a way back to G
    loss_g = bce(verdict, torch.ones_like(verdict))
    return loss_d, loss_g
    ### END SOLUTION


# %%
check("10.gan", gan_losses)

# %% [markdown]
# Why not let $G$ raise $D$'s loss, the plainest wording of the game? It would lower $\ln (1 - p)$,
# where $p$ is the probability that $D$ gives the fake. As a function of the logit its slope is
# $-p$; that of $-\ln p$ is $p - 1$. For a bad fake, $p = 0.02$, that is −0.02 against −0.98. Both
# point the same way, but the first is fifty times weaker, just where the forger has most to learn.
# So $-\ln p$ it is, as the inventors advised.
#
# Here is the whole game. Two optimizers, and both take turns. This is no loop for `fit`: there are
# two losses, and each network's data are made by the other.


# %%
def play(G, D, X, n_steps, lr=0.002):
    """Let both take turns for n_steps; return their losses at each step, (n_steps, 2)."""
    bce, losses = F.binary_cross_entropy_with_logits, []
    optimizer_g = torch.optim.Adam(G.parameters(), lr=lr, betas=(0.5, 0.999))
    optimizer_d = torch.optim.Adam(D.parameters(), lr=lr, betas=(0.5, 0.999))
    ones, zeros = torch.ones(64, 1, device=device), torch.zeros(64, 1, device=device)
    for _ in range(n_steps):
        real = X[torch.randint(len(X), (64,))].to(device)
        fake = G(torch.randn(64, 32).to(device)).detach()  # D's turn
        loss_d = bce(D(real), ones) + bce(D(fake), zeros)
        optimizer_d.zero_grad()
        loss_d.backward()
        optimizer_d.step()

        fake = G(torch.randn(64, 32).to(device))  # G's turn
        loss_g = bce(D(fake), ones)
        optimizer_g.zero_grad()
        loss_g.backward()
        optimizer_g.step()
        losses.append((loss_d.item(), loss_g.item()))
    return torch.tensor(losses)


# %% [markdown]
# It learns from nothing but the 400 threes. The same ten codes are decoded now and then, so that
# you can follow ten dreams as they grow.
#
# **Predict.** The forgeries will get better. What will the two losses do? Sketch them: both fall,
# one falls and one rises, both rise?

# %%
torch.manual_seed(0)
G, D = Generator().to(device), discriminator().to(device)
ten_codes = torch.randn(10, 32)
looks, losses = [predict(G, ten_codes)], []
for n_steps in (40, 80, 200):  # 320 in all
    losses.append(play(G, D, threes, n_steps))
    looks.append(predict(G, ten_codes))
losses = torch.cat(losses)  # (320, 2)

shown = torch.cat(looks)[:, 0]
plot_images(shown, says="The same ten codes after 0, 40, 120 and 320 steps", columns=10)
smooth = losses.reshape(32, 10, 2).mean(dim=1)  # means of ten steps
plot_lines(
    {"discriminator": smooth[:, 0], "generator": smooth[:, 1], "D guesses": [2 * math.log(2)] * 32},
    "Neither loss tells how good the threes are",
    x=torch.arange(5, 320, 10),
    xlabel="step",
    ylabel="loss",
    ylim=(0, 5),
    trained=True,
)
report("discriminator's loss, first 40 steps", losses[:40, 0].mean().item(), 0.1, 0.7, digits=1)
report("discriminator's loss, last 40 steps", losses[-40:, 0].mean().item(), 0.9, 1.5, digits=1)

# %% [markdown]
# From noise to threes, and after the first steps one loss falls and the other *rises*. At the very
# beginning $D$ learns fast to tell threes from noise: its loss is almost 0, and the generator's
# shoots up. Then the forger catches up. $D$'s loss climbs towards 1.39, not because it gets worse
# but because its task gets harder, and $G$'s falls towards 0.69. "Both fall" is what two readers
# would do, each with a task of its own. Here each is the other's task. So the losses tell who is
# ahead, not how good the game is. **Look at the pictures, and measure something else.**
#
# So count what the reader says to a thousand dreams, and call a new judge. And a doubt that should
# always be there: has the forger learned the 400 threes by heart? Take each dream's distance to the
# nearest of the 400, and the same for the 100 *test* threes, which are new for certain.


# %%
def to_nearest(X):
    """Return the mean squared pixel difference of each picture to the nearest training three."""
    return torch.cdist(X.flatten(1), threes.flatten(1)).min(dim=1).values ** 2 / 784


from_gan = predict(G, torch.randn(1000, 32, generator=torch.Generator().manual_seed(0)))
said = predict(reader, from_gan).argmax(dim=1)
report("read as 3 by the cnn", (said == 3).float().mean().item(), 0.75, 1, percent=True, digits=1)
lot = torch.randperm(400, generator=torch.Generator().manual_seed(0))
for name, dreams in {"two threes blended": (threes + threes[lot]) / 2, "GAN": from_gan}.items():
    low, high = (0.72, 0.97) if name == "GAN" else (0.93, 1)
    report(f"judge right, {name}", caught(threes, dreams, 15), low, high, percent=True, digits=1)
new = to_nearest(X_test[y_test == 3]).mean().item()
report("new threes, to the nearest", new, 0.036, 0.045, digits=3)
report("dreams, to the nearest", to_nearest(from_gan).mean().item(), 0.04, 0.07, digits=3)

closest = to_nearest(from_gan).argsort()[:5]
twins = torch.cdist(from_gan[closest].flatten(1), threes.flatten(1)).argmin(dim=1)
pairs = torch.cat([from_gan[closest], threes[twins]])[:, 0]
plot_images(pairs, says="Above: the dreams nearest to a real three. Below: that three", columns=5)

# %% [markdown]
# At the end $D$ could only guess, and yet a new judge catches most of the dreams. The forger was
# trained to fool this one $D$, which had to follow a moving target; the new judge studies finished
# forgeries at leisure. Still it errs about once in ten, more often than with any dreams before and
# with blends of two real threes. (This took 320 steps. Those who make faces train for weeks.) And
# the dreams are no nearer to the training digits than new threes are: they are not copies.
#
# ## All ten digits, and a collapse
#
# With ten digits the game takes longer: 5,000 steps on 50,000 digits, some minutes. Two such
# trainings were recorded for you, of networks with fully connected layers. There is one difference.
# In the first the generator has batch normalisation (lesson 05) behind its hidden layers, in the
# second it has not. Now and then 1,000 dreams were made, and the `cnn` said what it reads in them.
# If the dreams were as varied as MNIST, it would read each digit about 100 times.
#
# **Predict.** The judge looks at one picture at a time. What keeps a forger from drawing one good
# digit again and again?

# %%
gan_over_time()

# %% [markdown]
# Nothing keeps it. In the second run a thousand dreams are nearly one: what differs are a few
# specks. A real digit's most similar fellow among a thousand is, say, 100 away. In the first run it
# is 71, in the second 7. And walk through the looks: the `cnn` reads mostly eights into them, then
# zeros, then threes and sevens. When the judge has learned to catch one picture, the forger moves
# on to another one, with all its dreams at once.
#
# This is **mode collapse**: the generator gives up variety, and hardly listens to $z$ any more. The
# losses warn you here, but of something else: the discriminator's is next to 0, so it has won. A
# forger who made dust would lose as clearly. That all dreams are *alike*, you see only in many of
# them side by side. So count.
#
# Batch normalisation is the only difference of these two runs. The likely reason: it sets mean and
# spread of each hidden number over the batch, which makes it hard for all codes of a batch to end
# in one picture. There are many such means and no sure one. The first run is no triumph, either:
# its discriminator stays well ahead, and of its dreams a third are ones, which are easy to forge,
# and hardly any are zeros.
#
# Here are the last counts of both runs. Below them is a third game, whose generator comes with the
# course: the two networks that forged your threes, of convolutions, for 9,000 steps on 50,000
# digits. It draws all ten, and none of them rarely. Many of its strokes still belong to no digit.

# %%
for name, run in records().items():
    counts = torch.tensor(run["counts"][-1])  # what the cnn read in the last 1,000 dreams
    print(f"{name:<10}", *(f"{n:>4}" for n in counts.tolist()), f"  digits: {(counts >= 10).sum()}")

G_ten = load_pretrained("generator")
z = torch.randn(1000, G_ten.n_codes, generator=torch.Generator().manual_seed(1))
counts = predict(reader, predict(G_ten, z)).argmax(dim=1).bincount(minlength=10)
report("the rarest digit in 1,000 dreams of the third", counts.min().item(), 40, 80, digits=0)
walk = (1 - steps) * z[8:9] + steps * z[1:2]  # nine codes on the way from one to another
plot_images(predict(G_ten, z[:30])[:, 0], says="Thirty digits that nobody wrote")
plot_images(predict(G_ten, walk)[:, 0], says="From one dream to another", columns=9)

# %% [markdown]
# ## Which dreamer for what?
#
# | | autoencoder | variational autoencoder | GAN |
# |---|---|---|---|
# | a code for a given digit | yes | yes, a cloud | no |
# | where to draw codes from | nobody says | the standard normal | the standard normal |
# | its dreams here | parts of digits | digits, soft | digits, sharp, with ragged edges |
# | how good, as a number | error of the pixels | the bound, in nats | none: count, ask a judge |
# | what goes wrong | learns to copy, or blurs | numbers switched off, blur | collapse, no balance |
#
# And the denoiser? It seemed to be the odd one out. But give it a digit in so much noise that
# hardly anything is left, and what it returns is partly *invented*. Train one network for all
# amounts of noise, begin with noise alone, and take it off in many small steps: that is a
# **diffusion model**, the kind that paints most pictures by machine today. You have met its parts
# in this lesson: a denoiser, the normal distribution to start from, and a bound for the loss.
#
# ## Quiz

# %%
quiz("10")

# %% [markdown]
# ## Where the idea comes from
#
# **1901** Karl Pearson fits lines and planes to points: PCA. **1936** Carl Eckart and Gale Young
# prove that nothing straight is better. **1974** John Tukey smooths with the median. **1986** David
# Rumelhart, Geoffrey Hinton and Ronald Williams let a network reproduce its input through a narrow
# middle. **1989** Pierre Baldi and Kurt Hornik show what a linear one learns: PCA. **2006** Hinton
# and Ruslan Salakhutdinov squeeze digits into two numbers with a deep one, far better than PCA.
# **2008** Pascal Vincent and others spoil the input. **2013** Diederik Kingma and Max Welling
# publish the variational autoencoder; Danilo Rezende and others find the same, weeks later.
# **2014** Ian Goodfellow and others publish the GAN. **2015** Alec Radford and others make it work
# with convolutions; Jascha Sohl-Dickstein and others take noise off step by step, which became
# famous only in **2020**, by Jonathan Ho and others.
#
# ## Summary
#
# - A dream is a picture made from a few numbers, the code. Pixels drawn one by one are dust.
# - An autoencoder is its own teacher: the picture is the answer. Without bends it learns PCA, the
#   best straight squeeze; with bends two numbers do the work of five, and trained on more digits of
#   ten.
# - Codes found without labels know how digits vary, not what they are called. Ask in more than one
#   way: groups, neighbours, few labels.
# - A denoiser learns what its pairs show it. Compare it with the median, not with nothing.
# - VAE: a cloud for each digit, drawn by $z = \mu + \sigma \varepsilon$; loss = pixels +
#   divergence, a bound of $-\ln p(x)$. It uses as many numbers as pay for themselves.
# - The mean of what is possible is soft. A judge that sees the whole picture wants it sharp.
# - GAN: two losses, two turns, `detach` between them. Losses near 1.39 and 0.69 mean balance, not
#   quality: a new judge may still catch most fakes. Count the kinds among many dreams: all alike
#   is mode collapse.
# - To judge dreams: a new judge, counts, the distance to the nearest training digit. Never a
#   reader's confidence alone: it called dust an 8.
#
# **Next:** all of this ran on one slow machine. What changes on a fast one, or on several? Lesson
# 11.
#
# ## Sources
#
# - K. Pearson: *On lines and planes of closest fit to systems of points in space.* Philosophical
#   Magazine 2, 1901. C. Eckart, G. Young: *The approximation of one matrix by another of lower
#   rank.* Psychometrika 1, 1936.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning internal representations by error
#   propagation.* In: Parallel Distributed Processing 1, 1986.
# - P. Baldi, K. Hornik: *Neural networks and principal component analysis: learning from examples
#   without local minima.* Neural Networks 2 (1989).
# - G. E. Hinton, R. R. Salakhutdinov: *Reducing the dimensionality of data with neural networks.*
#   Science 313, 2006.
# - P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol: *Extracting and composing robust features
#   with denoising autoencoders.* ICML 2008.
# - D. P. Kingma, M. Welling: *Auto-encoding variational Bayes.* 2013, arXiv:1312.6114. D. J.
#   Rezende, S. Mohamed, D. Wierstra: *Stochastic backpropagation and approximate inference in deep
#   generative models.* ICML 2014.
# - Y. Burda, R. Grosse, R. Salakhutdinov: *Importance weighted autoencoders.* ICLR 2016 (the
#   estimate with many draws).
# - I. J. Goodfellow and others: *Generative adversarial nets.* NIPS 2014.
# - A. Radford, L. Metz, S. Chintala: *Unsupervised representation learning with deep convolutional
#   generative adversarial networks.* ICLR 2016.
# - D. Lopez-Paz, M. Oquab: *Revisiting classifier two-sample tests.* ICLR 2017 (the judge).
# - J. Sohl-Dickstein and others: *Deep unsupervised learning using nonequilibrium thermodynamics.*
#   ICML 2015. J. Ho, A. Jain, P. Abbeel: *Denoising diffusion probabilistic models.* NeurIPS 2020.
