# %% [markdown]
# # 08 · How does a network remember?
#
# Every network so far looked at one thing, answered, and kept nothing. But a word, a tone, a price
# or the place of a ball means little without what came before. Here a network gets a **state**: a
# few numbers that it hands on to itself. You will see what it keeps there, how far back it can
# learn, and where it thinks a ball will go that you have thrown.
#
# **After this lesson you can**
#
# 1. say when one look is not enough, and tell the shapes of sequence problems apart;
# 2. build the recurrent cell from its two equations, unroll it, and match `nn.RNN`;
# 3. carry a slope back through time by hand, and say why it vanishes or explodes;
# 4. clip a gradient, and say what that cures and what it does not;
# 5. forecast: roll a network out, split in time, and put honest baselines beside it.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
from course_utils.datasets import bouncing_balls
from course_utils.figures import figure, show

films = bouncing_balls(4000, n_steps=4, seed=0)  # (N, T, 2): x and y, from −1 to 1
fig, axes = figure(columns=2, size=(8.4, 4))
for ax, film, title in zip(axes, (films[1, 2:3], films[12, 1:3]), ("One frame", "Two frames")):
    for (x, y), strength in zip(film.flip(0).tolist(), (1, 0.4)):  # the older one is paler
        ax.plot(x, y, marker="o", markersize=16, color="#0072B2", alpha=strength)
    ax.set(title=title, xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=(), yticks=(), aspect="equal")
    ax.spines[:].set_visible(True)
show(fig, "Two balls in boxes; of the left one a single place is seen, of the right one two.")

# %% [markdown]
# ## One frame, two frames
#
# Two balls fly in a box and bounce off its walls. Put your finger where each will be in the next
# frame.
#
# On the right you know, on the left you cannot. Nor can any network, however large and however long
# it learns: the answer is not in the picture. Measure it. Three networks of one kind learn from
# 4,000 films. The first sees one frame, the second two, the third three. Beside them stand two rules
# that need no learning: *it stays where it is*, and *it flies straight on*, from the last two
# frames, without a thought of walls.
#
# **Predict.** How far off will the network with one frame be, compared with "it stays"? And how
# much is the third frame worth?

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.device import set_threads
from course_utils.display import report
from course_utils.training import fit, one_cycle, predict

set_threads(1)  # the same sums in the same order, however many processors there are


def distance(places, truth):
    """Return the mean distance between places: (N, 2), (N, 2) -> one number."""
    return (places - truth).norm(dim=-1).mean().item()


unseen = bouncing_balls(2000, n_steps=4, seed=1)
before, last, truth = unseen[:, 1], unseen[:, 2], unseen[:, 3]
report("it stays where it is", distance(last, truth), 0.11, 0.125, digits=3)
report("it flies straight on", distance(2 * last - before, truth), 0.012, 0.022, digits=3)

for n_frames, low, high in ((1, 0.11, 0.125), (2, 0.01, 0.04), (3, 0.01, 0.045)):
    torch.manual_seed(0)
    looker = nn.Sequential(nn.Flatten(), nn.Linear(2 * n_frames, 128), nn.ReLU(), nn.Linear(128, 2))
    data = films[:, 3 - n_frames : 3], films[:, 3]
    fit(looker, data, n_epochs=10, lr=0.01, schedule=one_cycle, loss_fn=F.mse_loss)
    guess = predict(looker, unseen[:, 3 - n_frames : 3])
    report(f"a network, frames seen: {n_frames}", distance(guess, truth), low, high, digits=3)

# %% [markdown]
# With one frame the network found nothing better than "it stays". The loss is the mean squared
# distance; where many answers are possible, the best one is their mean, and balls at one place fly
# in all directions. With two frames the error is about a fifth of that. The third adds nothing:
# place and velocity are all there is to know about this ball, and two frames tell both, unless it
# met a wall between them. *Straight on* beats all three: where no wall comes, it is exact.
#
# What one must know to go on is called the **state**. Where the present frame does not tell it, show
# the network many frames at once, or let it see one at a time and **keep notes**. The first must
# know beforehand how far back to look. This lesson takes the second way.
#
# ## Sequences everywhere
#
# Sound, DNA, text, prices: what goes in may be a sequence, what comes out, or both. That makes four
# shapes, and the last comes in two kinds:
#
# | shape | in → out | an example | where it runs |
# |---|---|---|---|
# | one to one | one thing → one answer | hours of work → passed or not | the next cell, and lessons 01 to 07 |
# | many to one | a sequence → one answer | 28 rows of a digit → which digit | this lesson |
# | one to many | one thing → a sequence | a picture → its caption | lesson 09 |
# | many to many, in step | a sequence → an answer at each step | words → the next word | this lesson |
# | many to many, read first | a sequence → another sequence | a date in words → 1987-03-03 | lesson 09 |
#
# The first is an old friend, the student of lesson 02 with ten lectures and twenty hours of work:

# %%
from course_utils.datasets import pass_probability

round(pass_probability(torch.tensor([10.0, 20.0])).item(), 2)

# %% [markdown]
# 38%, whoever came in before. For the others we need a memory.
#
# ## The cell
#
# At each step $t$ the cell takes the new input $\mathbf x_t$ and its own state of the step before,
# $\mathbf h_{t-1}$, and makes the new state. From the state comes the answer:
#
# $$\mathbf h_t = \tanh\left(W_{hh}\, \mathbf h_{t-1} + W_{xh}\, \mathbf x_t + \mathbf b\right),
# \qquad \hat{\mathbf y}_t = W_{hy}\, \mathbf h_t + \mathbf c$$
#
# Read these names from left to right: $W_{xh}$ leads from $x$ to $h$. (In lesson 04 the first index
# said where a line ends. For recurrent networks this order is the custom.) $\mathbf h_0$ is 0, an
# empty notebook. Where $\hat{\mathbf y}_t$ chooses among classes, it holds their scores, and a
# softmax makes probabilities of them. What goes round from step to step makes the network
# **recurrent**: this is an **RNN**, a recurrent neural network.
#
# Begin with a state of one number, $w_{xh} = 1$, $w_{hh} = 0.5$, no bias. The input is a single
# knock: 1, then silence, 0, 0, 0.
#
# **Predict.** $h_1 = \tanh(1) = 0.76$. Is $h_2$ zero, since the input is? And $h_4$?

# %%
import math

from course_utils.exercises import check, quiz

knock, w_xh, w_hh = [1.0, 0.0, 0.0, 0.0], 1.0, 0.5
h, echo = 0.0, []
for x in knock:
    h = math.tanh(w_hh * h + w_xh * x)
    echo.append(h)

