# %% [markdown]
# # 10 · Can a network dream digits?
#
# In most lessons a picture went in and a few numbers came out. Now the way round: a few numbers go
# in, and out comes a digit that nobody ever wrote.
#
# **After this lesson you can**
#
# 1. build an autoencoder, and say what its two numbers know, next to a straight squeeze (PCA);
# 2. train a denoiser, and say what its examples decide, and what its shape;
# 3. write the loss of a variational autoencoder, and say what each of its two parts wants;
# 4. write the two losses of a GAN, and notice when its dreams are all alike;
# 5. judge dreams, where no label says what would have been right.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
import torch

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.figures import plot_images
from course_utils.models import load_pretrained
from course_utils.training import predict

mnist = load_mnist(MNIST_SAMPLE)
X_test, y_test = mnist.test_images[:, None].float() / 255, mnist.test_labels  # (N, 1, 28, 28)
G_ten = load_pretrained("generator")  # 32 random numbers in, a picture out
made = predict(G_ten, torch.randn(10, 32, generator=torch.Generator().manual_seed(4)))
order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
shown = torch.cat([X_test[:10], made])[order, 0]
plot_images(shown, range(1, 21), says="Twenty digits. Ten were written by people")

# %% [markdown]
# **Predict.** The other ten are dreams: a network made each of 32 random numbers. Which? (The next
# cell tells.)
#
# ## Dreaming by chance
#
# A picture is 784 numbers. So draw 784 numbers at random, and once in a while there should be a
# digit? Let us be kinder to chance: count how much ink each pixel has in the 4,000 training digits,
# and draw each pixel by its own share.
#
# **Predict.** Digits, something like digits, or dust? And what will the `cnn` of lessons 06 and 07
# say to it, the course's best reader?

# %%
from course_utils.device import get_device, seed_everything, set_threads
from course_utils.display import report

device = get_device()
set_threads(1)  # enough for small networks, and every run gives the same numbers
seed_everything(0)
print("dreams:", [place + 1 for place, k in enumerate(order.tolist()) if k >= 10])

X_train, y_train = mnist.train_images[:, None].float() / 255, mnist.train_labels
mean = X_train.mean(dim=0)  # (1, 28, 28): how much ink each pixel has, from 0 to 1
dust = (torch.rand(1000, 1, 28, 28) < mean).float()  # each pixel by itself
plot_images(dust[:10, 0], says="Each pixel drawn by itself")

reader = load_pretrained("cnn")
eight = predict(reader, dust).softmax(dim=1)[:, 8].mean().item()  # of (1000, 10)
report("the cnn's mean probability for an 8", eight, 0.6, 1, percent=True, digits=1)

# %% [markdown]
# Dust. Every pixel is as dark as it should be, on average, but a stroke is pixels that *agree*. And
# the reader says "8" to nearly all of it. You know that from lesson 07: it was asked "which of the
# ten", never "is this one at all". **A reader is no judge of dreams.**
#
# So the pixels must be decided *together*, from something smaller: a few numbers that say "a seven,
# slanted, thin", and a machine that draws it. These numbers are the **code** of a picture, and
# nobody tells us what they should mean.
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
# The error stands at a right angle to $\mathbf w$, so by Pythagoras $z^2$ and the squared error add
# up to the squared length of $\mathbf x$: $19.36 + 0.64 = 20$. *The largest codes leave the
# smallest error.*
#
# **Predict.** Four points: (4, 2), (2, 1), (−3, −1), (−3, −2). Is a steeper direction than (0.8,
# 0.6) better, or a flatter one?

# %%
from course_utils.exercises import check, quiz
from course_utils.figures import BLUE, INK, ORANGE, figure, show

points = torch.tensor([[4.0, 2.0], [2.0, 1.0], [-3.0, -1.0], [-3.0, -2.0]])  # their mean is 0


def unfolded(w):
    """Squeeze all points to one number each, and unfold them: w (2,) -> (N, 2)."""
    return (points @ w).outer(w)


angles = torch.deg2rad(torch.arange(0, 180.0))  # beyond 180 degrees the directions repeat
directions = torch.stack([angles.cos(), angles.sin()], dim=1)
errors = [((unfolded(w) - points) ** 2).sum().item() for w in directions]
best = directions[torch.tensor(errors).argmin()]
print(f"best of 180: ({best[0]:.2f}, {best[1]:.2f}), error {min(errors):.2f}")

fig, ax = figure("One number for each point", xlabel="pixel 1", ylabel="pixel 2", size=(8, 3.9))
for x, x_hat in zip(points, unfolded(best)):
    ax.plot(*torch.stack([x, x_hat]).T, color=INK, linestyle=":", label="_lost")
ax.plot(*(torch.tensor([[-5.0], [5.4]]) * best).T, color=INK, linewidth=1, label="_w")
ax.scatter(*points.T, s=110, color=BLUE, marker="o", label="point", zorder=3)
ax.scatter(*unfolded(best).T, s=90, color=ORANGE, marker="^", label="unfolded from its code")
ax.set(aspect="equal", xlim=(-5, 6), ylim=(-2.6, 2.8))
ax.legend(loc="upper left")
show(fig, "Four points and what is left of each after one number; all of that lies on one line.")

# %% [markdown]
# A flatter one, with an error of 0.40 where (0.8, 0.6) has 1.84: the direction along which the
# points are *spread* most.
#
# Nobody tries directions in a space of 784. There is a formula. Multiply the points by themselves,
# $\mathbf X^\top \mathbf X$, a matrix of 2 × 2. Its **eigenvectors** are the directions that the
# matrix only stretches, and the one that it stretches most is the best $\mathbf w$. For a code of
# $K$ numbers take the first $K$. That is **principal component analysis**, PCA, older than any
# neural network. (If the mean is not 0, take it away first and add it at the end.)
#
# ### Exercise 1 · Squeeze and unfold
#
# For a code of $K$ numbers, and for rows with any mean: `X` is $(N, D)$, `mean` is $(D,)$, `axes`
# is $(K, D)$ with a direction in each row, of length 1 and at right angles to the others. Return
# what is left of `X` after $K$ numbers, $(N, D)$ again.


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
# The same for digits: 784 directions are waiting, sorted by how much the digits are spread along
# each. The errors are taken on the 1,000 test digits, of which PCA has seen none.

# %%
import torch.nn.functional as F

flat_mean = mean.flatten()  # (784,)
centred = X_train.flatten(1) - flat_mean  # (N, 784)
_, eigenvectors = torch.linalg.eigh(centred.T @ centred)  # the largest comes last
axes = eigenvectors.T.flip(0)  # (784, 784): a direction in each row, the most important first


