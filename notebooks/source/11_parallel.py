# %% [markdown]
# # 11 · What changes when one machine is not enough?
#
# In 2012 a network called AlexNet learned to name what is on a photo, from 1.2 million photos. It
# took two graphics cards, and five to six days. This lesson asks how the same training ends sooner,
# what may change on the way, and what may not. Part 1 stays on one machine and measures it. Part 2
# takes several.
#
# **After this lesson you can**
#
# 1. find out where the time of a training goes, and say which limit it runs into;
# 2. tell when a larger batch, more threads, a graphics card or shorter numbers will help;
# 3. say why two devices give different numbers, and how far apart they may lie;
# 4. train with several processes that end with the weights of one;
# 5. compute what several machines can bring at most, and go on after one has died.
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*
#
# ## How long would 2012 take here?
#
# Count first. A convolution needs a multiplication and an addition for each weight and each place.
# AlexNet's first has 96 kernels of 3 × 11 × 11 weights and makes maps of 55 × 55: $2 \cdot 96 \cdot
# 363 \cdot 3025 = 211$ million operations for one photo. (One such operation on floats is called a
# **FLOP**.) On the device `meta` PyTorch keeps shapes and no numbers, so it can count the others.

# %%
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

with torch.device("meta"):  # shapes only: nothing is stored, nothing is computed
    alexnet = nn.Sequential(
        *(nn.Conv2d(3, 96, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)),
    )
    with FlopCounterMode(display=False) as counter:
        alexnet(torch.empty(1, 3, 224, 224))
forward = counter.get_total_flops()
print(f"{sum(p.numel() for p in alexnet.parameters()):,} parameters")
print(f"{forward:,} operations forward, for one photo")

# %% [markdown]
# The backward pass does about twice as much (lesson 04): once for the slopes of the weights, once
# to hand slopes on. So a photo costs three times that. There were 1.2 million photos, and each was
# seen about 90 times.
#
# **Predict.** One core of this machine works day and night on it. Will it be done in a day, a
# month, or a year?

# %%
from course_utils.device import set_threads
from course_utils.display import live_html
from course_utils.microscope import example_machine, measure_roof

set_threads(1)
operations = 3 * forward * 1.2e6 * 90
in_2012 = operations / (5.5 * 86_400)  # a second
card = 2 * 512 * 1.544e9  # a GTX 580: 512 units, 1.544 billion products and sums a second each
print(f"{operations:.1e} operations, in 2012 {in_2012 / 1e9:,.0f} billion a second")
print(f"of what the two cards could do at most: {in_2012 / (2 * card):.0%}")

example, here = example_machine(), measure_roof()
for about, roof in ((example.about, example.roof), ("This machine, one core", here)):
    line = f"{about}: {roof.flops / 1e9:,.0f} billion a second, {operations / roof.flops / 86_400:.0f} days"
    print(line) if roof is example.roof else live_html(line)

# %% [markdown]
# Nearly two months on the example machine, if it always ran as fast as in its best moment, a
# product of two large matrices. (Run the cell for yours.) A month was never a good guess for what
# people wait for. That is why 2012 needed graphics cards, **GPUs**: ImageNet had the data, and a
# card for games had more than a thousand billion operations a second. It had 3 GB of memory, too
# little for the network and its batch. So half of the channels lived on each card, and the cards
# talked at a few layers only. It was parallel from the start.
#
# **Two kinds of numbers.** Times are another machine's on every machine. What you see while you run
# this lesson is *yours*. What is stored in it, for readers without a kernel, was measured once on
# an example machine, named above; `tools/record_machine.py` did it.
#
# ## Where the time goes
#
# Before you make something faster, find out where it is slow. A step has four parts: get the
# **data**, go **forward**, go **backward**, take the **step**. PyTorch has a profiler. It notes
# when each operation begins and ends, and `record_function` puts a name around several.

# %%
import torch.nn.functional as F
from torch.profiler import record_function

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises import check, quiz

mnist = load_mnist(MNIST_SAMPLE)
X_train, y_train = mnist.train_images[:, None], mnist.train_labels  # (N, 1, 28, 28), bytes