theirs = nn.RNN(1, 1, bias=False, batch_first=True)
theirs.load_state_dict({"weight_ih_l0": torch.ones(1, 1), "weight_hh_l0": torch.full((1, 1), 0.5)})
states, _ = theirs(torch.tensor(knock).reshape(1, 4, 1))  # (N, T, D) -> (N, T, H)
assert torch.allclose(states[0, :, 0], torch.tensor(echo))
[round(value, 3) for value in echo]

# %% [markdown]
# The knock is over, and the state still knows of it: an echo, at each step about half as loud. That
# is all the memory there is.
#
# PyTorch's `nn.RNN` does the same. It calls the matrices `weight_ih` and `weight_hh`, from input to
# hidden and from hidden to hidden. `batch_first=True` tells it that the axes are $N$ samples, $T$
# steps, $D$ numbers in each; keep that word in mind, it comes back.
#
# ### Exercise 1 · One step
#
# Now with matrices, and for a batch: `x` is (N, D), `h` is (N, H), `W_xh` is (H, D), `W_hh` is (H,
# H), `b` is (H,). As in lesson 04, rows are samples, and each row of a weight matrix belongs to one
# unit.


# %%
def one_step(x, h, W_xh, W_hh, b):
    """Return the new state (N, H)."""
    ### BEGIN SOLUTION
    return torch.tanh(x @ W_xh.T + h @ W_hh.T + b)
    ### END SOLUTION


# %%
check("08.step", one_step)

# %% [markdown]
# ### Unrolled
#
# Write the steps side by side, and the loop becomes a deep network, one layer for each step, in
# which **every layer has the same weights**. This one reads letters, says after each which comes
# next, and has no biases. Step through it. The same letter comes in at two steps. Is the answer the
# same? What has changed between them?

# %%
from course_utils.explorers.unroll import unrolling_stepper

unrolling_stepper()

# %% [markdown]
# The matrices stay; the state changes. So the same input can get another answer: the network
# answers to the input *and to what came before*.
#
# Here is the cell for whole sequences. The part $W_{xh} \mathbf x_t + \mathbf b$ needs no state, so
# it is computed for all steps at once. The rest cannot be: each step waits for the one before. That
# is why RNNs are slow. (PyTorch has two biases, which are only added; we set the second to 0.)


# %%
class OurRNN(nn.Module):
    """h_t = tanh(W_hh h_{t-1} + W_xh x_t + b): (N, T, D) -> states (N, T, H), the last (N, H)."""

    def __init__(self, n_inputs, n_hidden):
        super().__init__()
        self.W_xh = nn.Linear(n_inputs, n_hidden)  # brings the bias b along
        self.W_hh = nn.Linear(n_hidden, n_hidden, bias=False)

    def forward(self, X, h=None):
        h = X.new_zeros(len(X), self.W_hh.in_features) if h is None else h  # (N, H)
        states = []
        for from_x in self.W_xh(X).unbind(dim=1):  # cuts (N, T, H) into one (N, H) for each step
            h = torch.tanh(from_x + self.W_hh(h))  # the same W_hh, every time
            states.append(h)
        return torch.stack(states, dim=1), h


ours, theirs = OurRNN(28, 64), nn.RNN(28, 64, batch_first=True)
weights = ours.W_xh.weight, ours.W_hh.weight, ours.W_xh.bias, torch.zeros(64)
theirs.load_state_dict(dict(zip(theirs.state_dict(), weights)))
for n_rows in (28, 1000):
    X = torch.rand(5, n_rows, 28)
    (states, _), (known, _) = ours(X), theirs(X)
    assert torch.allclose(states, known, atol=1e-5)
    print("states:", tuple(states.shape), " weights:", sum(p.numel() for p in ours.parameters()))

# %% [markdown]
# For 28 rows or for 1,000: 64 · 28 + 64 · 64 + 64 weights. A convolution uses the same weights at
# every *place* (lesson 06), a recurrent cell at every *time*.
#
# ## What comes next?
#
# After "the dogs near the cat" you expect *run*, not *runs*. The word before the verb does not tell
# you, *cat* even misleads you. The word that counts stands four places back. Here are all sentences
# of that kind from four nouns and three verbs. Three pairs of nouns, such as a dog near a cat, are
# kept away from the training.
#
# The first idea for guessing the next word is to count: after *cat*, how often came each word? Such
# a table of pairs is called a **bigram** model. Others look further back.


# %%
from collections import Counter, defaultdict

NOUNS, VERBS = ("dog", "cat", "bird", "horse"), ("sleep", "run", "eat")
KEPT_AWAY = ("dog", "cat"), ("bird", "horse"), ("horse", "dog")


def sentence(first, second, verb, first_many, second_many):
    """Return the words; the verb agrees with the first noun, as English wants it."""
    subject, other = first + "s" * first_many, second + "s" * second_many
    return ["the", subject, "near", "the", other, verb if first_many else verb + "s"]


training, kept = [], []
for first in NOUNS:
    for second in NOUNS:
        if first != second:
            found = kept if (first, second) in KEPT_AWAY else training
            counts = [(a, b) for a in (False, True) for b in (False, True)]
            found += [sentence(first, second, verb, a, b) for verb in VERBS for a, b in counts]
print(len(training), "to train,", len(kept), "kept away, such as:", " ".join(kept[3]))

for n_back in (1, 3, 4):
    table = defaultdict(Counter)  # for each beginning, how often each word came after it
    for words in training:
        table[tuple(words[5 - n_back : 5])][words[5]] += 1
    beginning = ("the", "dogs", "near", "the", "cat")[5 - n_back :]
    print(f"after {' '.join(beginning)!r} came: {dict(table[beginning])}")

# %% [markdown]
# One word back, *run* and *runs* came equally often: a coin. So it is three words back, for the noun
# that counts is four back. And from there on the table has never met the words, since the pair is
# new. It cannot know that this dog near a cat is like that dog near a bird.
#
# Now an RNN. Words become rows of zeros with a single 1 (**one-hot**), and the loss is cross-entropy
# at every step: after each word, what comes next? The labels cost nothing. They are the text, one
# word later.
#
# **Predict.** Will it get the verbs right for pairs of nouns that it has never met together?


# %%
class NextWord(nn.Module):
    """After each word, scores for the next one: (N, T) numbers of words -> (N, words, T)."""

    def __init__(self, n_words, n_hidden=64):
        super().__init__()
        self.n_words = n_words
        self.rnn = OurRNN(n_words, n_hidden)
        self.W_hy = nn.Linear(n_hidden, n_words)

    def forward(self, X):
        states, _ = self.rnn(F.one_hot(X, self.n_words).float())  # (N, T, words) -> (N, T, H)
        return self.W_hy(states).transpose(1, 2)  # classes first, as the loss wants them