def through_pca(X, k):
    """Squeeze digits into k numbers and unfold them: (N, 1, 28, 28) -> the same."""
    codes = (X.flatten(1) - flat_mean) @ axes[:k].T  # (N, k)
    return (flat_mean + codes @ axes[:k]).reshape(X.shape)


for k in (0, 1, 2, 5, 10, 50, 784):
    error = F.mse_loss(through_pca(X_test, k), X_test)
    print(f"{k:>3} numbers: squared error of a pixel {error:.3f}")

# %% [markdown]
# ### The same, learned
#
# Squeeze and unfold are two matrices, so they are two layers of a network without activations, and
# a network can be trained. Its right answer? **The picture itself.** No label is needed. Such a
# network is an **autoencoder**: its first half, the **encoder**, makes the code, the second, the
# **decoder**, the picture.
#
# **Predict.** With two numbers in the middle, trained with the squared error: will it be above
# PCA's, below, or the same?

# %%
from torch import nn

from course_utils.training import evaluate, fit, one_cycle

X_centred = (X_train - mean).to(device)
linear = nn.Sequential(
    *(nn.Flatten(), nn.Linear(784, 2)),  # encoder: (N, 1, 28, 28) -> (N, 2)
    *(nn.Linear(2, 784), nn.Unflatten(1, (1, 28, 28))),  # decoder: back again
).to(device)
recipe = {"loss_fn": F.mse_loss, "schedule": one_cycle}
own_answer = (X_centred, X_centred)  # the picture is its own answer
fit(linear, own_answer, n_epochs=10, lr=0.05, batch_size=256, **recipe)
by_pca = F.mse_loss(through_pca(X_train, 2), X_train).item()
learned = evaluate(linear, X_centred, X_centred, loss_fn=F.mse_loss).loss
report("PCA, training digits", by_pca, 0.0553, 0.0563, digits=3)
report("linear autoencoder, the same digits", learned, 0.0555, 0.059, digits=3)
assert learned >= by_pca - 1e-6

# %% [markdown]
# Nearly the same, and never below. Of all straight squeezes PCA is the best (Carl Eckart and Gale
# Young proved it in 1936). So PCA is our yardstick: a network has to do what nothing straight can.
#
# ## Bend it
#
# Give encoder and decoder hidden layers with ReLU, and a sigmoid at the end, which keeps the pixels
# between 0 and 1. Two numbers stay in the middle.
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
from course_utils.training import accuracy

torch.manual_seed(0)
squeezed = OurAutoencoder(2).to(device)
fit(squeezed, (X_train, X_train), n_epochs=30, lr=0.005, **recipe)

returned = predict(squeezed, X_test)
for name, X in (("PCA", through_pca(X_test, 2)), ("autoencoder", returned)):
    low, high = (0.0555, 0.057) if name == "PCA" else (0.04, 0.0449)
    report(f"{name}, two numbers, new digits", F.mse_loss(X, X_test).item(), low, high, digits=3)
    right = accuracy(predict(reader, X.clamp(0, 1)), y_test)
    low, high = (0.2, 0.38) if name == "PCA" else (0.5, 0.69)
    report("    the cnn still reads", right, low, high, percent=True, digits=1)

rows = torch.cat([X_test[:10], through_pca(X_test[:10], 2), returned[:10]])[:, 0]
plot_images(rows.clamp(0, 1), says="Ten digits; two numbers by PCA; two by the network")

# %% [markdown]
# More than five of PCA's. A straight decoder can only add the same two pictures, weighted; a bent
# one draws a different picture in every corner of the plane. (Trained on 50,000 digits, the same
# network is as good as ten of PCA's numbers, with 0.0345, and the reader reads 81%.)
#
# Some come back as a smudge, and some cleanly, as *another digit*.
#
# **Predict.** Now two things that are new to it: your own digit, and a house. What comes back of
# the house? (Until you clear the pad, a five by the course lies there.)

# %%
from course_utils.canvas import DigitPad
from course_utils.ink.forms import neat

pad = DigitPad({"cnn": reader}, in_page=True)
pad.draw(neat("5"))
pad

# %%
from course_utils.ink.normalize import normalize_drawing, rasterize

yours = pad.image if pad.strokes else X_test[0, 0]
house, star = (torch.tensor(normalize_drawing(rasterize(neat(name)))) for name in ("house", "star"))
drawn = torch.stack([yours.float(), house.float(), star.float()])[:, None]  # (3, 1, 28, 28)
both = torch.cat([drawn, predict(squeezed, drawn)])[:, 0]
titles = ["your digit", "a house", "a star"] + ["what comes back"] * 3
plot_images(both, titles, says="Through two numbers and back", columns=3)

# %% [markdown]
# Your digit may come back as another one, and the house as something made of digits: two numbers
# that say where among 4,000 digits we are have no way to say "house". **The decoder can only draw
# what it was trained to draw.** For a dreamer that is the whole point: whatever the two numbers are,
# out comes something like a digit.
#
# ### Walk through the plane
#
# So choose the numbers yourself, with the network of 50,000 digits. Each of the 1,000 test digits,
# new to it, lies where its two numbers are. Touch the plane, and the decoder draws what belongs
# there.
#
# - Go from the zeros to the ones, slowly. What lies between?
# - Find a place that is neither of two digits. Zoom into the crowd.
# - Go far outside. Fill the plane with what it decodes.

# %%
from course_utils.explorers.latent import latent_plane

latent_plane(load_pretrained("autoencoder"), X_test, y_test)

# %% [markdown]
# The network has never seen a label. It laid threes beside threes because neighbours get nearly the
# same picture.

# %% [markdown]
# ### Deeper: Unsupervised learning, revisited
#
# In lesson 00 you looked for groups in the pixels, by k-means, and no group was the fives. How much
# of the ten digits is in two numbers that were found without labels? Find ten groups. Then give each
# the name of its commonest digit, and count how many digits have their group's name. This share is
# the **purity**.
#
# **An exercise.** `groups` and `labels` are whole numbers, $(N,)$ each. (`t.unique()` lists the
# numbers that appear in `t`. `t.bincount()` counts the zeros, the ones, the twos … in `t`.)


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
# Two more ways to ask. **Neighbours**: how often has the nearest of the 4,000 training digits,
# measured in codes, the same label? **Ten labels**: the same if only ten training digits have a
# label, one of each kind.


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
    """The purity once more, by one table: groups in rows, digits in columns."""
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
# - *Groups*: the narrow middle does not discover the ten digits. About half of them lie in a group
#   of another name, and the shipped two numbers do no better here than PCA's.
# - *Neighbours*: yet they know a lot. Three of four digits have a neighbour of their own kind, with
#   PCA's two not even two of five. The kinds lie apart, but not in the round heaps that k-means
#   looks for.
# - *Ten labels*: a tie. Two learned numbers are as good as 784 pixels, and no better.
#
# The codes say *how digits vary*, not what they are called. Make the strokes of the test fours one
# pixel thicker all round, and the squared error is 0.089. Answer each with the most similar *nine*:
# 0.051. For this loss the pen is a larger matter than the digit.

