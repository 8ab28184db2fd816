# %% [markdown]
# # 09 · How does an LSTM forget?
#
# A plain recurrent network rewrites its whole memory at every step, and what it read thirty steps
# ago is gone. In this lesson you build a unit that leaves its memory alone unless it is told
# otherwise. Then you give it more and more to carry: one symbol, the letters of a name, a *not*, a
# picture, a whole sentence. At each of them ask one question: **what must be kept, and for how
# long?** In the last one it is too much for any memory, and that opens a door.
#
# **After this lesson you can**
#
# 1. say what the gates of an LSTM do, set them by hand, and write the cell from its equations;
# 2. say why its gradients reach further, and why a fresh one forgets all the same;
# 3. judge a model of text in bits per character, and draw from it with a temperature;
# 4. tell the four shapes of sequence problems apart, and name a baseline for each;
# 5. read an alignment, and say what attention adds to a memory.
#
# *About {{minutes}} minutes to read and try. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %%
import math

import torch
import torch.nn.functional as F
from dateutil import parser as dateutil_parser
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.datasets import (
    DIGIT_WORDS,
    MNIST_SAMPLE,
    WORDS,
    digit_strips,
    encode_names,
    encode_reviews,
    load_mnist,
    load_names,
    make_reviews,
    recall_task,
    same_words,
    source_tensor,
    spoken_dates,
    target_tensors,
)
from course_utils.device import get_device, seed_everything, set_threads
from course_utils.display import report
from course_utils.exercises import check, quiz
from course_utils.explorers.captions import caption_explorer
from course_utils.explorers.gates import gate_theatre
from course_utils.explorers.recall import recall_curves
from course_utils.explorers.reviews import review_reader
from course_utils.explorers.sampler import temperature_sampler
from course_utils.explorers.translation import alignment_explorer
from course_utils.figures import (
    draw_image,
    draw_lines,
    figure,
    log_axis,
    lstm_diagram,
    plot_alignment,
    show,
)
from course_utils.ink.normalize import normalize_drawing
from course_utils.microscope import lstm_steps
from course_utils.models import (
    BagOfWords,
    CharLSTM,
    CountModel,
    Recaller,
    SentimentLSTM,
    Translator,
    load_pretrained,
    name_loss,
)
from course_utils.training import bits_per_character, evaluate, fit, one_cycle, predict, wilson

device = get_device()
set_threads(1)  # enough for small networks, and every run gives the same numbers
seed_everything(0)

# %% [markdown]
# ## A message that has to wait
#
# Here is a task that asks for nothing but memory. A symbol is shown, one of eight. Then come twenty
# steps of static, numbers drawn by lot. Then the symbol is asked for. It is *many to one*: a whole
# sequence in, one answer out.

# %%
X_static, y_first = recall_task(4000, lag=20)  # (N, T, D) = (4000, 22, 9), the symbol (N,)
unseen = recall_task(1000, lag=20, seed=1)
fig, axes = figure(columns=2, size=(10, 2.7))
for ax, sequence, symbol in zip(axes, X_static, y_first.tolist()):
    draw_image(ax, sequence.T, f"symbol {symbol}", signed=True, framed=True)  # (D, T)
    ax.set(xlabel="step", xticks=(0, 21), yticks=(0, 8))
show(fig, "Each column is a step: the symbol, twenty of static, the question in the lowest row.")

# %% [markdown]
# Three networks are trained on it, with 32 units each: the plain **RNN** of lesson 08, and two
# boxes that you will open in this lesson, a **GRU** and an **LSTM**, as they come from PyTorch. The
# recipe is the same, gradients are clipped, and the test is on sequences that none of them has
# seen.
#
# **Predict.** Guessing is right in 12 or 13 of a hundred. The RNN fails: over twenty steps its
# gradient has vanished, as you know from lesson 08. And the other two, which were invented to
# remember: how many of a hundred will they get right?


# %%
def train_recall(kind, **settings):
    """Train one network on the task; return the share of unseen sequences that it gets right."""
    torch.manual_seed(0)
    model = Recaller(kind, n_hidden=32, **settings)
    recipe = {"n_epochs": 6, "lr": 0.01, "batch_size": 50, "schedule": one_cycle}
    fit(model, (X_static, y_first), clip_norm=1.0, **recipe)
    return evaluate(model, *unseen).accuracy


for kind in ("rnn", "gru", "lstm"):
    report(f"{kind.upper()}, 20 steps", train_recall(kind), 0.07, 0.3, percent=True)

# %% [markdown]
# All three guess. Nor is it a matter of patience. We gave each forty rounds through 3,000
# sequences: GRU and LSTM then had nine in ten of *those* right, and of unseen ones still 12 in a
# hundred. They had learned them by heart.
#
# Whoever expected the LSTM to win has read that it remembers. That is half of the truth. The other
# half is *one number*, and when you have found it, this cell will run again. First open the box.
#
# ## A memory that is left alone
#
# Why does the plain cell lose it? Its rule is
#
# $$\mathbf h_t = \tanh\left(\mathbf W_{hh}\, \mathbf h_{t-1} + \mathbf W_{xh}\, \mathbf x_t +
# \mathbf b\right)$$
#
# Nothing stays unless it is computed anew. A number that shall last for a hundred steps must come
# through a hundred matrices and a hundred tanh unharmed.
#
# Turn it round: a number that *stays by itself*, and is changed only on purpose. That is the idea
# of the **LSTM**, *long short-term memory*, by Sepp Hochreiter and Jürgen Schmidhuber (1997). Each
# unit gets a second number, the **cell** $c_t$, and doors in front of it. A **gate** is a number
# from 0 (shut) to 1 (open) by which something is multiplied. There are three of them, and each step
# does four things:
#
# | | | |
# |---|---|---|
# | **forget** | $f_t$ | how much of the old cell stays? |
# | **store** | $i_t$, $\tilde c_t$ | how much of something new comes in, and what? |
# | **update** | $c_t = f_t \cdot c_{t-1} + i_t \cdot \tilde c_t$ | the new cell |
# | **output** | $h_t = o_t \cdot \tanh(c_t)$ | how much of it do others see? |
#
# $f_t$ is the **forget gate**, $i_t$ the **input gate**, $o_t$ the **output gate**. $\tilde c_t$
# (say *c tilde*) is the **candidate**, a number from −1 to 1. PyTorch calls it $g_t$, and so does
# the code below. The **state** $h_t$ is what the rest of the network gets to see, as in lesson 08.

# %%
lstm_diagram()