vocabulary = sorted({word for words in training for word in words})


def numbers(sentences):
    """Return the numbers of the words: lists of T words -> (N, T)."""
    return torch.tensor([[vocabulary.index(word) for word in words] for words in sentences])


# %%
torch.manual_seed(0)
reader = NextWord(len(vocabulary))
X, X_kept = numbers(training), numbers(kept)  # (N, 6)
fit(reader, (X[:, :-1], X[:, 1:]), n_epochs=120, lr=0.01, batch_size=16, schedule=one_cycle)

plurals = [vocabulary.index(verb) for verb in VERBS]  # sleep, run, eat
expected = predict(reader, X_kept[:, :-1])[..., -1].softmax(dim=1)  # (N, words), of the last word
many = expected[:, plurals].sum(dim=1) > 0.5
right = (many == torch.tensor([words[5] in VERBS for words in kept])).float().mean().item()
report("right form of the verb, RNN", right, 0.97, 1, percent=True)

# %% [markdown]
# All of them. Four words earlier it must have noted *one* or *many*. Nobody told it that this is
# worth a note. Where is it written?
#
# ### See what it carries
#
# Here are the 64 numbers of the state, a row for each unit, after each word of two sentences that
# differ in one *s*. It has never met this pair. On the right is the difference. The rows are in the
# order of the difference after *near*, the largest on top.

# %%
from course_utils.figures import draw_image


def read(text, h=None):
    """Return the state after each word of a text: (T, H)."""
    X = F.one_hot(numbers([text.split()]), len(vocabulary)).float()  # (1, T, words)
    return reader.rnn(X, h)[0][0].detach()


texts = "the dog near the cat", "the dogs near the cat"
one, many = read(texts[0]), read(texts[1])  # (T, H)
order = (many - one)[2].abs().argsort(descending=True)  # after "near"
fig, axes = figure(columns=3, size=(10, 4.8))
for ax, strip, title in zip(axes, (one, many, many - one), (*texts, "the difference")):
    draw_image(ax, strip[:, order].T, title, signed=True, framed=True)  # (H, T)
    ax.set(aspect="auto")
    ax.set_xticks(range(5), ["the", "dog(s)", "near", "the", "cat"])
axes[0].set_ylabel("unit")
show(fig, "The states after each word; blue: above 0, orange: below. They part at the first noun.")

# %% [markdown]
# At *the* there is no difference. At the *s* it appears, and from there on it is in every column,
# most of all in the last, where the verb needs it. But not in the same rows: the cell rewrites its
# whole state at each step, and copies the note from rows to rows.
#
# Is this the note, or only a trace? Test it. Stop both readers after *near* and swap the 16 top rows
# between them, a quarter of the state. Then let each read on, "the cat".
#
# **Predict.** Which verb does each expect now? And if the other 48 rows are swapped instead?


# %%
def turned(units):
    """Swap units after "near"; return the share of new beginnings whose verb changes its form."""
    changed = []
    for first, second in KEPT_AWAY:
        for other in (second, second + "s"):
            one, many = read(f"the {first} near")[-1], read(f"the {first}s near")[-1]  # (H,)
            one[units], many[units] = many[units], one[units]
            for h, was_many in ((one, False), (many, True)):
                last = read(f"the {other}", h[None])[-1]
                p_many = reader.W_hy(last).softmax(dim=0)[plurals].sum().item()
                changed.append((p_many > 0.5) != was_many)
    return sum(changed) / len(changed)


report("16 rows swapped, verbs that change", turned(order[:16]), 0.75, 1, percent=True)
report("the other 48 swapped, verbs that change", turned(order[16:]), 0, 0.1, percent=True)

# %% [markdown]
# With these 16 rows *one* and *many* change places, and the verbs with them, in all beginnings that
# it has never met. The other 48 change no verb. You have found the note.
#
# What you use every day to write with does the same at each step: what came so far, in numbers;
# then scores for the next word.
#
# ## Back through time
#
# How did it learn what to note? The loss for the verb was at the fifth step, the note was made at
# the second. The slope has to get back there. Unrolled, the network is a graph like those of lesson
# 04, so backpropagation works as it did. Its name is **backpropagation through time** (BPTT).
#
# Do it once by hand. The cell of the knock, three steps, $x = 1, 0, 0$. At the end it shall say 1:
# the loss is $\ell = \tfrac12 (h_3 - 1)^2$. The states were $h_1 = 0.762$, $h_2 = 0.363$, $h_3 =
# 0.180$. We want the slope of $w_{hh}$. It acts in *all three* steps, and where a value is used
# more than once, its slopes add (lesson 04). Write $\delta_t$ for the slope of the loss at the sum
# inside the tanh of step $t$. The slope of tanh is $1 - h_t^2$.
#
# | step | $\delta_t$ | share of $w_{hh}$: $\delta_t \, h_{t-1}$ |
# |---|---|---|
# | 3 | $(h_3 - 1)(1 - h_3^2) = -0.794$ | $-0.794 \cdot 0.363 = -0.288$ |
# | 2 | $\delta_3 \cdot w_{hh} \cdot (1 - h_2^2) = -0.344$ | $-0.344 \cdot 0.762 = -0.262$ |
# | 1 | $\delta_2 \cdot w_{hh} \cdot (1 - h_1^2) = -0.072$ | $-0.072 \cdot 0 = 0$ |
#
# One step back costs one factor $w_{hh} (1 - h^2)$ each time. The share of $w_{xh}$ in step $t$ is
# $\delta_t \, x_t$.

# %%
states = [0.0, *echo[:3]]  # h_0, h_1, h_2, h_3
delta, slope_hh, slope_xh = states[3] - 1, 0.0, 0.0
for t in (3, 2, 1):
    delta *= 1 - states[t] ** 2  # back through the tanh
    slope_hh += delta * states[t - 1]
    slope_xh += delta * knock[t - 1]
    delta *= w_hh  # back to the state before

a, b = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in (w_hh, w_xh))
h = torch.tensor(0.0, dtype=torch.float64)
for x in knock[:3]:
    h = torch.tanh(a * h + b * x)
(0.5 * (h - 1) ** 2).backward()
assert math.isclose(slope_hh, a.grad.item(), abs_tol=1e-6)
assert math.isclose(slope_xh, b.grad.item(), abs_tol=1e-6)
print("slope of w_hh:", round(slope_hh, 3), "  slope of w_xh:", round(slope_xh, 3))