# %% [markdown]
# ## Rain on the digits
#
# A narrow middle keeps an autoencoder from copying. There is another way: **spoil the input, and
# ask for the clean picture.** We spoil with rain: slanted streaks, a few pixels long. Such a
# network is a **denoiser**. Clean digits we have, the rain we make, so again no label is needed.
#
# Without any learning, one would try the **median** of 3 × 3 pixels: sort the nine, take the fifth.
# A thin streak seldom covers more than four of the nine, so most of it falls out.
#
# Our network is made of convolutions. It says for each pixel what *share* of its ink shall stay. So
# it can take ink away, and never add any. Its first layer halves the picture (a stride of 2), its
# last doubles it again, a convolution run backwards. By hand, in one dimension: 1 and 2 each *stamp*
# the filter (1, 3, 3, 1), times themselves, the second two places on. Overlapping stamps add up: 1,
# 3, 3 + 2, 1 + 6, 6, 2. Cut off one at each end (`padding=1`), and two numbers have become four: 3,
# 5, 7, 6.


# %%
class OurDenoiser(nn.Module):
    """Each pixel of a rainy digit keeps a share of its ink: (N, 1, 28, 28) -> the same."""

    def __init__(self):
        super().__init__()
        self.share = nn.Sequential(
            *(nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU()),  # -> (N, 16, 14, 14)
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()),
            *(nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1), nn.Sigmoid()),  # 28 × 28 again
        )

    def forward(self, X):
        return X * self.share(X)


stamped = F.conv_transpose1d(
    torch.tensor([[1.0, 2.0]]), torch.tensor([[[1.0, 3.0, 3.0, 1.0]]]), stride=2, padding=1
)
assert stamped.tolist() == [[3.0, 5.0, 7.0, 6.0]]

# %% [markdown]
# **Predict.** In this rain the `cnn` reads 69% of the test digits. (Dry, it reads all of them, for
# it has met them in training.) How many behind the median filter? And behind the network?

# %%
from course_utils.ink.rain import median, rain

torch.manual_seed(0)
denoiser = OurDenoiser().to(device)
wet = {"augment": lambda X: rain(X, 0.5, seed=None)}  # on what goes in; new rain for each batch
fit(denoiser, (X_train, X_train), n_epochs=3, lr=0.005, **wet, **recipe)
rainy = rain(X_test, 0.5)
ways = {
    "nothing": (rainy, (0.032, 0.036), (0.63, 0.75)),
    "median": (median(rainy), (0.0145, 0.0175), (0.9, 0.96)),
    "network": (predict(denoiser, rainy), (0.0005, 0.005), (0.97, 1)),
}
for name, (X, error, right) in ways.items():
    report(f"{name}: squared error of a pixel", F.mse_loss(X, X_test).item(), *error, digits=3)
    report(f"{name}: the cnn reads", accuracy(predict(reader, X), y_test), *right, percent=True)

# %% [markdown]
# The median alone brings most digits back. Whoever compares with "nothing" only, praises the network
# for what a filter of 1974 does. But the median also eats thin strokes, and leaves rain where drops
# cross: its error is several times as large.
#
# ### What do the examples decide?
#
# Now a house in the rain. And beside the denoiser a second network, trained on *the same* examples,
# rainy digits and dry ones: the autoencoder, with sixteen numbers in its middle.
#
# **Predict.** Neither has ever seen a house. What comes back from the one, and from the other?

# %%
torch.manual_seed(0)
narrow = OurAutoencoder(16).to(device)
fit(narrow, (X_train, X_train), n_epochs=12, lr=0.005, **wet, **recipe)
in_the_rain = rain(drawn, 0.5)
back = {"denoiser": predict(denoiser, in_the_rain), "autoencoder": predict(narrow, in_the_rain)}
for name, X in back.items():
    low, high = (0.0005, 0.01) if name == "denoiser" else (0.025, 0.1)
    error = F.mse_loss(X[1:], drawn[1:]).item()
    report(f"{name}: error on house and star", error, low, high, digits=3)
shown = torch.cat([in_the_rain, *back.values()])[:, 0]
titles = ["in the rain"] * 3 + ["the denoiser"] * 3 + ["the autoencoder"] * 3
plot_images(shown, titles, says="Two networks, the same examples", columns=3)

# %% [markdown]
# From the one the house, dry; from the other something made of digits. So the examples alone do not
# decide. *What a network can answer at all is decided by its shape.* No house passes through sixteen
# numbers that were found for digits. The denoiser has no narrow place: it judges each pixel by the
# square of 18 × 18 pixels around it, and only says how much of it stays. (The windows are enough:
# the same convolutions, saying the picture itself and trained for longer, let the house stand, too.)
#
# Now your own digit (clear the pad above and draw), in as much rain as you like.
#
# - How much rain until the median fails? Until the network does?
# - Draw a house, and a thin stroke that slants like the rain.

# %%
from course_utils.explorers.denoise import denoiser_explorer

denoiser_explorer(load_pretrained("denoiser"), pad)

# %% [markdown]
# The examples say *what* shall be taken away: short thin streaks that lean like a "/". Then the
# network must err where a digit looks like rain.
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
# Thin strokes that lean like rain are washed away, whatever the digit.
#
# ## Where are the dreams?
#
# In the plane you could put your finger where the digits are. But two numbers make poor digits.
# Sixteen make better ones, and there is no plane to look at. Where shall we take them from?
#
# A fair attempt: measure the mean $\mu$ and the standard deviation $\sigma$ of each over the
# training digits, and draw it at random with the same two, from a **normal distribution**. Its
# **density** says how many numbers fall where:
#
# $$p(z) = \frac{1}{\sqrt{2 \pi}\, \sigma}\; e^{-\frac12 \left( \frac{z - \mu}{\sigma} \right)^2}$$
#
# Two thirds of the numbers lie within one $\sigma$ of $\mu$, nineteen of twenty within two.
# `torch.randn` draws from the **standard** one, $\mu = 0$ and $\sigma = 1$; $\mu + \sigma \cdot$
# `torch.randn` from any other.