# %% [markdown]
# Where do the gates come from? Each is a small neuron of its own, with a sigmoid, as in lesson 02.
# It looks at the input $x_t$ and at the state $h_{t-1}$, and learns when to open.
#
# **Predict.** One unit, by hand. The old cell is 1. The forget gate is 0.9, the input gate 0.5, the
# candidate −0.4, the output gate 0.5. Compute the new cell on paper. Will the state be above or
# below 0.35?

# %%
c, f, i, g, o = torch.tensor([1.0, 0.9, 0.5, -0.4, 0.5])
c = f * c + i * g
h = o * c.tanh()
print(f"c = {c:.2f}, h = {h:.2f}")

# %% [markdown]
# $0.9 \cdot 1 + 0.5 \cdot (-0.4) = 0.7$, and the state is $0.5 \cdot \tanh(0.7) = 0.30$. Half of
# 0.7 would be 0.35; tanh makes it a little less.
#
# Now the two extremes. $f = 1$ and $i = 0$: the cell stays as it is, for as many steps as you like.
# $f = 0$ and $i = 1$: the old is gone, the new is in. A plain RNN has no such choice.
#
# ### Exercise 1 · Set the gates by hand
#
# One unit reads a text of three symbols: `1` switches a light on, `0` switches it off, and at a dot
# nothing happens. Its cell is to say whether the light is on: 1 if it is, 0 if not. At the
# beginning it is off, $c = 0$. A dot must change nothing, even a hundred of them. A second `1` must
# not make it 2.
#
# Each of $f$, $i$ and $g$ gets three numbers: a weight for `1`, a weight for `0`, and a bias. At a
# `1`, the forget gate is σ(its first number + its bias); at a dot, only the bias counts. The
# candidate goes through tanh. (There is no $h$ in it.) σ(10) is 0.99995, σ(−10) is 0.00005.

# %%
gates = (
    ### BEGIN SOLUTION
    [[-20, -20, 10], [20, 0, -10], [10, 0, 0]]
    ### END SOLUTION
)  # three rows, for f, i and g: [weight of 1, weight of 0, bias]

# %%
check("09.latch", gates)

# %% [markdown]
# ## The cell from its equations
#
# A layer has $H$ such units, and $N$ sequences are read at once. So everything becomes a matrix:
# $\mathbf x_t$ is $N \times D$, and gates, cell and state are $N \times H$. $\sigma$ and tanh are
# taken number by number, and $\odot$ is the product number by number.
#
# $$\begin{aligned}
# \mathbf i_t &= \sigma(\mathbf x_t \mathbf W_{xi} + \mathbf h_{t-1} \mathbf W_{hi} + \mathbf b_i) \\
# \mathbf f_t &= \sigma(\mathbf x_t \mathbf W_{xf} + \mathbf h_{t-1} \mathbf W_{hf} + \mathbf b_f) \\
# \mathbf g_t &= \tanh(\mathbf x_t \mathbf W_{xg} + \mathbf h_{t-1} \mathbf W_{hg} + \mathbf b_g) \\
# \mathbf o_t &= \sigma(\mathbf x_t \mathbf W_{xo} + \mathbf h_{t-1} \mathbf W_{ho} + \mathbf b_o) \\
# \mathbf c_t &= \mathbf f_t \odot \mathbf c_{t-1} + \mathbf i_t \odot \mathbf g_t \\
# \mathbf h_t &= \mathbf o_t \odot \tanh(\mathbf c_t)
# \end{aligned}$$
#
# The first four lines have one form. So we lay their weights side by side: $\mathbf W_x$ is
# $D \times 4H$, $\mathbf W_h$ is $H \times 4H$, $\mathbf b$ has $4H$ numbers. Two products give all
# four, and `chunk(4, dim=1)` cuts them apart again, in PyTorch's order: i, f, g, o.
#
# ### Exercise 2 · Find the mistakes
#
# Somebody has written one step:
#
# ```python
# i, f, g, o = (x @ W_x + h @ W_h + b).chunk(4, dim=1)
# i, f, g, o = i.sigmoid(), f.sigmoid(), g.sigmoid(), o.sigmoid()
# h = o * c.tanh()
# c = f * c + (1 - f) * g
# return h, c
# ```
#
# It runs without an error, and it holds three mistakes. Mend it.


# %%
def lstm_step(x, h, c, W_x, W_h, b):
    """One step: x (N, D), h and c (N, H), W_x (D, 4H), W_h (H, 4H), b (4H,) -> the new h, c."""
    ### BEGIN SOLUTION
    z_i, z_f, z_g, z_o = (x @ W_x + h @ W_h + b).chunk(4, dim=1)
    new_cell = z_f.sigmoid() * c + z_i.sigmoid() * z_g.tanh()
    return z_o.sigmoid() * new_cell.tanh(), new_cell
    ### END SOLUTION


# %%
check("09.step", lstm_step)

# %% [markdown]
# Here is the whole layer. What comes from the input needs no state, so it is computed for all steps
# at once, in front of the loop. Only what depends on the state has to wait for its turn.


# %%
class OurLSTM(nn.Module):
    """A layer of LSTM units: (N, T, D) -> the state at each step (N, T, H), and the last (h, c)."""

    def __init__(self, n_inputs, n_hidden):
        super().__init__()
        self.n_hidden = n_hidden
        self.W_x = nn.Linear(n_inputs, 4 * n_hidden)  # with the biases
        self.W_h = nn.Linear(n_hidden, 4 * n_hidden, bias=False)

    def forward(self, X, state=None):
        zeros = X.new_zeros(len(X), self.n_hidden)
        h, c = (zeros, zeros) if state is None else state  # (N, H) each
        states = []
        for from_x in self.W_x(X).unbind(dim=1):  # (N, T, 4H): one (N, 4H) for each step
            i, f, g, o = (from_x + self.W_h(h)).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        return torch.stack(states, dim=1), (h, c)


# %% [markdown]
# Three lines do the work of six equations. Is it what PyTorch calls `nn.LSTM`? Give both the same
# weights. PyTorch keeps two biases that are only ever added, `bias_ih_l0` and `bias_hh_l0`, and an
# axis more in front of its last state, because it can stack several layers. Then compare
# everything: the state at each step, the last state and cell, and the gradients of input and
# weights, for sizes drawn by lot. (In double precision, so that rounding hides nothing.)
#
# **Predict.** How large will the largest difference be, over all of this: about 0.001, about
# 10⁻⁶, or less?


# %%
def like(theirs):
    """Return an OurLSTM with the weights of an nn.LSTM."""
    ours = OurLSTM(theirs.input_size, theirs.hidden_size).to(theirs.weight_ih_l0)
    with torch.no_grad():
        ours.W_x.weight.copy_(theirs.weight_ih_l0)
        ours.W_x.bias.copy_(theirs.bias_ih_l0 + theirs.bias_hh_l0)
        ours.W_h.weight.copy_(theirs.weight_hh_l0)
    return ours