# %% [markdown]
# Autograd finds the same (−0.551 is the sum of the shares before they are rounded). Both are
# negative: larger weights, a louder echo, less loss. And see how little came back to step 1. The
# knock itself, which caused everything, has the smallest voice.
#
# ### Exercise 2 · Find the mistakes
#
# The slope of $w_{hh}$ for one unit and any number of steps. Three mistakes, no error message.
#
# ```python
# h = [0.0]                                    # h[0], then a state for each step
# for x in xs:
#     h.append(math.tanh(w_x * x + w_h * h[-1]))
# delta, slope = h[-1] - target, 0.0
# for t in range(len(xs), 0, -1):
#     delta = delta * (1 - h[t] ** 2)
#     slope = delta * h[t]
#     delta = delta * w_x
# return slope
# ```


# %%
def slope_of_w_h(xs, w_x, w_h, target):
    """Return the slope of w_h of the loss 0.5 * (last state - target) ** 2."""
    ### BEGIN SOLUTION
    h = [0.0]  # as before
    for x in xs:
        h.append(math.tanh(w_x * x + w_h * h[-1]))  # as before
    delta, slope = h[-1] - target, 0.0  # as before
    for t in range(len(xs), 0, -1):  # as before
        delta = delta * (1 - h[t] ** 2)  # through the tanh, as before
        slope += delta * h[t - 1]  # the shares add up; w_h was multiplied by the state before
        delta = delta * w_h  # from state to state leads w_h
    return slope
    ### END SOLUTION


# %%
check("08.bptt", slope_of_w_h)

# %% [markdown]
# ### Deeper: through time, with matrices

# %% [markdown]
# The same for a whole cell and a batch, beside autograd. Each line of the loop is one of the loop
# above; `loss_slopes` is the slope of the loss at the last state.


# %%
def through_time(cell, X, loss_slopes):
    """Return the gradients of W_xh, W_hh and b; X (N, T, D), loss_slopes (N, H)."""
    states, _ = cell(X)
    before = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)  # h_{t-1}
    W_xh, W_hh, b = torch.zeros_like(cell.W_xh.weight), torch.zeros_like(cell.W_hh.weight), 0
    delta = loss_slopes
    for t in reversed(range(X.shape[1])):
        delta = delta * (1 - states[:, t] ** 2)  # (N, H)
        W_xh += delta.T @ X[:, t]  # (H, N) @ (N, D): summed over the batch, added over the steps
        W_hh += delta.T @ before[:, t]
        b += delta.sum(dim=0)
        delta = delta @ cell.W_hh.weight  # to the state before
    return W_xh, W_hh, b


small, X_small = OurRNN(3, 5).double(), torch.randn(4, 7, 3, dtype=torch.float64)
_, last = small(X_small)
theirs = torch.autograd.grad(0.5 * ((last - 1) ** 2).sum(), (*small.parameters(),))
with torch.no_grad():
    W_xh, W_hh, b = through_time(small, X_small, last - 1)
for mine, its in zip((W_xh, b, W_hh), theirs):  # in the order of small.parameters()
    assert torch.allclose(mine, its, rtol=0, atol=1e-6)
print("through seven steps, as autograd has it")

# %% [markdown]
# ### Broken on purpose
#
# A sound, a sensor, a book: some sequences have no end, and cannot be unrolled as a whole. So cut
# them into pieces, train on one after the other, and hand the state on from piece to piece.

# %% tags=["raises-exception"]
endless = torch.randn(1, 40, 3)
cell, h = OurRNN(3, 5), None
optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
for piece in endless.split(10, dim=1):  # four pieces of ten steps
    states, h = cell(piece, h)
    optimizer.zero_grad()
    states.pow(2).mean().backward()
    optimizer.step()

# %% [markdown]
# *Trying to backward through the graph a second time.* The state that was handed on still hangs on
# the graph of the first piece, whose values were freed after use. The advice in the message leads
# on to the next error: with `retain_graph=True` a value "has been modified by an inplace operation".
# That was the optimizer's step; the weights of the old graph are gone. Cut the thread instead.
# `detach` keeps the numbers of the state and forgets where they came from.

# %%
h = None
for piece in endless.split(10, dim=1):
    states, h = cell(piece, h)
    optimizer.zero_grad()
    states.pow(2).mean().backward()
    optimizer.step()
    h = h.detach()  # the memory goes on, the slope stops here
print("four pieces, four steps")

# %% [markdown]
# That is **truncated** BPTT. The network still remembers over the cut. It only is not taught what
# to remember from beyond it.
#
# ## Near and far
#
# Each step back multiplies the slope by $w_{hh} (1 - h^2)$.
#
# **Predict.** With a factor of 0.5 in each step: what is left of a slope after 20 steps? And with a
# factor of 1.5?
#
# With matrices it is the same, with stretching in place of factors: one step back multiplies the
# slope by $W_{hh}^\top$ and by the slopes of the tanh, which are 1 at most. In the explorer $W_{hh}$
# is a rotation times its *size*: it stretches every arrow by that. GRU and LSTM are the cells of
# lesson 09. For now they are boxes with a dial, the *bias of the gates*: the larger it is, the more
# firmly a cell holds on to what it has. Find out:
#
# - At which size of $W_{hh}$ does the curve of the RNN stay level? Is there one?
# - Does it grow without end when the size is large? (What does a tanh do with large sums?)
# - What does the bias of the gates do to GRU and LSTM?

# %%
from course_utils.explorers.gradient_distance import gradient_distance

print(f"0.5, twenty times: {0.5**20:.7f}    1.5, twenty times: {1.5**20:,.0f}")
gradient_distance()

# %% [markdown]
# A millionth, or three thousand. Unless the factor is very nearly 1, hardly anything or far too much
# is left: the gradient is **vanishing** or **exploding**. At a size of 0.8 the RNN keeps three
# percent over ten steps, and three hundred-thousandths over thirty. At 2 it has grown eighty times
# in thirty steps. Between them it holds for a while, on a knife's edge that the inputs move: where
# the tanh is flat the slope is near 0, whatever $W_{hh}$ is. The LSTM, as it comes, is no better.
# With a bias of 3 in its gates it holds over thirty steps. Remember that.
#
# Against exploding there is a plain remedy: **clip** the gradient. Lay the gradients of all weights
# end to end: one long vector, an arrow. If its length, the **norm**, is larger than a limit, shorten
# it to the limit, without turning it. PyTorch has it as `nn.utils.clip_grad_norm_`, to be called
# between `loss.backward()` and `optimizer.step()`; our `fit` does that when it is given `clip_norm`.
# Try the switch in the explorer: it moves the whole curve and does not bend it. What is a millionth
# of the rest stays a millionth of the rest.