# %%
import math

from course_utils.figures import RULE


def density(z, mu=0.0, sigma=1.0):
    """Return how densely numbers lie at z, for a normal distribution: (N,) -> (N,)."""
    return torch.exp(-0.5 * ((z - mu) / sigma) ** 2) / (math.sqrt(2 * math.pi) * sigma)


draws = torch.randn(10_000, generator=torch.Generator().manual_seed(0))
z = torch.linspace(-4, 4, 161)
fig, ax = figure("Most numbers lie near the mean", xlabel="z", ylabel="density", size=(8, 3.4))
ax.hist(draws, bins=40, range=(-4, 4), density=True, color=RULE, label="_draws")
ax.plot(z, density(z), label="standard")
ax.plot(z, density(z, 1.0, 0.5), label="μ = 1, σ = ½")
ax.set_ylim(0, 1)
ax.legend(loc="upper left")
show(fig, "Grey: ten thousand numbers from torch.randn, counted. Lines: two densities.")

# %% [markdown]
# **Predict.** Sixteen numbers, each drawn by itself from its own normal distribution, and decoded:
# digits, or something else?

# %%
torch.manual_seed(0)
wide = OurAutoencoder(16).to(device)
fit(wide, (X_train, X_train), n_epochs=20, lr=0.005, **recipe)
error = F.mse_loss(predict(wide, X_test), X_test).item()
report("sixteen numbers, error on new digits", error, 0.017, 0.028, digits=3)

found = predict(wide.encode, X_train)  # (N, 16): where the training digits lie
drawn_codes = found.mean(dim=0) + found.std(dim=0) * torch.randn(1000, 16)
from_wide = predict(wide.decode, drawn_codes)
plot_images(from_wide[:20, 0], says="Sixteen numbers, each drawn by itself")

# %% [markdown]
# Strokes at last, some digits, and much that is neither. The decoder gives test digits back well; it
# is the *codes* that are wrong. Each number by itself is as it should be, but not the sixteen
# together. It is the mistake of the dust again, one floor up.
#
# ### A judge
#
# How good are they, as a number? Train a network for just that question, a **judge**: real digits get
# the label 1, dreams the label 0, five hundred of each. Test it on five hundred new ones of each. If
# dreams were as good as real, it would be right half of the time.

# %%
from course_utils.models import discriminator


def caught(real, dreams, n_epochs=5):
    """Return how often a new judge is right on pictures that it was not trained on, 0 to 1."""
    torch.manual_seed(0)
    n = len(real) // 2
    X = torch.stack([real, dreams[: len(real)]], dim=1).flatten(0, 1)  # real, dream, real, …
    y = torch.tensor([1.0, 0.0]).repeat(len(real))
    judge = discriminator().to(device)  # (N, 1, 28, 28) -> (N, 1), above 0 for real
    rest = {"loss_fn": F.binary_cross_entropy_with_logits}
    fit(judge, (X[: 2 * n], y[: 2 * n]), n_epochs=n_epochs, lr=0.002, batch_size=32, **rest)
    return evaluate(judge, X[2 * n :], y[2 * n :], **rest).accuracy


print(discriminator())

# %% [markdown]
# Two convolutions that halve the picture, and one linear layer. (`LeakyReLU(0.2)` is the leaky ReLU
# of lesson 05, $\max(z, 0.2 z)$. Why it leaks, you will see in part 2.)
#
# **Predict.** How often will it be right about dust, about these dreams, and, to check the check,
# about real digits that are called dreams?

# %%
mixed = X_train[torch.randperm(len(X_train), generator=torch.Generator().manual_seed(0))]
real, others = mixed[:1000], mixed[1000:]
for name, dreams in {"dust": dust, "autoencoder": from_wide, "real digits": others}.items():
    low, high = (0.43, 0.57) if name == "real digits" else (0.9, 1)
    report(f"judge right, {name}", caught(real, dreams), low, high, percent=True, digits=1)

# %% [markdown]
# Nearly all dreams are found out, and between real digits and real digits the judge can only guess:
# a hard measure, and an honest one. (It is known as a *classifier two-sample test*.)

# %% [markdown]
# ## Break
#
# You can squeeze digits, take rain off them, and judge dreams. While you are away: the codes do not
# lie where we draw. How could one *make* them lie there?

# %% [markdown]
# ## Part 2 · Clouds and forgers
#
# Codes drawn by chance miss the digits. Two ways out: make the codes lie where we draw, or let a
# judge teach the one who draws.
#
# ### The variational autoencoder
#
# **First wish.** A digit shall not be a point among the codes but a little **cloud**: a normal
# distribution whose $\mu$ and $\sigma$ the encoder says, for each number of the code. The code is
# *drawn* from the cloud, anew each time, and the decoder must make the same digit of all of it.
#
# **Second wish.** All clouds together shall fill one that we know: the standard normal
# distribution. There we shall take our dreams from.
#
# The two quarrel. For the first, small clouds far from each other are best, so that no two digits
# are mixed up. For the second, every cloud should be the standard one, and then nobody could tell
# them apart. So leaving it has a price, the **Kullback–Leibler divergence** (KL) of the digit's
# cloud from the standard one:
#
# $$\mathrm{KL} = \tfrac12 \sum_k \left( \mu_k^2 + \sigma_k^2 - 1 - \ln \sigma_k^2 \right)$$
#
# By hand, for one number: $\mu = 0, \sigma = 1$ costs $\tfrac12 (0 + 1 - 1 - 0) = 0$, and $\mu = 1,
# \sigma = 1$ costs $\tfrac12$. Its unit is the **nat**, 1.44 bits. A wider cloud, $\sigma = 2$,
# costs $\tfrac12 (4 - 1 - \ln 4) = 0.81$, and a narrower one, $\sigma = \tfrac12$, costs
# $\tfrac12(\tfrac14 - 1 + \ln 4) = 0.32$. As $\sigma$ goes to 0, so that the cloud becomes a point,
# the price grows without end.