def everything(layer, X, h, c):
    """Return states, last state and cell, and the gradients of X and of both matrices."""
    X = X.clone().requires_grad_()
    states, last = layer(X, (h, c))
    (states.square().mean() + last[1].sum()).backward()
    matrices = [p.grad for p in layer.parameters() if p.ndim == 2]
    return [states, *(part.reshape(h.shape) for part in last), X.grad, *matrices]


lot = torch.Generator().manual_seed(0)
largest = 0.0
for _ in range(20):
    N, T, D, H = torch.randint(1, 12, (4,), generator=lot).tolist()
    theirs = nn.LSTM(D, H, batch_first=True).double()
    X = torch.randn(N, T, D, generator=lot).double()
    h, c = torch.randn(2, N, H, generator=lot).double()
    ours = everything(like(theirs), X, h, c)
    known = everything(theirs, X, h[None], c[None])
    gaps = [(a - b.reshape(a.shape)).abs().max().item() for a, b in zip(ours, known)]
    largest = max(largest, *gaps)
assert largest < 1e-12
print("twenty draws: states, cells and gradients agree to twelve decimals")

# %% [markdown]
# Far below 10⁻⁶. What is left is rounding: sums in another order. Ours takes up to twice as long;
# `make bench` measures both.
#
# ### Broken on purpose
#
# An LSTM gives two things back, and that is the commonest error with it.
#
# **Predict.** We put `nn.LSTM` into an `nn.Sequential`, as every layer before. What will PyTorch
# say, and about which of the two layers?

# %% tags=["raises-exception"]
nn.Sequential(nn.LSTM(8, 32, batch_first=True), nn.Linear(32, 3))(torch.zeros(1, 20, 8))

# %% [markdown]
# Read the last line. The LSTM did not complain; the linear layer did. It was given a **tuple**: all
# states, and the pair of last state and last cell. Somebody has to choose. For *many to one* take
# the last state, for *many to many* all of them. So a model with an LSTM is written as a class with
# a `forward`, and its first line reads `states, (h, c) = self.lstm(X)`.
#
# ## The GRU, with one gate fewer
#
# In 2014 Kyunghyun Cho and others left out what seemed double. The **GRU**, *gated recurrent unit*,
# has no cell apart from its state. One gate $z$ does the work of two: whatever is not kept is
# replaced. Another gate $r$, *reset*, says how much the candidate $n$ may look at the old state.
#
# $$\begin{aligned}
# \mathbf r_t &= \sigma(\mathbf x_t \mathbf W_{xr} + \mathbf b_{xr} + \mathbf h_{t-1} \mathbf W_{hr} + \mathbf b_{hr}) \\
# \mathbf z_t &= \sigma(\mathbf x_t \mathbf W_{xz} + \mathbf b_{xz} + \mathbf h_{t-1} \mathbf W_{hz} + \mathbf b_{hz}) \\
# \mathbf n_t &= \tanh(\mathbf x_t \mathbf W_{xn} + \mathbf b_{xn} + \mathbf r_t \odot (\mathbf h_{t-1} \mathbf W_{hn} + \mathbf b_{hn})) \\
# \mathbf h_t &= (1 - \mathbf z_t) \odot \mathbf n_t + \mathbf z_t \odot \mathbf h_{t-1}
# \end{aligned}$$
#
# Where does the old state pass through untouched? Where $\mathbf z_t$ is 1.
#
# ### Exercise 3 · A step of a GRU
#
# Write it. `W_x` is $D \times 3H$ and `W_h` is $H \times 3H$, in the order r, z, n; `b_x` and `b_h`
# have $3H$ numbers each.