def train_steps(model, batch_size, n_steps):
    """Take some steps of SGD with momentum; name the four parts of each."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for _ in range(n_steps):
        with record_function("data"):
            rows = torch.randint(len(X_train), (batch_size,))
            X, y = X_train[rows].float() / 255, y_train[rows]
        with record_function("forward"):
            loss = F.cross_entropy(model(X), y)
        with record_function("backward"):
            optimizer.zero_grad()
            loss.backward()
        with record_function("step"):
            optimizer.step()


# %% [markdown]
# **Predict.** LeNet-5, a batch of 64 digits. Which part takes most: data, forward, backward or
# step? And with a single digit in place of 64?

# %%
from course_utils.figures import draw_parts, show_measured
from course_utils.microscope import example_record, profiled, seconds_of
from course_utils.models import digit_cnn, lenet5, mlp

torch.manual_seed(0)
networks = {"MLP": mlp(), "LeNet-5": lenet5(), "digit_cnn": digit_cnn()}
measured, recorded = {}, {}
for name, size, seconds in example_record()["parts"]:
    train_steps(networks[name], size, 5)  # the first steps are slower
    with profiled() as prof:
        train_steps(networks[name], size, 15)
    measured[f"{name}, batch of {size}"] = seconds_of(prof, 15)
    recorded[f"{name}, batch of {size}"] = seconds
show_measured(
    draw_parts(recorded, "the example"), draw_parts(measured, "this machine"), example.about
)
parts = measured["LeNet-5, batch of 64"]
much = parts["forward"] + parts["backward"] > 0.75 * sum(parts.values())
print(f"LeNet-5, 64: forward and backward take {'more' if much else 'NOT more'} than 75%")
live_html(f"<pre>{prof.key_averages().table('self_cpu_time_total', row_limit=6)}</pre>")

# %% [markdown]
# With 64 digits nearly everything is forward and backward. Backward is the longer one, but not
# twice as long: the first layer hands no slopes on. Data takes little *here*: the digits lie in
# memory, as bytes. Photos that must be read, unpacked and augmented can take most of a step. With a
# single digit the step itself counts: it moves every weight, however many digits were seen.
#
# The live table names operations. For `digit_cnn`, the last profile, `aten::convolution_backward`
# should stand on top. Whoever makes anything else faster gains little. Remember that for part 2,
# where it has a name.
#
# ## Two limits
#
# A layer needs two things: operations, and the bytes it works on. The processor can do only so many
# **operations a second**, and memory can hand over only so many **bytes a second**. Whichever takes
# longer decides.
#
# The first layer of the MLP takes 64 digits to 200 units. Its input is $X$ (64 × 784), its weights
# are $W$ (200 × 784), its output is 64 × 200. That makes $2 \cdot 64 \cdot 784 \cdot 200 = 20$
# million operations. It moves $64 \cdot 784 + 200 \cdot 784 + 64 \cdot 200$ numbers of 4 bytes, 0.88
# million bytes. So there are 23 operations for each byte. This quotient is the **arithmetic
# intensity**.
#
# **Predict.** The ReLU behind it compares each number with 0, reads 4 bytes and writes 4. What is
# its intensity? On the example machine memory gives some 20 billion bytes a second. How many
# operations a second can a ReLU reach there, of 100 billion?
#
# It has 1 operation for 8 bytes, 0.125. So 2.5 billion a second, a fortieth of what the processor
# can do. No faster processor would help it.
#
# ### Exercise 1 · Arithmetic intensity
#
# Write the count for any linear layer without a bias. The input is `n` × `n_in`, the output is
# `n` × `n_out`, and each number takes `size` bytes (4 for float32, 2 for half as long numbers).
# Input, weights and output are each moved once.


# %%
def intensity(n, n_in, n_out, size):
    """Return the operations for each byte of a linear layer without a bias."""
    ### BEGIN SOLUTION
    operations = 2 * n * n_in * n_out  # a product and a sum for each weight and each row
    numbers = n * n_in + n_in * n_out + n * n_out  # input, weights, output
    return operations / (size * numbers)
    ### END SOLUTION


# %%
check("11.intensity", intensity)

# %% [markdown]
# ### The roof of this machine
#
# Both limits in one picture make a **roofline**. To the right are more operations for each byte, up
# are more operations a second. Under the slanted line memory is the limit, under the level one it
# is computing. They meet in the ridge. The next cell measures both, and each layer of three
# networks (some seconds). Then find out:
#
# - Which layers of LeNet-5 lie under the slanted part? Would a processor twice as fast help them?
# - Take the second convolution (layer 4) from a batch of 1 to 256. Which way does its point go: to
#   the right, up, or both? From where on does it hardly move?
# - In the MLP, why does the point of the first linear layer move to the *right*?
# - Some points lie above the slanted line. How can that be?

# %%
from course_utils.explorers.roofline import roofline
from course_utils.microscope import measure_machine

this_machine = measure_machine({name: model.eval() for name, model in networks.items()})
roofline(this_machine)

# %% [markdown]
# ReLU, pooling and batch norm hang under the slant. They wait for memory. A dot above it found its
# numbers in the **cache**, a small fast memory beside the processor, whose own line is dotted. The
# convolutions lie to the right, where computing is the limit. With one digit everything lies far
# below the roof: there a *third* limit counts, the fixed cost of calling a layer at all.
#
# A linear layer moves right as the batch grows, for its weights are read once for all rows. That is
# what a batch is good for.
#
# ### Why 64 is not twice as fast as 32
#
# **Predict.** LeNet-5 is to learn from 64 digits: one at a time, in two batches of 32, or in one
# batch of 64. How many times as fast is two batches as one at a time? And one batch as two?

# %%
from course_utils.training import compare_times

lenet, X_64, y_64 = networks["LeNet-5"].train(), X_train[:64].float() / 255, y_train[:64]


def learn(model, batch_size, half=None):
    """Go forward and backward for 64 digits, in batches."""
    for X, y in zip(X_64.split(batch_size), y_64.split(batch_size)):
        with torch.autocast("cpu", half, enabled=half is not None):  # comes later in this part
            loss = F.cross_entropy(model(X), y)
        loss.backward()


times = compare_times(
    {f"batches of {size}": lambda size=size: learn(lenet, size) for size in (1, 32, 64)},
    at_least={"batches of 32": 2},
    repeats=3,
)
gain = times["batches of 32"] / times["batches of 64"]
print(f"batches of 64: {'less' if gain < 1.6 else 'NOT less'} than 1.6 times as fast as 32")

# %% [markdown]
# The first gain is large: the cost of the calls is shared by 32 digits. Then it is paid for, and the
# roof is near. Twice the digits are twice the work. "Twice the batch, half the time" holds only as
# long as something is idle. A batch of 64 also takes half as many *steps*, so it may learn less in
# an epoch (lesson 05).
#
# **Threads** share one operation among cores. They must be woken and waited for, so an operation
# must be large. Here is what two of them brought on the example machine; yours appears live.

# %%
from course_utils.microscope import shortest_time

for name, seconds in example_record()["threads"].items():
    print(f"{name:<14} two threads {seconds['1'] / seconds['2']:.1f} times as fast as one")


def with_threads(n, size):
    """Learn from the first digits with n threads; then one thread again."""
    torch.set_num_threads(n)
    taken = shortest_time(lambda: F.cross_entropy(lenet(X_64[:size]), y_64[:size]).backward())
    set_threads(1)
    return taken


for size in (1, 64):
    live_html(f"LeNet-5, {size}: {with_threads(1, size) / with_threads(2, size):.1f} times, here")

# %% [markdown]
# ## When does a GPU pay?
#
# A GPU has a higher roof. But each call takes some microseconds to arrive, and the data must travel
# to it, over a bus that is slower than either memory. Compute with the data sheet of a T4, a card
# that is often lent for free: 8,100 billion operations and 320 billion bytes a second. We assume
# 12 billion bytes a second over the bus (the limit of PCIe 3 with 16 lanes is 15.8), and 10
# microseconds a call.
#
# **Predict.** Two matrices of 1,000 × 1,000 lie in the computer's memory. They are sent to the GPU,
# and the result comes back. Is that faster than to stay, for their *sum*? For their *product*?

# %%
from course_utils.figures import draw_lines, figure, log_axis, show

t4_flops, t4_memory, bus, call = 8.1e12, 320e9, 12e9, 10e-6
n = 2 ** torch.arange(3, 13)  # matrices of 8 × 8 to 4,096 × 4,096
moved = 12.0 * n**2  # bytes: two matrices come in, one goes out


def faster(flops, copied):
    """Return how many times as fast the GPU is as one core of the example machine."""
    cpu = torch.maximum(flops / example.roof.flops, moved / example.roof.memory)
    gpu = call + copied / bus + torch.maximum(flops / t4_flops, moved / t4_memory)
    return cpu / gpu


lines = {"sum, copied": faster(n**2, moved), "product, copied": faster(2.0 * n**3, moved)}
lines["product, data stay there"] = faster(2.0 * n**3, 0 * moved)
fig, ax = figure("The copy decides", xlabel="rows of the matrices", ylabel="times as fast", size=(9, 4.2))
draw_lines(ax, lines, x=n)
ax.axhline(1, color="#1b1f24", linestyle="-", linewidth=1.5, label="_as fast")
log_axis(ax, "x", 8, 4096)
log_axis(ax, "y", 0.01, 100)
show(fig, "Computed from a data sheet, not measured.")

# %% [markdown]
# The sum loses at every size: it has one operation for twelve bytes, and the bytes must cross the
# bus. The product wins, but not when it is small. It has $n / 6$ operations a byte. Where the data
# *stay* on the GPU, it wins soon. So send a model once, send small batches, leave everything else
# there, and bring back single numbers rarely. Each `.item()` waits for the GPU.
#
# That waiting has a trap. A call to a GPU returns *before* the work is done. Who reads the clock
# then measures the call. Ask for `torch.accelerator.synchronize()` first.
#
# ## The same numbers?
#
# Another device, another library, another number of threads: may the results differ?
#
# **Predict.** In float32, what is $2^{24} + 1 + 1 - 2^{24}$, from left to right? And with the two
# ones added first?

# %%
large, one = torch.tensor(2.0**24), torch.tensor(1.0)
print("from left to right:", (((large + one) + one) - large).item())
print("ones first:        ", ((large + (one + one)) - large).item())

# %% [markdown]
# A float32 has 24 binary digits. Between $2^{24}$ and $2^{25}$ there are only even numbers, so the
# single 1 is rounded away, twice. Two of them together survive. **Sums depend on their order**, and
# each device, library and batch size may choose its own: for a sum of 400 products there are more
# orders than anyone has tried. All are right to about seven decimals, none is exact.
#
# The next cell takes the shipped LeNet to each device that there is, and measures each layer
# against float64, which has 53 digits. On a machine with a CPU only, that is the one row.

# %%
import copy

from course_utils.device import get_device
from course_utils.display import live_table
from course_utils.models import load_pretrained


@torch.no_grad()
def outputs_of(model, X):
    """Return what each layer gives, one after the other, as float64 on the CPU."""
    outputs = []
    for layer in model:
        X = layer(X)
        outputs.append(X.cpu().double())
    return outputs


trained = load_pretrained("lenet", "cpu")
exact = outputs_of(copy.deepcopy(trained).double(), X_64.double())
off = {}
for device in dict.fromkeys([torch.device("cpu"), get_device()]):
    ours = outputs_of(copy.deepcopy(trained).to(device), X_64.to(device))
    off[device.type] = [((a - b).abs().max() / b.abs().max()).item() for a, b in zip(ours, exact)]
    bound = 1e-5 if device.type == "cpu" else 1e-2  # TF32 on GPUs: ten binary digits
    assert 0 < min(off[device.type]) and max(off[device.type]) < bound
    print(f"{device.type}: no layer exact, all within {bound:g} of the largest number")
live_table(
    ["layer", *off], [[type(layer).__name__, *map("{:.1e}".format, row)] for layer, *row in zip(trained, *off.values())]
)

# %% [markdown]
# Some $10^{-7}$ at each layer. So never compare floats of two devices with `==`; say how close is
# close enough. And do not wonder if two trainings part: each step's rounding goes into the next, and
# after some hundred steps the weights differ in their first digits. The *accuracy* does not, and
# that is what `report` allows for. NVIDIA's cards may also round the factors of a convolution to
# ten binary digits, called TF32; then $10^{-3}$ is to be expected. (We had no GPU to measure on;
# that is NVIDIA's description.)
#
# ## Fewer bits
#
# A slanted roof is about *bytes*. A number in two bytes moves twice as fast, and many processors
# multiply it faster. Which bits can go? A float has a sign, an **exponent** (which power of two) and
# a **fraction** (the digits behind the leading 1). Of 16 bits, **float16** gives 5 to the exponent
# and 10 to the fraction. **bfloat16** keeps float32's 8 for the exponent and has 7 left.
#
# By hand: $1/3 = 2^{-2} \cdot 1.01010101\ldots$ in binary. With seven digits behind the point that
# is 1.0101011, rounded up: $171/128/4 = 0.33398$.
#
# **Predict.** The largest exponent of float16 is 15. What becomes of 70,000 there? And in
# bfloat16, whose neighbours at that size lie 512 apart?

# %%
from course_utils.figures import show_formats

show_formats(1 / 3)
show_formats(70_000)
tiny = torch.tensor(1e-8)
print("1e-8 becomes", tiny.half().item(), "in float16 and", tiny.bfloat16().item(), "in bfloat16")

# %% [markdown]
# 70,000 is infinite in float16 and 70,144 in bfloat16, which is off by 0.2%. float16 counts finely
# in a short range, bfloat16 coarsely in a long one. And $10^{-8}$ is 0 in float16: its smallest
# number is $2^{-24}$, about $6 \cdot 10^{-8}$. Slopes are small. How small?

# %%
from course_utils.display import report
from course_utils.figures import plot_slopes

sigmoids = load_pretrained("mlp512", "cpu")  # two layers of sigmoids, of lesson 04
F.cross_entropy(sigmoids(X_64), y_64).backward()
slopes = torch.cat([p.grad.flatten() for p in sigmoids.parameters()])
slopes = slopes[slopes != 0]
plot_slopes(slopes, scale=2**16)
lost, saved = ((scale * slopes).half() == 0 for scale in (1, 2**16))
report("slopes that float16 makes 0", lost.float().mean().item(), 0.25, 0.4, percent=True)
report("the same, times 65,536", saved[lost].float().mean().item(), 0, 0.12, percent=True)

# %% [markdown]
# A third of the slopes is lost, and those weights stop learning. The remedy is **loss scaling**:
# multiply the *loss* by a large number before the backward pass. By the chain rule every slope comes
# out multiplied by it, and moves to the right in the picture. Divide before the step, in float32. If
# the number was too large, some slope becomes infinite. Then leave out this step and halve the
# number. `torch.amp.GradScaler` begins with 65,536 and doubles it after 2,000 good steps. bfloat16
# has float32's range and needs none of this.
#
# ### Exercise 2 · A step with loss scaling
#
# `w` are weights in float32. `slopes` are float16 and belong to the loss times `scale`. Return two
# things: the new weights and the next scale. If every slope is finite, take a step of plain SGD, in
# float32, and keep the scale. If not, keep the weights and halve the scale.


# %%
def scaled_step(w, slopes, scale, lr):
    """Return new weights, float32, and the scale of the next step."""
    ### BEGIN SOLUTION
    if not slopes.isfinite().all():
        return w, scale / 2
    return w - lr * slopes.float() / scale, scale
    ### END SOLUTION


# %%
check("11.scaler", scaled_step)

# %% [markdown]
# ## What each of them brings
#
# `torch.autocast` chooses for each operation: products and convolutions in the short type, losses in
# float32. The weights stay float32. **Channels last** is another order of the same numbers in
# memory: all channels of a pixel side by side, as most fast convolutions want them.
#
# **Predict.** Half the bytes: is a step with bfloat16 twice as fast on a CPU, for all three
# networks?

# %%
from course_utils.figures import draw_tricks

halves = {"as it is": None, "bfloat16": torch.bfloat16}
measured, recorded = {}, {}
for name, model in networks.items():
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    ways = {
        "as it is": (model, None),
        "channels last": (last, None),
        "bfloat16": (model, torch.bfloat16),
        "both": (last, torch.bfloat16),
    }
    measured[name] = {
        way: shortest_time(lambda net=net, half=half: learn(net, 64, half), 0.02)
        for way, (net, half) in ways.items()
    }
    recorded[name] = {way: example_record()["tricks"][name][way] for way in ways}
show_measured(
    draw_tricks(recorded, "the example"), draw_tricks(measured, "this machine"), example.about
)

# %% [markdown]
# TRICKS
#
# ### Deeper: Compiling

# %% [markdown]
# `torch.compile` reads a model and writes code for it in which operations that follow each other
# become one. Then a ReLU finds its numbers still in the processor, and the slanted roof matters
# less. It needs a C++ compiler on a CPU, which a learner's machine may not have. And the first step
# waits for the code to be made. On the example machine:

# %%
for name, seconds in example_record()["compiled"].items():
    first, later = seconds["first"], seconds["later"]
    plain = example_record()["tricks"][name]["as it is"]
    pays = f"pays after {first / (plain - later):,.0f} steps" if later < plain else "never pays"
    print(f"{name:<10} first {first:4.1f} s, later {1000 * later:5.2f} ms in place of {1000 * plain:5.2f}: {pays}")

# %% [markdown]
# To try it here, say `True`. It may take a minute.

# %%
try_it = False


def compile_and_learn(model):
    """Compile a model and take a step with it, two times; say how long each took."""
    start = time.perf_counter()
    try:
        compiled = torch.compile(copy.deepcopy(model))
        learn(compiled, 64)
    except Exception as error:  # there is no compiler, or it does not know this machine
        return f"torch.compile does not work here ({type(error).__name__}): is there a C++ compiler?"
    first = time.perf_counter() - start
    return f"first {first:.1f} s, later {1000 * shortest_time(lambda: learn(compiled, 64)):.2f} ms"


if try_it:
    import time

    live_html(compile_and_learn(lenet))

# %% [markdown]
# ## Break
#
# You know what one machine can do, and what stands in its way. While you are away: two machines train
# on half a batch each. What must they tell each other after each step?