# %% [markdown]
# ### Deeper: where the divergence comes from
#
# It is a mean: of $\ln q(z) - \ln p(z)$ over numbers $z$ drawn from $q$. Here $q$ is the density of
# the digit's cloud, and $p$ the standard one. With the formula of the density,
#
# $$\ln q(z) - \ln p(z) = -\tfrac12 \left( \frac{z - \mu}{\sigma} \right)^2 - \ln \sigma
# + \tfrac12 z^2$$
#
# The mean of $(z - \mu)^2$ is $\sigma^2$, so the first term becomes $-\frac12$; the mean of $z^2$
# is $\mu^2 + \sigma^2$. Together that is $\frac12(\mu^2 + \sigma^2 - 1) - \ln \sigma$, the formula.
# Independent numbers add up.
#
# It is never below 0. For all $u$ above 0, $\ln u \le u - 1$ (the curve lies under its tangent). So
# the mean of $\ln \frac{p}{q}$ is at most the mean of $\frac{p}{q} - 1$, over $q$. And that is
# $\int q \left( \frac{p}{q} - 1 \right) dz = \int p\, dz - \int q\, dz = 1 - 1 = 0$.

# %%
clouds = {"μ = 1, σ = 1": (1.0, 1.0), "μ = 0, σ = ½": (0.0, 0.5), "μ = 0, σ = 2": (0.0, 2.0)}
standard = torch.distributions.Normal(0.0, 1.0)
lot = torch.Generator().manual_seed(0)
for name, (mu, sigma) in clouds.items():
    formula = 0.5 * (mu**2 + sigma**2 - 1 - math.log(sigma**2))
    z = mu + sigma * torch.randn(200_000, generator=lot)
    drawn_mean = (density(z, mu, sigma) / density(z)).log().mean().item()
    cloud = torch.distributions.Normal(mu, sigma)
    theirs = torch.distributions.kl_divergence(cloud, standard).item()
    assert abs(formula - theirs) < 1e-6
    assert abs(formula - drawn_mean) < 0.02
    print(f"{name}: formula {formula:.2f}, draws {drawn_mean:.2f}, PyTorch {theirs:.2f} nats")

# %% [markdown]
# **An exercise.** For a batch. `mu` and `log_var` are $(N, K)$, one row a picture; return $(N,)$,
# one number a picture. `log_var` is $\ln \sigma^2$, which may be any number, where $\sigma$ must be
# above 0.


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
# The code is drawn at random. How can a gradient pass through a draw?
#
# **Predict.** `z` is drawn from a normal distribution with the mean `mu`, and the loss is the mean
# of $z^2$. What will `backward` say?

# %% tags=["raises-exception"]
mu = torch.tensor(0.5, requires_grad=True)
sigma = torch.tensor(1.0, requires_grad=True)
z = torch.distributions.Normal(mu, sigma).sample((100_000,))
(z**2).mean().backward()

# %% [markdown]
# The loss has no `grad_fn`: `sample` rolls dice and hands over numbers, and from a number there is
# no way back to what it was drawn with. (Worse, `torch.normal(mu, sigma)` does *not* complain. Its
# slopes are 0, always. Only the divergence would still teach the encoder, and it teaches to say $\mu
# = 0$ and $\sigma = 1$ to every digit.)
#
# The cure is a line of algebra. Draw $\varepsilon$ from the *standard* distribution, which no weight
# has a part in, and compute
#
# $$z = \mu + \sigma \, \varepsilon$$
#
# The numbers are spread as before, but now $\partial z / \partial \mu = 1$ and $\partial z /
# \partial \sigma = \varepsilon$. This is **reparameterisation**. The mean of $z^2$ is $\mu^2 +
# \sigma^2$, so the slopes should be $2 \mu = 1$ and $2 \sigma = 2$.

# %%
z = mu + sigma * torch.randn(100_000, generator=torch.Generator().manual_seed(0))
(z**2).mean().backward()
print(f"slope for mu {mu.grad:.1f}, for sigma {sigma.grad:.1f}")

# %% [markdown]
# ### Exercise 2 · Find the mistakes
#
# The loss is the sum of two prices, in nats. *The code*: its divergence. *The pixels*, given the
# code: the decoder says for each a probability of ink, and the price is the binary cross-entropy of
# lesson 02, added up over all pixels. (A grey pixel counts as a share of ink.) The sum is called
# the negative **ELBO**.
#
# Somebody has written it down. `x` is $(N, D)$ pixels. `mu`, `log_var` and `noise` are $(N, K)$;
# `log_var` is $\ln \sigma^2$, which may be any number, where $\sigma$ must be above 0. `decode`
# makes $(N, D)$ probabilities from $(N, K)$ codes. The result is one number, the mean over the
# pictures.
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
# Here is the whole network. The encoder now gives twice as many numbers. `fit` calls the loss with
# what came out and what was wanted, so the network remembers its last clouds for it. And there is a
# dial: the divergence can be made cheaper or dearer.


# %%
class OurVAE(nn.Module):
    """A variational autoencoder: (N, 1, 28, 28) -> the same, by a code that is drawn."""

    def __init__(self, n_codes, price=1.0):
        super().__init__()
        self.spread = OurAutoencoder(2 * n_codes).encode
        self.decode = OurAutoencoder(n_codes).decode
        self.price = price

    def forward(self, X):
        self.mu, self.log_var = self.spread(X).chunk(2, dim=1)  # (N, n_codes) each
        noise = torch.randn_like(self.mu)
        return self.decode(self.mu + (self.log_var / 2).exp() * noise)

    def loss(self, X_hat, X):
        pixels = F.binary_cross_entropy(X_hat, X, reduction="none").flatten(1).sum(dim=1)
        kl = 0.5 * (self.mu**2 + self.log_var.exp() - 1 - self.log_var).sum(dim=1)
        return (pixels + self.price * kl).mean()


# %% [markdown]
# Look at the clouds, for two numbers: each digit is an ellipse that reaches one $\sigma$ each way,
# and the dotted circle is the standard cloud. Below are dreams: standard normal numbers go in, and
# no digit at all. Of such codes 86% lie within 2 of the middle.
#
# **Predict.** The divergence at a hundredth of its price, at its price, and at a hundred times it.
# Where will the clouds be, and how large? Which of the three dreams best?

# %%
from course_utils.figures import draw_clouds

vaes = {}
for price in (0.01, 1, 100):
    torch.manual_seed(0)
    vaes[price] = OurVAE(2, price).to(device)
    clouds_of = {"loss_fn": vaes[price].loss, "schedule": one_cycle}
    fit(vaes[price], (X_train, X_train), n_epochs=10, lr=0.005, batch_size=128, **clouds_of)