# %% [markdown]
# ### Deeper: clip it yourself

# %% [markdown]
# **An exercise.** The norm is the root of the sum of the squares of all numbers in all tensors. If
# it is larger than `most`, all tensors are scaled by one factor. Give back a new list of tensors.


# %%
def clip(gradients, most):
    """Return the gradients, all scaled by one factor if their common norm is larger than most."""
    ### BEGIN SOLUTION
    norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
    factor = most / norm if norm > most else 1.0
    return [gradient * factor for gradient in gradients]
    ### END SOLUTION


# %%
check("08.clip", clip)

# %% [markdown]
# ## Break
#
# While you are away: cover a handwritten digit with a sheet of paper, and pull it down slowly. When
# do you know what it is?

# %% [markdown]
# ## Part 2 · Digits from above, and forecasts
#
# The cell remembers, and it forgets. Now it reads digits row by row, and then it forecasts: a ball
# that you throw, and the sun.
#
# ### A digit, row by row
#
# An RNN can read a digit in 28 steps, 28 pixels in each, and give ten scores at the end, *many to
# one*. Or it is asked after each row, *many to many, in step*. This class can do both, with any cell
# of PyTorch. Its answer layer, $W_{hy}$ and $\mathbf c$, is called `head`.


# %%
from course_utils.datasets import MNIST_SAMPLE, load_mnist


class RowReader(nn.Module):
    """Read digits (N, 1, 28, 28) row by row; scores (N, 10) at the end, or (N, 10, 28) all along."""

    def __init__(self, cell, every_row=False, n_hidden=64):
        super().__init__()
        self.every_row = every_row
        self.cell = cell(28, n_hidden, batch_first=True)
        self.head = nn.Linear(n_hidden, 10)

    def forward(self, X):
        states, _ = self.cell(X.reshape(-1, 28, 28))  # (N, T, D) -> (N, T, H)
        if self.every_row:
            return self.head(states).transpose(1, 2)  # classes first
        return self.head(states[:, -1])


def reader_of(cell, **settings):
    """Return a new row reader, with the same first weights each time."""
    torch.manual_seed(0)
    return RowReader(cell, **settings)


mnist = load_mnist(MNIST_SAMPLE)
print(mnist.description)
X_train, y_train = mnist.train_images[:, None], mnist.train_labels  # (N, 1, 28, 28), bytes
X_test, y_test = mnist.test_images[:, None], mnist.test_labels

# %% [markdown]
# **A trap without an error.** Leave out `batch_first=True`, and PyTorch takes the first axis for
# time. With digits (N, 28, 28) nothing complains. But what is a step then?

# %%
digits = X_test[:5, 0].float() / 255  # (5, 28, 28)
torch.manual_seed(0)
for name, cell in {
    "with batch_first": nn.RNN(28, 64, batch_first=True),
    "without": nn.RNN(28, 64),
}.items():
    alone, _ = cell(digits[4:])  # the fifth digit, without the other four
    among, _ = cell(digits)
    same = torch.allclose(alone[0], among[4], atol=1e-6)
    print(f"{name:<17} the fifth digit gives the same states alone and among others: {same}")

# %% [markdown]
# Without it the five *digits* became five steps, and the 28 rows a batch: the fifth digit
# "remembers" the four before it. Test for it as we did here.
#
# ### What the last row hears of the first
#
# A new RNN, and the loss of its answer at the end: how strong is the slope of that loss at row 1, at
# row 2, … at row 28? The LSTM stands beside it. Then both are trained, eight epochs with Adam, and
# the slopes are measured once more.
#
# **Predict.** In the middle lie rows full of ink, at the end rows of paper. From which rows will a
# new network learn? Who reads how many of the test digits in the end? And how will the slopes look
# *after* the training?


# %%
from course_utils.figures import draw_lines, log_axis
from course_utils.training import evaluate


def slope_at_rows(model):
    """Return the mean norm of the slope of the loss at each row, for 200 digits: (28,)."""
    X = (X_test[:200].float() / 255).requires_grad_()
    F.cross_entropy(model(X), y_test[:200]).backward()
    return X.grad[:, 0].norm(dim=2).mean(dim=0)


readers = {"RNN": reader_of(nn.RNN), "LSTM": reader_of(nn.LSTM)}
slopes = {f"{name}, new": slope_at_rows(model) for name, model in readers.items()}
for name, low, high in (("RNN, new", 6, 9), ("LSTM, new", 5, 8)):
    decades = (slopes[name][-1] / slopes[name][0]).log10().item()
    report(f"{name}: powers of ten, first row to last", decades, low, high, digits=1)

settings = {"n_epochs": 8, "lr": 0.01, "schedule": one_cycle, "clip_norm": 1.0}
readers["LSTM, 27 units"] = reader_of(nn.LSTM, n_hidden=27)
bands = (0.72, 0.92), (0.93, 0.975), (0.88, 0.955)
for (name, model), (low, high) in zip(readers.items(), bands):
    fit(model, (X_train, y_train), **settings)
    right = evaluate(model, X_test, y_test).accuracy
    report(f"{name}, asked at the end", right, low, high, percent=True)
slopes |= {f"{name}, trained": slope_at_rows(readers[name]) for name in ("RNN", "LSTM")}
fig, ax = figure("Training brings the first rows back", xlabel="row", ylabel="slope of the loss")
draw_lines(ax, slopes, x=range(1, 29), trained=True)
log_axis(ax, "y", 1e-11, 1e-1)
show(fig)

# %% [markdown]
# Nearly seven powers of ten for the one, over five for the other: for a new network the top of the
# digit does not exist. It learns from the last rows, and in half of the digits the last four are
# paper. After the training the slopes are nearly level. Whoever expected the first rows to stay
# lost was misled by the word "vanishing", as many are. A gradient that vanishes in a *new* network
# is no verdict. It is a slow and shaky start, and the accuracies say how slow. (Is it a fair race?
# The LSTM's layer has four times as many weights, 24,064 against 6,016. The one of 27 units has as
# many as the RNN, and wins as well.)
#
# ### With and without clipping
#
# Adam is patient with long gradients: it divides them by their own size. Plain gradient descent
# with momentum is not. The same RNN, five epochs, once without and once with a clip at norm 1. A
# state beyond ±0.99 is called *stuck* here: the tanh is flat there, and hardly a slope comes back.
#
# **Predict.** Ten classes, so guessing gives 10%. What will the two reach?

# %%
from functools import partial