# %%
def gru_step(x, h, W_x, W_h, b_x, b_h):
    """One step of a GRU: x (N, D), h (N, H) -> the new h (N, H)."""
    ### BEGIN SOLUTION
    r_x, z_x, n_x = (x @ W_x + b_x).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ W_h + b_h).chunk(3, dim=1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return (1 - z) * n + z * h
    ### END SOLUTION


# %%
check("09.gru", gru_step)

# %% [markdown]
# **Predict.** A plain RNN has one block of weights, the GRU three, the LSTM four. With 28 inputs
# and 128 units the RNN has 20,224 parameters. How many has the LSTM?

# %%
for layer in (nn.RNN(28, 128), nn.GRU(28, 128), nn.LSTM(28, 128)):
    n_parameters = sum(p.numel() for p in layer.parameters())
    print(f"{type(layer).__name__:<5}{n_parameters:>7,} parameters")

# %% [markdown]
# Exactly 1 : 3 : 4, since each block has the same size: $128 \cdot 28 + 128 \cdot 128 + 2 \cdot 128
# = 20{,}224$.
#
# ## Why it remembers
#
# In lesson 08 you followed a gradient back through time, and at each step it was multiplied by
# $w \cdot \tanh'$. Do the same with the cell. In $c_t = f_t \cdot c_{t-1} + i_t \cdot \tilde c_t$
# the slope of the new cell by the old one is
#
# $$\frac{\partial c_t}{\partial c_{t-1}} = f_t$$
#
# (along the cell alone; there are ways through the state and the gates as well). So over fifty
# steps the gradient is multiplied by fifty forget gates. If they are open, it arrives. That is the
# reason people give, and it is right. Now look at fresh networks, before any training. We ask how
# strongly the last state depends on the input $k$ steps before, as in lesson 08, and take what
# reaches the last step itself as 1.
#
# **Predict.** An RNN, a GRU and an LSTM, all fresh from PyTorch, 64 units each. Over 40 steps the
# RNN keeps less than a hundred-millionth. And the LSTM: nearly all, about a half, or hardly
# anything as well?


# %%
def reach(layer, n_steps=50):
    """Return how strongly the last state depends on the input k steps back, from k = 0: (T,)."""
    X = torch.randn(32, n_steps, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)
    last = layer(X)[0][:, -1]  # (N, H)
    direction = torch.randn(last.shape, generator=torch.Generator().manual_seed(2))
    (slopes,) = torch.autograd.grad((last * direction).sum(), X)
    sizes = slopes.norm(dim=2).mean(dim=0).flip(0)  # (T,), the last step first
    return sizes / sizes[0]


torch.manual_seed(0)
fresh = {kind.__name__: kind(8, 64, batch_first=True) for kind in (nn.RNN, nn.GRU, nn.LSTM)}
opened = nn.LSTM(8, 64, batch_first=True)
with torch.no_grad():
    opened.bias_hh_l0[64:128] += 3  # the second of four blocks belongs to f

curves = {name: reach(layer) for name, layer in fresh.items()} | {"LSTM, f + 3": reach(opened)}
fig, ax = figure("A fresh LSTM forgets, too", xlabel="steps back", ylabel="size of the gradient")
draw_lines(ax, curves, trained=True)
log_axis(ax, "y", 1e-12, 10)
show(fig, "How strongly the last state depends on an input some steps before.")

# %% [markdown]
# Hardly anything as well: six billionths. A fresh gate is near $\sigma(0) = 0.5$, so along the cell
# alone one half is lost at each step. (With the ways through state and gates it is nearly four
# tenths. That does not save it.) An LSTM that has learned nothing forgets like an RNN. It *can*
# remember; nothing says that it does. The fourth curve is an LSTM whose forget gates have a bias
# that is larger by 3, nothing else: $\sigma(3) = 0.95$. After forty steps three quarters are still
# there.
#
# So one number decides what an LSTM can learn at the beginning: the *bias of the gates* that you
# pushed in lesson 08. Felix Gers, Jürgen Schmidhuber and Fred Cummins wrote so in 2000, when they
# added the forget gate. (The LSTM of 1997 had none: its $f$ was always 1, and it could not forget.)
# Many libraries begin with 1. PyTorch does not.
#
# ### Exercise 4 · How far open?
#
# A forget gate that stays the same, and an input gate that is shut. Half of the cell is to be left
# after `n_steps` steps. Which bias does the forget gate need? (The weights are 0, so the gate is
# σ(bias). `math.log` is the natural logarithm.)


# %%
def forget_bias(n_steps):
    """Return the bias with which half of the cell is left after so many steps."""
    ### BEGIN SOLUTION
    kept = 0.5 ** (1 / n_steps)  # at each step
    return math.log(kept / (1 - kept))  # the inverse of the sigmoid
    ### END SOLUTION


# %%
check("09.bias", forget_bias)

# %% [markdown]
# **Predict.** Now back to the message that had to wait. We open the gates at the beginning, with a
# bias of 3, for the LSTM's forget gate and for the GRU's $z$. All else is as it was: the same task,
# the same recipe, the same seed. Of a hundred unseen sequences, how many are right now?

# %%
for kind in ("gru", "lstm"):
    opened_right = train_recall(kind, gate_bias=3.0)
    report(f"{kind.upper()}, 20 steps, bias 3", opened_right, 0.85, 1, percent=True)

# %% [markdown]
# Nearly all. One number turned guessing into knowing. The network must *begin* by remembering; then
# the gradient reaches the symbol, and tells it what is worth keeping. (The plain RNN has no such
# number. There is nothing to open.)
#
# Here is the whole comparison, over growing lags and several seeds. It takes too long for a lesson,
# so it was recorded.
#
# **Predict.** Where will the RNN break down, where the others?

# %%
recall_curves()

# %% [markdown]
# Left: between ten and twenty steps the RNN is done for. GRU and LSTM know the symbol even after
# forty, in each of three trainings. At eighty they guess as well. Each was given the learning rate
# that suits it best. Right, the reason: how large the gradient of the loss is at each input, before
# any training. At the symbol, 41 steps before the end, that of the RNN is $6 \cdot 10^{-12}$; that
# of the LSTM is as large as at the end.
#
# But a gradient is not all. The menu has other beginnings:
#
# - *Gates as PyTorch starts them.* Their gradients vanish, and yet most GRUs find the symbol at
#   twenty steps and at forty, with a rate three times ours and more rounds. No LSTM does.
# - *RNNs that begin by keeping*, with $\mathbf W_{hh}$ the identity or a rotation. Some of their
#   gradient arrives. At twenty steps that helps; at forty they guess. They keep, but what they keep
#   lies open to forty steps of static. A gate keeps *and* shuts out.
#
# ## A name, letter by letter
#
# Remembering is one half. What is there to *forget*? Read something real: the first names of the US
# Census of 1990, 5,163 of them. At each letter the model says which letter may come next. It is
# *many to many*: one answer at each step.

# %%
names = load_names()
print(names)
print(*names.train[:12])

symbols = encode_names(["ann"])  # (N, T): 0 is both ends of a name, 1 to 26 are a to z
print("reads: ", symbols[0, :-1].tolist())
print("is to say:", symbols[0, 1:].tolist())

# %% [markdown]
# The answers are the inputs, one step on. Nobody has to label anything: the text is its own
# teacher. The model reads the *true* letters, whatever it said itself. That is called **teacher
# forcing**.
#
# How good is such a model? It is never sure, so counting right answers says little. Look at the
# probability $p$ that it gave to the letter that really came. $-\log_2 p$ is its **surprise** in
# *bits*: a letter with $p = 1/2$ costs 1 bit, with $p = 1/4$ it costs 2. The mean over all letters
# is called **bits per character**. It is the cross-entropy that you know, divided by $\ln 2$.
#
# **Predict.** Three letters got $1/2$, $1/8$ and $1/8$. How many bits per character? And how many
# are it for a model that knows nothing, and gives 1/27 to each letter and to the end?

# %%
given = torch.tensor([1 / 2, 1 / 8, 1 / 8])
print(f"{-given.log2().mean():.2f} bits, and {math.log2(27):.2f} for guessing")

# %% [markdown]
# $(1 + 3 + 3) / 3 = 2.33$, and $\log_2 27 = 4.75$. Between that and 0 there is room for the first
# idea that anybody would have: **count**. How often did *a* come after *m*? A table of 27 × 27
# counts is a **bigram** model. Counting triples and quadruples goes further back. (Where a group of
# letters was seen rarely, shorter groups help out. That is *smoothing*.)
#
# **Predict.** Judged on 1,000 names that were not counted: from pairs to triples to quadruples,
# does it get better each time? And the LSTM, ten rounds through 3,663 names: where will it come in?

# %%
for order, name in enumerate(["nothing", "single letters", "pairs", "triples", "quadruples"]):
    counted = CountModel(names.train, order=order)
    print(f"counting {name}: {bits_per_character(counted, names.test):.2f} bits per character")

S = encode_names(names.train)  # (N, T)
torch.manual_seed(0)
speller = CharLSTM().to(device)
fit(
    speller,
    (S[:, :-1], S[:, 1:]),
    **{"n_epochs": 10, "lr": 0.01, "batch_size": 32},
    **{"schedule": one_cycle, "loss_fn": name_loss},
)
report("LSTM, bits per character", bits_per_character(speller, names.test), 2.7, 2.87)

# %% [markdown]
# It gets better each time: 3.37, 3.04, 2.87. Whoever said "about the same" underrates counting. And
# the LSTM comes in a little below quadruples. Names are short, so three letters of the past tell
# nearly all. But look at what it costs to count further. A table for groups of five has $27^5$
# cells, fourteen million, and 3,663 names leave nearly all of them empty. The LSTM has 25,532
# parameters, however far it looks back.
#
# ### What must be forgotten?
#
# Now the question of this lesson, put to a trained network. `lstm_steps` is your loop of above: it
# reads with the weights of an `nn.LSTM` and keeps every gate, and it can **hold** a gate at a
# value, in all units and at each step. We hold the forget gate of a network that the course has
# trained a little longer.
#
# **Predict.** Held at 0, all is forgotten at each step. Held at 1, nothing is ever forgotten. It is
# a memory network; so which is worse? And how bad is it: like pairs, like single letters, or worse
# than that?

# %%
shipped = load_pretrained("names")
S_test = encode_names(names.test).to(device)


@torch.no_grad()
def bits_held(hold):
    """Return the bits per character of the shipped network with some gates held."""
    states = lstm_steps(shipped.lstm, shipped.embedding(S_test[:, :-1]), hold)["h"]  # (N, T, H)
    return name_loss(shipped.head(states).transpose(1, 2), S_test[:, 1:]).item() / math.log(2)


assert abs(bits_held({}) - bits_per_character(shipped, names.test)) < 0.01
for hold in ({}, {"f": 0.0}, {"f": 1.0}, {"i": 0.0}, {"i": 1.0}, {"o": 1.0}):
    words = ", ".join(f"{gate} = {value:g}" for gate, value in hold.items()) or "no gate held"
    print(f"{words:<13}{bits_held(hold):.2f} bits per character")

# %% [markdown]
# Never forgetting is far worse than forgetting everything! With $f = 0$ the cell begins empty at
# each letter, and it costs 3.36 bits: no better than a table of pairs, which knows one letter. (A
# little of the earlier ones still comes through, by way of the state.) With $f = 1$ it costs more
# than single letters do. Everything that ever came in stays, letter upon letter: after eight
# letters the cells are twice as large as with free gates (2.9 against 1.4 on average), and what the
# last letter says drowns in what all the others said. A memory that keeps all is no memory.
# *Forgetting is what makes it useful.*
#
# And see the last line: worse than knowing nothing, which costs 4.75! With all cells shown at once
# the network gives its first choice 63% on average, and that is right 26 times in a hundred. Being
# sure and wrong is dearer than guessing. (With free gates: 41%, and 39 times.)
#
# (That is said of a network that learned with free gates. The LSTM of 1997 was *trained* with $f =
# 1$, and managed.)
#
# ### The theatre of gates
#
# Type your own name, and look at each gate at each letter. Then find out:
#
# - You see the cells first. The rows are units, in the order in which they grow with the letters
#   read. Hold *f* at 0: what becomes of that order?
# - Type *annannann* and show the forget gate. Is a unit's gate the same at each *n*? What does it
#   depend on?
# - Order the units by vowels, and show the candidate. Which rows tell vowels from the others?

# %%
gate_theatre(shipped, text="marianna")

# %% [markdown]
# Without its memory no unit can tell how long the name is. A gate is not the same at each *n*,
# because it looks at the letter *and* at the state: what a unit forgets depends on what was read
# before. And hardly any unit means one thing alone. What the network knows is spread over many.
#
# ### Names that nobody has
#
# A model that says what may come next can *write*: draw a letter by its probabilities, read it as
# the next input, and go on until the end is drawn. How wildly it draws can be turned. Divide the
# logits by a **temperature** $T$ before the softmax.
#
# **Predict.** Three logits, 2, 1 and 0. At $T = 1$ the first letter has 67%. What has it at $T =
# 0.5$, and at $T = 10$?

# %%
logits = torch.tensor([2.0, 1.0, 0.0])
for T in (0.5, 1, 10):
    print(f"T = {T:<4}", [f"{p:.0%}" for p in (logits / T).softmax(dim=0)])

# %% [markdown]
# 87%, and 37%. A low temperature makes differences larger, and the likeliest letter comes nearly
# each time. A high one levels them. It is a word from physics, where heat does that to atoms.
#
# Type how your own name begins. At which temperature would you believe the names? And where do most
# of them turn out to be copies (•)?

# %%
temperature_sampler(shipped, start="ma")

# %% [markdown]
# Did it learn names by heart? Of 1,000 names drawn at $T = 1$ we found 150 among those that it had
# learned from, and 35 among real names that it had *never seen*. The rest is made up. At $T = 0.5$
# 472 are copies, at $T = 1.5$ only 41.
#
# ## Was it a good film?
#
# *Many to one* again: a review in, one verdict out. Before any LSTM try what everybody tries first.
# Put all words into a **bag**: each word has a weight for *good* or *bad*, and they are added up.
# It is the logistic regression of lesson 02, and on long real reviews it is hard to beat.
#
# So we ask where it must have trouble: **negation**. The reviews are made by a small grammar (its
# rule stands in `course_utils/datasets/reviews.py`), half of them with a *not*, *never*, *hardly*,
# *far from*. In a review with a *but* the second half counts. Training and test share no sentence.

# %%
texts, labels, negated = make_reviews(6000)
shown = [*(~negated).nonzero()[3:6].flatten(), *negated.nonzero()[1:6].flatten()]
for row in shown:
    print("good" if labels[row] else "bad ", "·", texts[row])
X_reviews = encode_reviews(texts)  # (N, T): a number for each word, 0 behind the end
train_reviews = X_reviews[:3000], labels[:3000]

# %% [markdown]
# **Predict.** The bag gets *all* plain reviews right. And those with a negation, where guessing
# would give 50%: about 80, about 50, or less?


# %%
def judge(model, **settings):
    """Train on 3,000 reviews; return which of the others are right, for plain and negated ones."""
    loss_fn = F.binary_cross_entropy_with_logits
    fit(model, train_reviews, loss_fn=loss_fn, schedule=one_cycle, **settings)
    right = (predict(model, X_reviews[3000:]) > 0) == (labels[3000:] == 1)  # (3000,)
    return right[~negated[3000:]], right[negated[3000:]]


torch.manual_seed(0)
bag, reader = BagOfWords().to(device), SentimentLSTM().to(device)
bands = {
    ("bag of words", "plain"): (0.97, 1),
    ("bag of words", "negated"): (0.32, 0.46),
    ("LSTM", "plain"): (0.97, 1),
    ("LSTM", "negated"): (0.96, 1),
}
for name, model, n_epochs, lr in (("bag of words", bag, 10, 0.02), ("LSTM", reader, 8, 0.01)):
    for kind, right in zip(("plain", "negated"), judge(model, n_epochs=n_epochs, lr=lr)):
        share = right.float().mean().item()
        report(f"{name}, {kind}", share, *bands[name, kind], percent=True)
    low, high = wilson(int(right.sum()), len(right))  # of the negated ones, which came last
    lowest, highest = bands[name, "negated"]
    report("   95% interval from", low, lowest - 0.03, highest, percent=True)
    report("   to", high, lowest, min(1, highest + 0.03), percent=True)

# %% [markdown]
# Below one half, and surely: 1,501 negated reviews were judged, and the interval in which the true
# share lies, 95 times of 100, ends at 41%. That of the LSTM begins at 99.7%. (It is the interval by
# Wilson, which stays between 0 and 100%.) The bag's failure is no accident. It has learned
# something true: *bad* speaks for bad. In a negated review the adjective mostly says the opposite
# of what is meant. (A bag with a hidden layer of 32 does better, for two words together can mean
# something to it: 75% in our measurements.) The LSTM gets all of them. But be fair: these reviews
# come from a small grammar. On real ones, long and with irony, a bag is right in nearly nine of
# ten.
#
# **Predict.** Which weight has the bag given to *not*: above 0, below 0, or about 0? And here is a
# test that no bag can pass, hidden layer or not: pairs of reviews with the same words in another
# order. How many of a hundred will it get right?

# %%
for word in ("good", "bad", "not"):
    weight = round(bag.weights.weight[WORDS.index(word)].item(), 1) + 0.0  # no -0.0
    band = {"good": (0.3, 1.2), "bad": (-1.2, -0.3), "not": (-0.2, 0.2)}[word]
    report(f"weight of {word!r}", weight, *band, digits=1)

good, bad = same_words(500)  # the same words in another order
print(good[0], "|", bad[0])
for name, model in {"bag of words": bag, "LSTM": reader}.items():
    says_good = [(predict(model, encode_reviews(side)) > 0).float() for side in (good, bad)]
    right = torch.cat([says_good[0], 1 - says_good[1]]).mean().item()
    report(f"{name}, pairs of the same words", right, *((0.5, 0.5) if model is bag else (0.95, 1)))

# %% [markdown]
# A weight is added, to *not good* as to *not bad*; so the best that *not* can have is nothing. And
# of the pairs exactly one half, whatever the training: to both of a pair a bag must say the same.
# Order is the one thing that it does not see. Now watch both read. After each word they are asked
# what they think so far.
#
# **Predict.** *the film was hardly good but not boring*: what will the LSTM say after *good*, and
# what after *boring*?

# %%
review_reader({"bag of words": bag, "LSTM": reader}, "the film was hardly good but not boring")

# %% [markdown]
# After *good* nearly nothing, for *hardly* is in its memory. After *boring* it is sure that the film
# is good, where the bag sees one more bad word. Between them it jumps about, and that means nothing:
# no review ends with *but* or *not*, so it never had to answer there. (From three random starts it
# said 98, 16 and 63% after *not*. As in lesson 08, a network answers well only where it was asked.)
#
# Find a sentence that fools the LSTM. *The film was not not bad* is one: a double *not* is in no
# review that it learned from.
#
# ## Say what you see
#
# *One to many*: a picture goes in, once, and words come out until the model says *end*. A **CNN**,
# as in lesson 06, looks at a strip with one to three handwritten digits. What it makes of it
# becomes the first state of an **LSTM**. That one says a word, is fed its own word, says the next.
# It writes as the network of names did; only its memory is not empty when it begins.
#
# What would you try first, without any LSTM? Cut the strip where a column has no ink, and let the
# best CNN of lesson 06 read the pieces.
#
# **Predict.** Which of the two has more strips *entirely* right: the scissors or the captioner?


# %%
def cut(strip):
    """Cut (28, 84) at columns without ink: a list of pictures (28, 28), as the CNN takes them."""
    change = F.pad((strip > 0).any(dim=0).int(), (1, 1)).diff()  # 1 where ink begins, -1 behind it
    begins, ends = ((change == sign).nonzero().flatten().tolist() for sign in (1, -1))
    return [torch.tensor(normalize_drawing(strip[:, a:b].numpy())) for a, b in zip(begins, ends)]


def scissors(strips):
    """Cut each strip, read the pieces with the shipped CNN, say the words."""
    pieces = [cut(strip) for strip in strips[:, 0]]
    digits = torch.stack([digit for piece in pieces for digit in piece])  # (n_pieces, 28, 28)
    answers = predict(cnn, digits[:, None]).argmax(dim=1)
    parts = answers.split([len(piece) for piece in pieces])
    return [" ".join(DIGIT_WORDS[digit] for digit in part.tolist()) for part in parts]


mnist = load_mnist(MNIST_SAMPLE)
strips, captions = digit_strips(mnist.test_images, mnist.test_labels, 500)  # (N, 1, 28, 84)
cnn, captioner = load_pretrained("cnn"), load_pretrained("captioner")
said = {"scissors": scissors(strips), "captioner": captioner.caption(strips)}
for name, answers in said.items():
    right = sum(answer == caption for answer, caption in zip(answers, captions)) / len(captions)
    report(f"{name}, strips entirely right", right, 0.94, 1, percent=True)

missed = [k for k in range(500) if said["scissors"][k] != captions[k]][:3]
fig, axes = figure(columns=3, size=(10, 2.1))
for ax, k in zip(axes, missed):
    title = f"cut: {said['scissors'][k]}\nLSTM: {said['captioner'][k]}"
    draw_image(ax, strips[k, 0], title, framed=True)
show(fig, "Three strips that the scissors get wrong.")

# %% [markdown]
# Nearly the same! (Both shipped networks have met these very digits in their training, so we also
# tried 14,000 strips of the official test digits, new to both: 96.6% for the scissors, 97.4% for the
# captioner. Each is uncertain by a third of a point, so the captioner is ahead, but not by much.)
# Whoever expected the LSTM far ahead forgot how good a simple idea can be. In three of four cases
# where the scissors fail, a digit has fallen into two pieces, and they say a word too many. The
# captioner reads nearly all of those.
#
# But see what each was told. For the scissors somebody had to know that digits are parted by paper.
# The captioner was shown strips and captions, nothing else: not where a digit is, nor how many
# there are, nor that there is an order. In a photo nothing is parted by paper, and nobody knows a
# rule. That is where this arrangement, CNN and LSTM, began to describe pictures in 2015.
#
# Your turn. Draw a digit on the pad, keep it with the button, draw the next. Then push digits
# together, with the slider. When does it lose count? (In our test, two digits 10 pixels closer than
# their pictures: 75% right, and 73% with scissors.)

# %%
pad = DigitPad({"cnn": cnn}, in_page=True)
pad

# %%
caption_explorer(captioner, mnist.test_images, mnist.test_labels, pad=pad)

# %% [markdown]
# ## One state for a whole sentence
#
# The last shape: *many to many*, but of other lengths. A date in words goes in, and the same date
# comes out as ISO 8601 writes it, letter by letter. An LSTM reads all words, the **encoder**. Its
# last state is handed to another, the **decoder**, which writes. Nothing else passes between them.
#
# The dates are made by a rule (see `spoken_dates`), from 1900 to 2099. One day in ten is kept for
# the test, and no training date falls on one of them. So nothing can be looked up: the most similar
# training date, by the words they share, can *never* be right, for its day is another one.
#
# What would you try first? `dateutil` is a widely used reader of dates; it comes along with
# matplotlib.
#
# **Predict.** Some dates read *16.03.2041*, some *13th of june , nineteen oh six*. Of a hundred, how
# many does `dateutil` read rightly: 35, 65 or 95?

# %%
dates_train, iso_train = spoken_dates(8000)
dates_test, iso_test = spoken_dates(1000, seed=1, part="test")  # other days
for text, date in list(zip(dates_test, iso_test))[:6]:
    print(date, "·", text)


def by_dateutil(text):
    """Read a date with dateutil; "" where it gives up."""
    try:
        return dateutil_parser.parse(text, fuzzy=True, dayfirst=True).date().isoformat()
    except (ValueError, OverflowError):
        return ""


right = sum(by_dateutil(text) == date for text, date in zip(dates_test, iso_test)) / 1000
report("dateutil, dates entirely right", right, 0.25, 0.45, percent=True)

# %% [markdown]
# A third: it knows 3rd and dec, but no *nineteen eighty seven*. Now a network. In training the
# decoder is fed the *right* letters so far, teacher forcing again. Here is one such step, before
# you leave it to `fit`.

# %%
source = source_tensor(dates_train)  # (N, T) words
fed, wanted = target_tensors(iso_train)  # (N, S) letters each
torch.manual_seed(0)
plain = Translator(attention=False, n_hidden=32).to(device)
memory, last = plain.encode(source[:64].to(device))  # a state for each word (N, T, H), and the last
logits, _, _ = plain.decode(fed[:64].to(device), last, memory, source[:64].to(device))  # (N, S, 12)
loss = F.cross_entropy(logits.transpose(1, 2), wanted[:64].to(device))
print("hands over:", *(tuple(part.shape) for part in last), " loss", f"{loss.item():.1f}")

# %% [markdown]
# State and cell of 32 numbers each are all that the decoder gets of a date. The loss begins near
# $\ln 12 = 2.5$, as for twelve letters of which nothing is known.
#
# **Predict.** Four rounds through 8,000 dates. *Entirely* right, all ten letters, on days it has
# never seen: how many of a hundred?


# %%
def exactly_right(model):
    """Return the share of unseen dates of which every letter is right."""
    written = model.translate(dates_test)
    return sum(ours == date for ours, date in zip(written, iso_test)) / len(iso_test)


translation = {"n_epochs": 4, "lr": 0.01, "schedule": one_cycle}
fit(plain, ((source, fed), wanted), **translation)
report("encoder–decoder, dates entirely right", exactly_right(plain), 0.05, 0.6, percent=True)

written = plain.translate(dates_test)
places = [sum(a[k : k + 1] == b[k] for a, b in zip(written, iso_test)) / 1000 for k in range(10)]
fig, ax = figure("What is written late is lost", ylabel="share right", size=(8, 3.8))
draw_lines(ax, {"encoder–decoder": places}, trained=True)
ax.set_xticks(range(10), list("YYYY-MM-DD"))
ax.set(ylim=(0, 1.05), xlabel="letter of the date, in the order of writing")
show(fig, "Share of unseen dates with the right letter, for each of the ten places.")

# %% [markdown]
# A third, about as many as `dateutil`. The year is mostly right, the last digit of the day in less
# than half of the dates. Is a day harder than a year? We let the same network write the same dates
# *backwards*. Then the two digits of the day were right in 95 and 83 of a hundred, and the last two
# of the year in 46 and 52. So it is the order: what must wait longest, while other letters are
# written, is lost.
#
# That is the question of this lesson for the last time. What must be kept? All of the date, at
# once, in one state. It is not impossible: with 64 numbers in place of 32 and eight rounds in place
# of four it reached 97%. But a date has ten letters. Sentences are longer, and then books.
#
# ## Attention
#
# When *you* copy a date, you do not read it once, close your eyes and write. You look back. Let the
# decoder look back, too. The encoder had a state at *each* word. Keep them all. Before each letter
# the decoder asks: which of them do I need now?
#
# Three steps, and you know all three. A **score** for each word: the dot product of the decoder's
# state, the **query**, with the encoder's state at that word. **Weights**: the softmax of the
# scores. The **context**: the encoder's states, weighted and added up. It goes, with the decoder's
# own state, into the layer that chooses the letter.
#
# **Predict.** Three words with states of two numbers, and a query. Which word gets most weight, and
# about how much: 40, 60 or 80%?
#
# | word | state |
# |---|---|
# | third | (0, 2) |
# | march | (2, 0) |
# | 1987 | (1, 1) |
#
# query: (1.5, 0)

# %%
states = torch.tensor([[0.0, 2.0], [2.0, 0.0], [1.0, 1.0]])  # (T, H)
query = torch.tensor([1.5, 0.0])  # (H,)
scores = states @ query  # (T,)
shares = scores.softmax(dim=0)
context = shares @ states  # (H,)
print("scores ", scores.tolist())
print("weights", [f"{share:.0%}" for share in shares])
print("context", [f"{value:.2f}" for value in context])

# %% [markdown]
# *march*, with 79%. The scores are 0, 3 and 1.5. There is no hard choice in it: some of each word
# is always mixed in. That is why gradients can flow and the looking can be learned.
#
# ### Exercise 5 · Attention for one step
#
# Write it for any number of words.


# %%
def attend(query, states):
    """Return the weights (T,) and the context (H,) for a query (H,) and states (T, H)."""
    ### BEGIN SOLUTION
    weights = (states @ query).softmax(dim=0)
    return weights, weights @ states
    ### END SOLUTION


# %%
check("09.attend", attend)

# %% [markdown]
# **Predict.** The same encoder, the same decoder, the same four rounds; only now it may look back.
# Entirely right, of a hundred?

# %%
torch.manual_seed(0)
looking = Translator(attention=True, n_hidden=32).to(device)
fit(looking, ((source, fed), wanted), **translation)
report("with attention, dates entirely right", exactly_right(looking), 0.9, 1, percent=True)
plot_alignment(looking, "tuesday , the third of march nineteen eighty seven")

# %% [markdown]
# From a third to nearly all, and no state is larger than 32 numbers. And now you can *see* what it
# does. Each column is a letter, and shows where the decoder looked before it wrote it: at
# *nineteen* for 1 and 9, at *eighty* for 8, at *seven* for 7, at *march* for the month, at *third*
# for the day. This is called an **alignment**. Nobody told it which word belongs to which letter.
# It found out, because looking there made the loss smaller. (For letters that are nearly sure
# without looking, such as the hyphens, it looks anywhere.)
#
# Now your birthday, in your own words, for your two networks and for a larger one that the course
# ships (99.96% of 5,000 unseen dates). Where does it look for the month in *3.4.1987*? What does it
# make of *13.13.2013*, and of *march* alone?

# %%
alignment_explorer(
    {"shipped": load_pretrained("translator"), "with attention": looking, "without": plain}
)

# %% [markdown]
# ### The door
#
# For the 0 of the day the shipped network looks at *of* more than at *third*: the state there has
# read *third*, too.
#
# It has learned to copy, not to know a calendar: it writes 2013-13-13 without a doubt. And of
# *march* alone it makes a whole date, the rest invented, and is nearly as sure of it (92% and
# more for each letter). It was never shown that one can say nothing.
#
# Now one more question. If each letter can look at each word, what is the recurrence still for? In
# 2017 Ashish Vaswani and seven others left it out. In a **transformer** every position of a text
# looks at every other, by the three lines of exercise 5. Queries, and what they are compared with,
# and what is added up, come from three weight matrices of their own. In training no step has to
# wait for the step before, so all are computed at once. And nothing has to survive a hundred steps:
# each is one look away.
#
# One thing is lost, and you know it from the reviews. A weighted sum has no order; without
# recurrence attention is a bag of words again. So transformers add a number pattern for the *place*
# to each word. The language models of today are built so. What you have seen here is their most
# important part.
#
# ## Four shapes, side by side
#
# | shape | here | what anybody would try first | recurrent |
# |---|---|---|---|
# | one to one | lesson 08: pass the class | | |
# | many to one | a symbol, 20 steps ago | guess: 12.5% | RNN: guesses. LSTM, GRU: guess, and with open gates 100% |
# | many to one | negated reviews | bag of words: 39% | LSTM: 100% |
# | one to many | a strip of digits | scissors and CNN: 96.6% | CNN + LSTM: 97.4% |
# | many to many, in step | names, bits per character | pairs: 3.37, quadruples: 2.87 | LSTM: 2.79 here, 2.74 shipped |
# | many to many, one after the other | dates, entirely right | dateutil: 34% | 30%, with attention 98%, shipped 99.96% |
#
# All figures are on what was not seen in training. Twice a simple idea came close, and it took
# minutes to know that. Begin with it.
#
# ## Quiz

# %%
quiz("09")

# %% [markdown]
# ## Where the idea comes from
#
# **1991** Sepp Hochreiter shows in his diploma thesis why gradients vanish over time. **1997**
# Hochreiter and Schmidhuber publish the LSTM, with input and output gate. **2000** Gers,
# Schmidhuber and Cummins add the forget gate, and advise to begin with it open. **2013, 2014** Alex
# Graves, then Ilya Sutskever, Oriol Vinyals and Quoc Le write and translate with stacked LSTMs;
# Kyunghyun Cho and others invent the GRU for the same purpose. **2014** Dzmitry Bahdanau, Cho and
# Yoshua Bengio let the decoder look back: attention. **2015** Oriol Vinyals and others caption
# photos with a CNN and an LSTM. **2017** Ashish Vaswani and others leave recurrence out: *Attention
# is all you need*.
#
# ## Summary
#
# - An LSTM has a cell that stays by itself: $\mathbf c_t = \mathbf f_t \odot \mathbf c_{t-1} +
#   \mathbf i_t \odot \tilde{\mathbf c}_t$, $\mathbf h_t = \mathbf o_t \odot \tanh(\mathbf c_t)$.
#   Forget, store, update, output. Three sigmoids, two tanh, four blocks of weights; a short class
#   that agrees with `nn.LSTM`.
# - The GRU has one state and three blocks. 4 : 3 : 1 parameters.
# - Along the cell the gradient is multiplied by $f$. A fresh LSTM has $f$ near one half and forgets
#   in a few steps, like an RNN. With a forget bias of 3 the same network solves what it could not.
# - Forgetting is no fault. With $f$ held at 0 a reader of names is no better than a table of pairs;
#   held at 1 it is worse than single letters.
# - Models of text are judged in bits per character, beside counts. The temperature divides the
#   logits.
# - A bag of words cannot see order. On negated reviews it is below one half; the LSTM is not.
# - An encoder–decoder squeezes a sentence into one state. Attention keeps all states and looks
#   where it needs to: scores, softmax, weighted sum. Its weights can be seen.
#
# **Next:** so far a network answered. Lesson 10 lets one dream.
#
# ## Sources
#
# - S. Hochreiter, J. Schmidhuber: *Long short-term memory.* Neural Computation 9, 1997.
# - F. A. Gers, J. Schmidhuber, F. Cummins: *Learning to forget: continual prediction with LSTM.*
#   Neural Computation 12, 2000.
# - K. Cho and others: *Learning phrase representations using RNN encoder–decoder for statistical
#   machine translation.* EMNLP 2014 (the GRU).
# - R. Jozefowicz, W. Zaremba, I. Sutskever: *An empirical exploration of recurrent network
#   architectures.* ICML 2015 (the bias of the forget gate).
# - Q. V. Le, N. Jaitly, G. E. Hinton: *A simple way to initialize recurrent networks of rectified
#   linear units.* 2015.
# - D. J. C. MacKay, L. C. Bauman Peto: *A hierarchical Dirichlet language model.* Natural Language
#   Engineering 1, 1995 (smoothed counts).
# - E. B. Wilson: *Probable inference, the law of succession, and statistical inference.* Journal of
#   the American Statistical Association 22, 1927.
# - I. Sutskever, O. Vinyals, Q. V. Le: *Sequence to sequence learning with neural networks.*
#   Advances in Neural Information Processing Systems 27, 2014.
# - O. Vinyals, A. Toshev, S. Bengio, D. Erhan: *Show and tell: a neural image caption generator.*
#   CVPR 2015.
# - D. Bahdanau, K. Cho, Y. Bengio: *Neural machine translation by jointly learning to align and
#   translate.* ICLR 2015. M.-T. Luong, H. Pham, C. D. Manning: *Effective approaches to
#   attention-based neural machine translation.* EMNLP 2015 (scores as dot products).
# - A. Vaswani and others: *Attention is all you need.* NIPS 2017.
# - *Frequently occurring first names*, US Census Bureau, 1990 (public domain).