fig, panels = figure(columns=3, size=(10.4, 4.2), ylabel="second code")
codes_in = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
sheets, bands = [], {0.01: (0.05, 0.5), 1: (0.55, 0.85), 100: (1, 1)}
for ax, (price, model) in zip(panels, vaes.items()):
    mu, log_var = predict(model.spread, X_test[:150]).chunk(2, dim=1)
    draw_clouds(ax, mu, (log_var / 2).exp(), y_test[:150], reach=20 if price < 1 else 4)
    ax.set(title=f"price × {price}")
    sheets.append(predict(model.decode, codes_in))
    mu = predict(model.spread, X_test)[:, :2]
    inside = (mu.norm(dim=1) < 2).float().mean().item()
    report(
        f"price × {price}: within 2 of the middle", inside, *bands[price], percent=True, digits=1
    )
show(fig, "The clouds of 150 test digits at three prices of the divergence.")
plot_images(torch.cat(sheets)[:, 0], says="The same ten codes, decoded: price × 0.01, × 1, × 100")

# %% [markdown]
# Too cheap, and the clouds shrink to dots and spread far beyond the circle: most digits lie where
# nobody draws, and are never dreamt. Too dear, and every cloud *is* the circle. Then the code says
# nothing, and the decoder's best answer to any code is the mean of all digits. At its price the
# clouds are small, side by side, and most of them where we draw.
#
# Why price 1? Then the loss has a meaning: it bounds the price of the digit itself (Deeper, below).
# Two numbers were for looking. Now sixteen, and the judge.

# %%
torch.manual_seed(0)
vae = OurVAE(16).to(device)
fit(vae, (X_train, X_train), loss_fn=vae.loss, n_epochs=25, lr=0.004, schedule=one_cycle)
from_vae = predict(vae.decode, torch.randn(1000, 16))  # no digit goes in
plot_images(from_vae[:20, 0], says="Dreams: sixteen standard normal numbers, decoded")
report("judge right, VAE", caught(real, from_vae), 0.9, 1, percent=True, digits=1)

# %% [markdown]
# Fewer are in pieces than the autoencoder's, all are softer, and the judge knows them nonetheless.
#
# Why soft? The code does not hold where exactly the edge of a stroke runs, and the decoder pays for
# each pixel. Then its best answer is the *mean* of all pictures that are possible. And a mean of
# sharp pictures is not sharp:

# %%
threes = X_train[y_train == 3]  # (400, 1, 28, 28)
means = torch.stack([threes[:n].mean(dim=0) for n in (1, 2, 5, 20, 400)])[:, 0]
plot_images(means, ["1 three", "mean of 2", "of 5", "of 20", "of 400"], columns=5)

# %% [markdown]
# ### Deeper: the loss is a bound
#
# How well does the network explain a picture $x$? By the probability $p(x)$ that a dream is exactly
# this one. An example that fits on a slip of paper: two codes, $a$ and $b$, each drawn half of the
# time, and pictures of one pixel, ink or paper. The decoder gives ink the probability 0.9 for $a$
# and 0.3 for $b$. Multiply, and the table holds all that can happen:
#
# | | code $a$ | code $b$ | together |
# |---|---|---|---|
# | ink | 0.45 | 0.15 | $p(\text{ink}) = 0.60$ |
# | paper | 0.05 | 0.35 | 0.40 |
#
# Who sees ink can ask for the code: it was $a$ in 0.45 / 0.60 = 75%. That is $p(a \mid \text{ink})$.
# Read it backwards: $p(\text{ink}) = p(a)\, p(\text{ink} \mid a) / p(a \mid \text{ink}) = 0.5 \cdot
# 0.9 / 0.75 = 0.6$, and with $b$ it is $0.5 \cdot 0.3 / 0.25 = 0.6$ as well. So for *every* code $z$
#
# $$\ln p(x) = \ln p(x \mid z) + \ln p(z) - \ln p(z \mid x)$$
#
# With 784 pixels nobody can fill the table, nor know $p(z \mid x)$. The encoder's cloud $q$ is a
# guess at it. Add and subtract $\ln q(z)$, and take the mean over $z$ drawn from $q$:
#
# $$\ln p(x) \;=\; \underbrace{\text{mean of } \ln p(x \mid z) \;-\; \mathrm{KL}(q \,\|\, p(z))}
# _{\text{the loss, with its sign turned round}}
# \;+\; \underbrace{\mathrm{KL}(q \,\|\, p(z \mid x))}_{\ge\, 0}$$
#
# Three guesses for ink, where $\ln p(x) = \ln 0.6 = -0.51$:
#
# | guess $q(a), q(b)$ | mean of $\ln p(x \mid z)$ | KL from $p(z)$ | difference | missing |
# |---|---|---|---|---|
# | ½, ½ | −0.65 | 0 | −0.65 | 0.14 |
# | 1, 0 | −0.11 | 0.69 | −0.80 | 0.29 |
# | ¾, ¼ | −0.38 | 0.13 | −0.51 | 0 |
#
# The difference is never above $\ln p(x)$, and reaches it where the guess is right. So it is called
# the *evidence lower bound*, ELBO. Making it large makes $p(x)$ large, or the guess better.
#
# Does it hold for our sixteen numbers? $\ln p(x)$ can be estimated: draw many codes from the cloud,
# and average $p(x \mid z)\, p(z) / q(z)$ itself, not its logarithm. The more draws, the nearer,
# from below (on average); with one draw this *is* the ELBO. The pictures are made black and white,
# for only then are these probabilities.


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


some = (X_test[::5] > 0.5).float().to(device)  # 200 digits, all ten kinds, black and white
one, many = (-log_p(vae, some, n_draws).mean().item() for n_draws in (1, 100))
assert many < one
page = mean.clamp(0.001, 0.999).to(device).expand_as(some)  # never quite sure: ln 0 is too dear
alone = 784 * F.binary_cross_entropy(page, some).item()
report("the mean picture, nats a digit", alone, 190, 225, digits=0)
report("VAE, one draw (the loss)", one, 108, 132, digits=0)
report("VAE, a hundred draws", many, 104, 129, digits=0)

# %% [markdown]
# The bound holds: the price lies some nats below the loss. (The yardstick is the mean picture, as the
# answer to every digit.)

# %% [markdown]
# ### Deeper: what the code holds
#
# **Predict.** The network may use sixteen numbers. How many does it use? A number whose divergence,
# a mean over the test digits, is 0 nats tells nothing about the digit.

# %%
with torch.no_grad():
    mu, log_var = vae.spread(X_test.to(device)).chunk(2, dim=1)  # (N, 16) each