momentum = partial(torch.optim.SGD, momentum=0.9)  # SGD, with this setting filled in
for name, clip_norm, low, high, least, most in (
    ("no clipping", None, 0.05, 0.45, 0.4, 1),
    ("clipped to a norm of 1", 1.0, 0.6, 0.85, 0.01, 0.2),
):
    model = reader_of(nn.RNN)
    fit(model, (X_train, y_train), n_epochs=5, lr=0.05, optimizer=momentum, clip_norm=clip_norm)
    report(name, evaluate(model, X_test, y_test).accuracy, low, high, percent=True)
    states, _ = model.cell(X_test[:, 0].float() / 255)
    stuck = (states.abs() > 0.99).float().mean().item()
    report("   of its states are stuck", stuck, least, most, percent=True)

# %% [markdown]
# Without, hardly more than guessing: a few long steps have carried the states to where the tanh is
# flat, and nothing pulls them back. With the clip it gets to three quarters. That is not beyond what
# Adam reached. Clipping keeps a training from breaking; it does not lengthen the memory.
#
# ### Asked after every row
#
# Now both are asked after each row, and each answer counts in the loss. A third curve stands beside
# them: the LSTM that was asked at the end only; its `head` is simply applied to the states on the
# way. It knows 95% in the end.
#
# **Predict.** In the last rows nothing new is to be seen. Do the curves go on rising there, stay, or
# fall? And what does the third one know after row 17?

# %%
every_label = y_train[:, None].repeat(1, 28)  # (N, T): the same label after each row


def right_after_rows(model):
    """Return the share of the test digits that a model has right after each row: (28,)."""
    answers = predict(model, X_test).argmax(dim=1)  # (N, 10, T) -> (N, T)
    return (answers == y_test[:, None]).float().mean(dim=0)


curves = {}
for name, cell in (("RNN", nn.RNN), ("LSTM", nn.LSTM)):
    asked = reader_of(cell, every_row=True)
    fit(asked, (X_train, every_label), **settings)
    curves[name] = right_after_rows(asked)
on_the_way = RowReader(nn.LSTM, every_row=True)
on_the_way.load_state_dict(readers["LSTM"].state_dict())
curves["LSTM, end only"] = right_after_rows(on_the_way)

for name, row, low, high in (
    *(("RNN", 28, 0.38, 0.8), ("LSTM", 17, 0.88, 0.96), ("LSTM", 28, 0.91, 0.97)),
    *(("LSTM, end only", 17, 0.08, 0.3), ("LSTM, end only", 28, 0.93, 0.975)),
):
    report(f"{name}, after row {row}", curves[name][row - 1].item(), low, high, percent=True)
for name, low, high in (("RNN", 0.02, 0.2), ("LSTM", 0, 0.019)):
    lost = (curves[name].max() - curves[name][27]).item()
    report(f"{name}, lost between its best row and the last", lost, low, high, percent=True)
fig, ax = figure("The RNN loses some of it again", xlabel="rows read", ylabel="right answers")
draw_lines(ax, curves, x=range(1, 29), trained=True)
ax.axhline(0.1, color="#8a9099", linestyle=":", label="guessing")
ax.set_ylim(0, 1.05)
ax.legend(loc="upper left", fontsize=12)
show(fig)

# %% [markdown]
# The LSTM rises to row 20 and keeps what it knows. The RNN **forgets** on the lower rows, paper in
# many digits, a part of what it knew. *So an RNN cannot hold on?* It is tempting to say so, and it
# is wrong: asked at the end only, it held on better. Keeping can be learned. The RNN learns it
# slowly, and not from every start (from two others it ended at 45 and 69%); the LSTM is built for
# it.
#
# And the third curve? After row 17 it is hardly better than guessing, where its twin gets 93%; after
# row 28 both are equal. Its head was never asked on the way. It reads the notes of row 17 as if
# they were those of row 28. **A network answers well only where it was asked.**
#
# Draw a digit, with the shipped reader looking on. Then step through its rows, or pull the sheet in
# the picture. After how many rows does it know yours? And this two: what is it taken for on the way,
# and does it need to see the foot?

# %%
from course_utils.canvas import DigitPad
from course_utils.explorers.rows import row_reader
from course_utils.ink.forms import neat
from course_utils.models import load_pretrained

pad = DigitPad(load_pretrained("rows"))
pad.draw(neat("2"))
pad

# %%
row_reader(
    {"asked after every row": load_pretrained("rows"), "asked at the end": load_pretrained("rnn")},
    pad,
)

# %% [markdown]
# While the arch is drawn, it wavers between 2 and 8. From row 11 on, where the left end of the arch
# is passed, it says 2. It does not need the foot. Of the official test digits this reader has 93%
# after 14 rows, half of the picture, and 98.8% at the end. The one asked at the end has 99.1% there,
# and before row 20 most of what it says is wrong, however sure it looks.
#
# ## Where does the ball go?
#
# Back to the ball. Now a network sees one place after the other, and says after each where the ball
# will be next: $\hat{\mathbf x}_{t+1} = \mathbf x_t + W_{hy} \mathbf h_t + \mathbf c$. (The
# $\mathbf x_t$ saves it from learning "it stays".) This is `NextStep`, from the package.
#
# To look further than one step, it is **rolled out**: its own prediction is fed to it as if it had
# been seen, and so on.
#
# ### Exercise 3 · Roll out
#
# `step(x, h)` takes what is seen and the state, and returns its prediction of the next number and
# the new state. `seen` is a list of at least one number. Start with the state 0. Show it the
# numbers seen, then let it go on by itself. Return the list of the `n` predictions that come after
# `seen`.


# %%
def go_on(step, seen, n):
    """Return n numbers: what the network expects to follow `seen`."""
    ### BEGIN SOLUTION
    h, expected = 0.0, []
    for x in seen:
        x, h = step(x, h)  # the last one is the first prediction that is wanted
    for _ in range(n):
        expected.append(x)
        x, h = step(x, h)
    return expected
    ### END SOLUTION


# %%
check("08.roll", go_on)

# %% [markdown]
# We train it on 2,000 throws of 21 places each.
#
# **Predict.** After ten frames it is rolled out. Who is best one step ahead: the network, "it stays"
# or "it flies straight on"? And who is best ten steps ahead?

# %%
from course_utils.figures import plot_lines
from course_utils.microscope import mean_distances
from course_utils.models import NextStep

throws = bouncing_balls(2000, n_steps=21, seed=2)
torch.manual_seed(0)
thrower = NextStep("rnn", n_inputs=2, n_hidden=64)
data = throws[:, :-1], throws[:, 1:]  # what comes in, and the same one step later
recipe = {"n_epochs": 30, "batch_size": 50, "lr": 0.006, "schedule": one_cycle}
fit(thrower, data, loss_fn=F.mse_loss, **recipe)