cost = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).mean(dim=0).cpu()  # (16,)
used = (cost > 0.1).sum().item()
report("numbers in use, of sixteen", used, 5, 12, digits=0)

fig, ax = figure("What each number of the code costs", xlabel="number of the code", ylabel="nats")
ax.bar(range(1, 17), cost.sort(descending=True).values, color=BLUE, label="_cost")
ax.set(ylim=(0, 3.5), xticks=range(1, 17))
show(fig, "Some of the sixteen numbers cost one to three nats, the others next to nothing.")


def astray(drawn, known, new):
    """Compare distances to the nearest known code: of drawn codes, and of codes of new digits."""
    away, usual = (torch.cdist(codes, known).amin(dim=1).mean() for codes in (drawn, new))
    return (away / usual).item()


def drawn_from_clouds(X):
    """Draw a code from the cloud of each digit: (N, 1, 28, 28) -> those of its numbers in use."""
    mu, log_var = predict(vae.spread, X).chunk(2, dim=1)
    return (mu + (log_var / 2).exp() * torch.randn_like(mu))[:, cost > 0.1]


far = astray(drawn_codes, found, predict(wide.encode, X_test))
report("autoencoder: distance to the nearest known code, new digits being 1", far, 1.5, 4, digits=1)
far = astray(torch.randn(1000, used), drawn_from_clouds(X_train), drawn_from_clouds(X_test))
report("VAE: the same", far, 1.05, 1.6, digits=1)

# %% [markdown]
# Each number has to earn its divergence by better pixels. About half of them earn less and are
# switched off: there the encoder says $\mu = 0$ and $\sigma = 1$ to every digit, which is free.
#
# The distances say what the clouds have changed. The ordinary autoencoder's codes, drawn number by
# number, lie two to three times as far from known codes as those of new digits; the variational
# one's, in the numbers that it uses, not much farther.
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
#
# Here is a variational autoencoder with two numbers, trained on 50,000 digits. Compare its plane
# with the first one: where is the middle, how far do the dots reach, and are there gaps? (Pictures
# come back nearly as well, with an error of 0.0351 against 0.0345.)

# %%
latent_plane(load_pretrained("vae"), X_test, y_test, name="variational autoencoder")

# %% [markdown]
# ### Two players
#
# A loss that counts pixels likes the soft mean best. The judge asks of the picture as a whole: could
# this be real? And it is a network, so it has *gradients*: it can tell each pixel of a dream which
# way to move to look more real. (Through a ReLU that is shut it could tell nothing: hence the leak.)
#
# A **GAN**, a generative adversarial network, lets a forger and a judge grow up together. The
# **generator** $G$ makes a picture from random numbers $z$. The **discriminator** $D$ gives a logit:
# above 0 for "real", below for "fake". $D$ learns to say 1 to real digits and 0 to fakes; $G$ learns
# to be taken for real. Both losses are binary cross-entropies.
#
# **Predict.** Suppose that of all pictures of one kind that come before $D$, two are real and one is
# a fake. Which probability of "real" is its best answer to this kind?

# %%
answers = torch.linspace(0.01, 0.99, 99)
loss = -(2 * torch.log(answers) + torch.log(1 - answers))  # two real ones, one fake
print(f"best answer {answers[loss.argmin()]:.2f}")

# %% [markdown]
# The share of real ones. So if the fakes are as good and as frequent as the real digits, it is one
# half everywhere. Then $D$'s loss is $-\ln \frac12 - \ln \frac12 = 1.39$, and $G$'s is $-\ln \frac12
# = 0.69$. Keep these numbers.
#
# ### Exercise 3 · Both losses
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
# where $p$ is the probability that $D$ gives the fake. As a function of the logit its slope is $-p$;
# that of $-\ln p$ is $p - 1$. For a bad fake, $p = 0.02$, that is −0.02 against −0.98: the same
# direction, but about fifty times weaker, just where the forger has most to learn.
#
# How do 32 numbers become a picture? Look at the generator.

# %%
from course_utils.models import Generator

torch.manual_seed(0)
G, D = Generator().to(device), discriminator().to(device)
print(G.layers)

# %% [markdown]
# A linear layer makes 1,568 numbers of the 32, laid out as 32 small maps of 7 × 7. Then stamps, as in
# the denoiser's last layer, double them twice: 14 × 14, 28 × 28. It is the judge the other way round.
#
# Here is the whole game. Both take turns, each with an optimizer of its own. (In `betas`, 0.5 lets
# Adam look back about two steps in place of ten: the opponent moves, and old slopes mislead.)


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
# It learns from nothing but 400 threes. The same ten codes are decoded now and then.
#
# **Predict.** The forgeries will get better. What will the two losses do? Sketch them: both fall,
# one falls and one rises, both rise?

# %%
from course_utils.figures import plot_lines

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
# From noise to threes. (The grid after 40 steps is the stamps': the four pixels of each square of 2 ×
# 2 get weights of their own, which have not learned to agree.) At first $D$ learns fast: its loss is
# almost 0, and the generator's shoots up. Then the forger catches up. $D$'s loss climbs towards
# 1.39, not because it gets worse but because its task gets harder, and $G$'s falls towards 0.69. The
# losses tell who is ahead, not how good the game is. **Look at the pictures, and measure something
# else.**
#
# So count what the reader says to a thousand dreams, and call a *new* judge. And has the forger
# learned the 400 threes by heart? Take each dream's distance to the nearest of the 400, and the same
# for the 100 *test* threes, which are new for certain.


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

# %% [markdown]
# At the end $D$ could only guess, and yet a new judge catches most of the dreams. $D$ had to follow a
# moving target; the new judge studies finished forgeries at leisure. Still it errs more often than
# with any dreams before, or with blends of two real threes. And the dreams are no nearer to the
# training digits than new threes are: they are not copies.
#
# ### All ten digits, and a collapse
#
# With ten digits the game takes longer: 5,000 steps on 50,000 digits. Two such trainings were
# recorded, of fully connected networks. In the first the generator has batch normalisation (lesson
# 05) behind its hidden layers, in the second it has not. At the end the `cnn` counted digits in
# 1,000 dreams. Dreams as varied as MNIST would have about 100 of each.
#
# **Predict.** $D$ looks at one picture at a time. What keeps a forger from drawing one good digit
# again and again?

# %%
from course_utils.explorers.gan import records, sheet
from course_utils.figures import draw_image

fig, panels = figure(columns=2, size=(10, 4.3))
for ax, (name, run) in zip(panels, records().items()):
    draw_image(ax, sheet(run, -1), f"{name}: 48 codes", framed=True)
    counts = "".join(f"{n:>5}" for n in run["counts"][-1])  # what the cnn read in 1,000 dreams
    print(f"{name:<10}{counts}   nearest fellow: {100 * run['twins'][-1]:.0f}% of a digit's")
show(fig, "Left: the dreams with batch normalisation. Right: without it, nearly one picture.")

# %% [markdown]
# Nothing keeps it. In the second run a thousand dreams are nearly one: what differs are a few
# specks. (The counts say threes and sevens. The `cnn` splits hairs over look-alikes, and it called
# dust an 8.) The last number says it better: from its most similar fellow a dream is only 7% as far
# away as a real digit is from its own.
#
# This is **mode collapse**: the generator gives up variety, and hardly listens to $z$ any more. $D$'s
# loss is next to 0: it has won, as it would against dust. That all dreams are *alike*, you see only
# in many of them side by side.
#
# Batch normalisation probably helps because it sets mean and spread of each hidden number over the
# batch, so that all its codes can hardly end in one picture. There are many such means and no sure
# one. The first run is no triumph, either: a third of its dreams are read as ones, hardly any as
# zeros.

# %% [markdown]
# ### Deeper: the two games, step by step
#
# In the second run, do all dreams stay with one picture?

# %%
from course_utils.explorers.gan import gan_over_time

gan_over_time()

# %% [markdown]
# No. When $D$ has learned to catch one picture, the forger moves on to another one, with all its
# dreams at once: the `cnn` reads eights, then zeros, eights and zeros again, later eights, threes and sevens.
#
# A third game, of the two networks that forged your threes, 9,000 steps on 50,000 digits, made the
# ten dreams at the head of this lesson. It draws all ten digits, none of them rarely. Many of its
# strokes still belong to no digit.

# %%
z = torch.randn(1000, G_ten.n_codes, generator=torch.Generator().manual_seed(1))
counts = predict(reader, predict(G_ten, z)).argmax(dim=1).bincount(minlength=10)
report("the rarest digit in 1,000 dreams of the third", counts.min().item(), 40, 80, digits=0)
share = torch.linspace(0, 1, 9)[:, None]
walk = (1 - share) * z[8:9] + share * z[1:2]  # nine codes on the way from one to another
plot_images(predict(G_ten, z[:30])[:, 0], says="Thirty pictures that nobody drew")
plot_images(predict(G_ten, walk)[:, 0], says="From one dream to another", columns=9)

# %% [markdown]
# ## Which dreamer for what?
#
# | | autoencoder | variational autoencoder | GAN |
# |---|---|---|---|
# | a code for a given digit | yes | yes, a cloud | no |
# | where to draw codes from | nobody says | the standard normal | the standard normal |
# | its dreams here | parts of digits | digits, soft | digits, sharp, with ragged edges |
# | how good, as a number | error of the pixels | the loss, in nats | none: count, ask a judge |
# | what goes wrong | learns to copy, or blurs | clouds all one, blur | collapse, no balance |
#
# And the denoiser? Train one for all amounts of noise, begin with noise alone, and take it off in
# many small steps: what comes out is *invented*. That is a **diffusion model**, the kind that paints
# most pictures by machine today.
#
# ## Quiz

# %%
quiz("10")

# %% [markdown]
# ## Where the idea comes from
#
# **1901** Karl Pearson fits lines and planes to points: PCA. **1986** David Rumelhart, Geoffrey
# Hinton and Ronald Williams let a network reproduce its input through a narrow middle. **2008**
# Pascal Vincent and others spoil the input. **2013** Diederik Kingma and Max Welling publish the
# variational autoencoder; Danilo Rezende and others find the same, weeks later. **2014** Ian
# Goodfellow and others publish the GAN; **2015** Alec Radford and others make it work with
# convolutions, and Jascha Sohl-Dickstein and others take noise off step by step.
#
# ## Summary
#
# - Pixels drawn one by one are dust. A dream is made from a few numbers, the code.
# - An autoencoder is its own teacher. Without bends it learns PCA, the best straight squeeze; with
#   bends two numbers do the work of five, and trained on more digits of ten.
# - A denoiser takes away what its examples show. What a network *can* answer is decided by its
#   shape: a house passes through windows, not through sixteen numbers.
# - VAE: a cloud for each digit, drawn by $z = \mu + \sigma \varepsilon$; loss = pixels + divergence.
#   Too cheap, and the clouds leave for where nobody draws; too dear, and they are all one.
# - The mean of what is possible is soft. A judge that sees the whole picture wants it sharp.
# - GAN: two losses, two turns, `detach` between them. Losses near 1.39 and 0.69 mean balance, not
#   quality. Many dreams, all alike: mode collapse.
# - Ask a new judge, count, look for copies. A reader's confidence is no measure: it called dust an 8.
#
# **Next:** all of this ran on one slow machine. Lesson 11: what changes on a fast one, or on several?
#
# ## Sources
#
# - K. Pearson: *On lines and planes of closest fit to systems of points in space*, 1901. C. Eckart,
#   G. Young: *The approximation of one matrix by another of lower rank.* Psychometrika 1, 1936.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning internal representations by error
#   propagation.* In: Parallel Distributed Processing 1, 1986.
# - J. W. Tukey: *Nonlinear (nonsuperposable) methods for smoothing data.* EASCON 1974 (the median).
#   P. Vincent and others: *Extracting and composing robust features with denoising autoencoders.*
#   ICML 2008.
# - D. P. Kingma, M. Welling: *Auto-encoding variational Bayes*, 2013. D. J. Rezende, S. Mohamed, D.
#   Wierstra: *Stochastic backpropagation and approximate inference in deep generative models*, 2014.
#   Y. Burda and others: *Importance weighted autoencoders*, 2015 (many draws). I. Higgins and others:
#   *beta-VAE.* ICLR 2017 (the price as a dial).
# - I. J. Goodfellow and others: *Generative adversarial nets.* NIPS 2014. A. Radford, L. Metz, S.
#   Chintala: *Unsupervised representation learning with deep convolutional generative adversarial
#   networks*, 2015.
# - D. Lopez-Paz, M. Oquab: *Revisiting classifier two-sample tests.* ICLR 2017 (the judge).
# - J. Sohl-Dickstein and others: *Deep unsupervised learning using nonequilibrium thermodynamics.*
#   ICML 2015. J. Ho, A. Jain, P. Abbeel: *Denoising diffusion probabilistic models.* NeurIPS 2020.