unseen = bouncing_balls(1000, n_steps=31, seed=3)
off = (predict(thrower, unseen[:, :-1]) - unseen[:, 1:]).norm(dim=2).mean(dim=0)  # (30,)
for n_frames, low, high in ((1, 0.105, 0.14), (2, 0.06, 0.13), (10, 0.015, 0.05)):
    report(f"1 ahead, frames seen: {n_frames}", off[n_frames - 1].item(), low, high, digits=3)
means = mean_distances(thrower, unseen, n_seen=10)
report("10 ahead, frames seen: 10", means["the model"][9].item(), 0.12, 0.45, digits=3)
names = {"xlabel": "steps ahead, after ten places", "ylabel": "mean distance (box 2 wide)"}
title = "Straight on, until a wall comes"
plot_lines(means, title, x=range(1, 22), ylim=(0, 1.5), trained=True, **names)

# %% [markdown]
# After one frame it says "it stays", as it must. After two *all is known*, and it is hardly better;
# after ten it is off by a quarter of that. The network of the beginning had two frames side by
# side. This one has to note the first, exactly, in numbers squeezed through a tanh. *It can be
# known* and *this network has learned it* are two things.
#
# One step ahead "straight on" wins. Soon it flies on through a wall, and is wrong without end. Ten
# steps ahead the network is off by a third of what the two rules are. Its error grows with every
# step, for it builds on its own mistakes.
#
# Now you throw. Press on the box and drag: the arrow is the throw. (By keyboard: the sliders.) The
# first network in the menu comes with the course, a larger LSTM, trained longer. The second is
# yours.
#
# - Where does a prediction leave the truth: at the walls, or between them?
# - How good is each network if it has seen one place only? Two? Ten?

# %%
from course_utils.explorers.balls import ball_thrower

ball_thrower({"LSTM, shipped": load_pretrained("ball"), "RNN, trained above": thrower}, n_seen=2)

# %% [markdown]
# With one place seen both let the ball lie about where it is. With two the LSTM knows its way; the
# RNN still guesses. Most people expect the trouble at the walls. We let the LSTM see ten places of
# 1,000 throws and predict ten more. The tenth was off by 0.035 where no wall was met, and by 0.028
# where one was. The walls it knows. What adds up are small mistakes in direction and speed.
#
# ## A real series: spots on the sun
#
# Since 1700 there is a **sunspot number** for each year: groups of dark spots on the sun count ten
# times, single spots once. They come and go in about eleven years, never twice alike. Will next
# year have more or fewer?

# %%
from course_utils.datasets import load_sunspots

years, spots = load_sunspots()
plot_lines(
    {"sunspot number": spots},
    "Up and down in about eleven years, never twice alike",
    x=years,
    xlabel="year",
    ylabel="sunspot number",
)

# %% [markdown]
# **Split in time.** For digits we drew lots. Here we train on the years before 1920, and test on
# 1920 to 2008, as a forecaster would have had to.
#
# **Baselines.** Before any network: what would your neighbour say? *As last year.* *As eleven years
# ago.* And a statistician, since Yule in 1927: a **linear autoregression**, next year as a weighted
# sum of the years before and a bias. The weights are by **least squares**: those with the smallest
# sum of squared errors on the years before 1920, which `torch.linalg.lstsq` computes at once. (Yule
# took two years, we take nine.) The error is the root of the mean squared error.
#
# **Predict.** Which of the three is best? And what if we cheat: guess each year as the mean of the
# year before and the *year after*?

# %%
test = (years >= 1920).nonzero()[:, 0]  # the places of the test years
z = spots / 100


def error(guess, places=test):
    """Return the root of the mean squared error, as a sunspot number."""
    return 100 * ((guess - z[places]) ** 2).mean().sqrt().item()


def nine_before(places):
    """Return the nine years before each place and a 1 for the bias: (N, 10)."""
    return torch.stack([torch.cat([z[place - 9 : place], torch.ones(1)]) for place in places])


past = (years < 1920).nonzero()[9:, 0]  # the first nine years have no nine before them
yule = torch.linalg.lstsq(nine_before(past), z[past][:, None]).solution[:, 0]  # (10,)
inner = test[:-1]  # the last year has none after it

print(f"the mean of all years before 1920: {error(z[years < 1920].mean()):.1f}")
print(f"as last year:                      {error(z[test - 1]):.1f}")
print(f"as eleven years ago:               {error(z[test - 11]):.1f}")
print(f"linear, nine years back:           {error(nine_before(test) @ yule):.1f}")
print(f"cheating, between its neighbours:  {error((z[inner - 1] + z[inner + 1]) / 2, inner):.1f}")

# %% [markdown]
# Ten numbers nearly halve the errors of the neighbour's rules. But the cheat, without any learning,
# beats them all. That is why we split in time: of test years drawn by lot, half would have both
# neighbours among the training years, and a network that fills gaps is taken for one that looks
# ahead.
#
# Now the RNN, 16 units. How long to train? Such a choice is made on a **validation** span, here
# 1880 to 1919, never on the test years. The first twenty years are not judged: the network needs
# some past to start from.
#
# **Predict.** It has 180 years to learn from, 1700 to 1879, and 321 numbers to set. More epochs:
# better or worse?


# %%
def train_until(end, n_epochs):
    """Return an RNN trained on the years before `end`, in windows of 41 years."""
    known = z[years < end]
    pieces = torch.stack([known[k : k + 41] for k in range(len(known) - 40)])[..., None]
    torch.manual_seed(0)
    model = NextStep("rnn", n_inputs=1, n_hidden=16)
    options = {"lr": 0.01, "batch_size": 32, "schedule": one_cycle, "clip_norm": 1.0}
    fit(model, (pieces[:, :-1], pieces[:, 1:]), n_epochs=n_epochs, loss_fn=F.mse_loss, **options)
    return model


def one_year_ahead(model, places):
    """Return what a model expects at these places; it sees all years before."""
    return predict(model, z[None, :-1, None])[0, places - 1, 0]


learned = ((years >= 1720) & (years < 1880)).nonzero()[:, 0]
new = ((years >= 1880) & (years < 1920)).nonzero()[:, 0]
for n_epochs, *bands in (
    (1, (17, 26), (14.2, 21)),
    (30, (12.5, 16), (12, 13.6)),
    (120, (8, 12), (13.8, 22)),
):
    candidate = train_until(1880, n_epochs)
    old, ahead = (error(one_year_ahead(candidate, span), span) for span in (learned, new))
    report(f"epochs: {n_epochs}, 1720 to 1879", old, *bands[0], digits=1)
    report(f"epochs: {n_epochs}, 1880 to 1919", ahead, *bands[1], digits=1)
print(
    f"standard deviation: 1720 to 1879 {spots[learned].std():.1f}, 1880 to 1919 {spots[new].std():.1f}"
)

# %% [markdown]
# On the years that it learned from, the error goes on falling. On those that it did not, it falls
# and rises again: it begins to learn the past by heart. (At first the new years have the *smaller*
# error. They were quiet: their standard deviation is smaller by a quarter.) So 30 it is, and then,
# once, the test.

# %%
sun_reader = train_until(1920, 30)
report("1920 to 2008, the RNN", error(one_year_ahead(sun_reader, test)), 16.8, 19.5, digits=1)
print(f"1920 to 2008, linear: {error(nine_before(test) @ yule):.1f}")

# %% [markdown]
# A tie at best. (From six random starts: 17.4 to 18.2, and none beat the line.) 321 trained numbers
# do what ten do. That is no shame: 220 years are few to learn from. But whoever shows you only the
# network, and not the line beside it, has not told you much.

# %% [markdown]
# ### Deeper: eleven years ahead

# %% [markdown]
# And further ahead? Both are rolled out, from every year from 1920 on.
#
# **Predict.** Up to how many years ahead is the RNN better than "as eleven years ago"?

# %%
from course_utils.models import roll_out

n_ahead = 11
starts = torch.stack([z[year - 60 : year] for year in test[: -n_ahead + 1]])  # (N, 60)
truth = torch.stack([z[year : year + n_ahead] for year in test[: -n_ahead + 1]])  # (N, 11)
line = starts
for _ in range(n_ahead):
    answer = line[:, -9:] @ yule[:9, None] + yule[9]  # (N, 1), from nine years, its own among them
    line = torch.cat([line, answer], dim=1)
guesses = {
    "RNN, rolled out": roll_out(sun_reader, starts[..., None], n_ahead)[..., 0],
    "linear, rolled out": line[:, -n_ahead:],
    "as eleven years ago": starts[:, -11:],
    "as last year": starts[:, -1:].repeat(1, n_ahead),
}
curves = {n: 100 * ((g - truth) ** 2).mean(dim=0).sqrt() for n, g in guesses.items()}
title = "Beyond three years, nobody beats eleven years ago by much"
fig, ax = figure(title, xlabel="years ahead", ylabel="error (sunspot number)")
draw_lines(ax, curves, x=range(1, n_ahead + 1), trained=True)
ax.set(ylim=(0, 140), yticks=(0, 25, 50, 75, 100))
ax.legend(ncol=2, loc="upper left", fontsize=12)
show(fig)

# %% [markdown]
# Up to three years. From then on the RNN is no better than the neighbour's rule, and the line
# only by a little. The spots keep no exact time, and the past does not tell when the next cycle
# comes. Look at *as last year*, ten years ahead: it is the best of all. There it says *as ten years
# ago*, and ten fits these years better than eleven.

# %% [markdown]
# ## Quiz

# %%
quiz("08")

# %% [markdown]
# ## Where the idea comes from
#
# **1927** George Udny Yule forecasts sunspots, the first autoregression. **1986** David Rumelhart,
# Geoffrey Hinton and Ronald Williams unroll a network in time to train it. **1990** Jeffrey Elman's
# *simple recurrent network*, the cell of this lesson with sigmoids in place of tanh, finds the
# kinds of words in toy sentences by guessing the next one; Paul Werbos describes backpropagation
# through time. **1991** Sepp Hochreiter shows in his diploma thesis, in German, why gradients
# vanish; **1994** Yoshua Bengio, Patrice Simard and Paolo Frasconi show it again. **1997**
# Hochreiter and Jürgen Schmidhuber publish the cure, the LSTM. **2013** Razvan Pascanu, Tomas
# Mikolov and Yoshua Bengio clip the norm of the gradient.
#
# ## Summary
#
# - One frame tells where a ball is, not where it goes. Place and velocity are its **state**. A
#   recurrent network keeps a state and hands it on.
# - $\mathbf h_t = \tanh(W_{hh} \mathbf h_{t-1} + W_{xh} \mathbf x_t + \mathbf b)$, $\hat{\mathbf
#   y}_t = W_{hy} \mathbf h_t + \mathbf c$. The same weights at every step, for sequences of any
#   length. What it carries can be seen in the state, and swapped.
# - Four shapes: one to one, many to one, one to many, many to many (in step, or read first).
# - Backpropagation through time adds the shares of all steps. Where a sequence has no end, cut the
#   thread with `detach`. One step back multiplies the slope by $W_{hh}^\top$ and the slope of the
# tanh. Over many steps   it vanishes or explodes. In a new RNN the first row of a digit counts
# millions of times less   than the last. Training can mend that, slowly.
# - Clipping shortens gradients that are too long. It does not lengthen a memory.
# - An RNN learns only slowly to keep what it has read; the LSTM is built for it. A network answers
#   well only where it was asked. Rolled out, it builds on its own mistakes.
# - Time series: split in time, and put the neighbour's rules beside the network. For sunspots a
#   weighted sum of nine years is as good as the RNN.
# - Say `batch_first=True`, and test that one sample does not hear the others.
#
# **Next:** a cell that decides what to forget. Lesson 09.
#
# ## Sources
#
# - J. L. Elman: *Finding structure in time.* Cognitive Science 14, 1990.
# - P. J. Werbos: *Backpropagation through time: what it does and how to do it.* Proceedings of the
#   IEEE 78, 1990.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning internal representations by error
#   propagation.* In: Parallel Distributed Processing 1, 1986.
# - S. Hochreiter: *Untersuchungen zu dynamischen neuronalen Netzen.* Diploma thesis, TU München
#   (1991).
# - Y. Bengio, P. Simard, P. Frasconi: *Learning long-term dependencies with gradient descent is
#   difficult.* IEEE Transactions on Neural Networks 5, 1994.
# - R. Pascanu, T. Mikolov, Y. Bengio: *On the difficulty of training recurrent neural networks.*
#   ICML 2013.
# - G. U. Yule: *On a method of investigating periodicities in disturbed series, with special
#   reference to Wolfer's sunspot numbers.* Philosophical Transactions A 226 (1927).
# - A. Zhang, Z. C. Lipton, M. Li, A. J. Smola: *Dive into Deep Learning*, the chapters on recurrent
#   networks.
