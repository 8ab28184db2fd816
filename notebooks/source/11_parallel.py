# %% [markdown]
# # 11 · What changes when one machine is not enough?
#
# In 2012 a network called AlexNet learned from 1.2 million photos to say what is on a photo. It
# took two graphics cards, and five to six days. The same training, sooner: what may change, and
# what may not? Part 1 stays on one machine and measures it. Part 2 takes several.
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
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one processor
# core of 2024.*
#
# ## How long would 2012 take here?
#
# Count first. A convolution takes a product and a sum for each weight at each place. AlexNet's
# first has 96 kernels of 3 × 11 × 11 weights and makes maps of 55 × 55: $2 \cdot 96 \cdot 363 \cdot
# 3025 = 211$ million operations for one photo. (An operation on floats is called a **FLOP**.) On
# the device `meta` PyTorch keeps shapes and no numbers, so it can count the rest.

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
# to hand slopes on. So a photo costs three times that. Each of 1.2 million was seen about 90 times.
#
# **Predict.** One core of this machine works on it day and night. Is it done in a day, some months,
# or a lifetime?

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


def in_days(about, flops):
    """Say how long all of it takes with so many operations a second."""
    return f"{about}: {flops / 1e9:,.0f} billion a second, {operations / flops / 86_400:.0f} days"


example = example_machine()
print(in_days(example.about, example.roof.flops))
live_html(in_days("one core of this machine, just now", measure_roof().flops))

# %% [markdown]
# Nearly two months, if the example machine always ran as in its best moment, a product of large
# matrices. The two cards of 2012, at a third of their best, did ten times as much as this core of
# 2026. That is why it took **GPUs** (graphics processing units). But each had 3 GB of memory, too
# little for this network. So half of the channels lived on each card, and the cards talked at some
# layers only. It was parallel from the start.
#
# **Whose numbers?** Times are others on every machine. What says *the example* was measured once,
# and is stored for readers without a kernel. Other times are *yours*.
#
# ## Where the time goes
#
# Before you make something faster, find out where it is slow. A step has four parts: get the
# **data**, go **forward**, go **backward**, take the **step**. PyTorch's profiler notes when each
# operation begins and ends; `record_function` gives a name to several of them.

# %%
import torch.nn.functional as F
from torch.profiler import record_function

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises import check

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
# **Predict.** LeNet-5, a batch of 64 digits: which of the four takes most? Which gains most in its
# share with a single digit in place of 64?

# %%
from course_utils.display import live_table
from course_utils.figures import draw_parts, show_measured
from course_utils.microscope import example_record, profiled, seconds_of
from course_utils.models import digit_cnn, lenet5, mlp

torch.manual_seed(0)
networks = {"MLP": mlp(), "LeNet-5": lenet5(), "digit_cnn": digit_cnn()}  # the cnn of lesson 06
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
events = sorted(prof.key_averages(), key=lambda event: -event.self_cpu_time_total)
rows = [[event.key, f"{event.self_cpu_time_total / 15_000:.2f}"] for event in events[:8]]
live_table(["digit_cnn: operation", "ms a step"], [row for row in rows if "::" in row[0]])

# %% [markdown]
# With 64 digits LeNet-5 spends nearly everything on forward and backward. Backward is not twice as
# long here: the first layer hands no slopes on, and much of the forward pass is no product at all
# (you meet the culprit below). With one digit the share of *step* grows most: it moves every
# weight, however few digits were seen. Data takes little, for the digits lie in memory, as bytes.
# Photos that must be read, unpacked and augmented can take most of a step.
#
# Run live, the table names single operations of the last row. To make any below the first rows
# faster gains little. (Part 2 gives that a name.)
#
# ## Two limits
#
# A layer needs operations, and bytes to do them with. The processor does at most so many
# **operations a second**, memory hands over at most so many **bytes a second**; the one that takes
# longer decides.
#
# The MLP's first layer takes 64 digits to 200 units. Its input is 64 × 784, its weights are 200 ×
# 784 (leave out the bias), its output is 64 × 200. That makes $2 \cdot 64 \cdot 784 \cdot 200 = 20$ million operations.
# It moves $64 \cdot 784 + 200 \cdot 784 + 64 \cdot 200 = 219{,}776$ numbers of 4 bytes. So there
# are 23 operations for each byte: its **arithmetic intensity**.
#
# The ReLU behind it compares a number with 0: it reads 4 bytes and writes 4. That is 1 operation
# for 8 bytes. Say a machine has 100 billion operations and 20 billion bytes a second. Then its ReLU
# reaches 2.5 billion operations a second, a fortieth of what the processor can do. No faster
# processor would help.
#
# ### Exercise 1 · Arithmetic intensity
#
# Do the same for any linear layer without a bias: the input is `n` × `n_in`, the output `n` ×
# `n_out`, and each number takes `size` bytes. Input, weights and output are each moved once.


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
# Both limits in one picture are called a **roofline**: operations a byte to the right, operations a
# second upwards, both by factors of ten. Under the slanted line memory is the limit, under the level
# one computing. The next cell measures the roof (some seconds), and how many operations a second
# each layer of three networks reaches: a point. Find out:
#
# - Which layers of LeNet-5 would gain from a processor twice as fast? Which one takes longest?
# - Take its second convolution (layer 4) from a batch of 1 to 256. Where does its point go, and
#   from where on does it hardly move?
# - Why does the MLP's first layer move to the *right*?
# - Some points lie above the slanted line. How can that be?

# %%
from course_utils.explorers.roofline import roofline
from course_utils.microscope import measure_machine

this_machine = measure_machine({name: model.eval() for name, model in networks.items()})
roofline(this_machine)

# %% [markdown]
# The second convolution and the two large linear layers would gain: they run near the level line.
# That convolution climbs to it from a tenth, and from a batch of 32 on it hardly moves. With one
# digit the limit is mostly the call itself: some 3 microseconds for a ReLU, 50 for a convolution. A
# linear layer moves right, for its weights are read once for all rows. That is what a batch is good
# for. A large ReLU waits for its bytes; where it lies above the slant, it found them in the
# **cache**, a small fast memory beside the processor, whose own line is dotted.
#
# And the layer that takes longest, on the example machine, is the first *max-pooling*, at a
# twentieth of what memory allows. No limit of the machine explains that. It is how PyTorch computes
# it here. A roofline shows where something is to be won.
#
# ### Why 64 is not twice as fast as 32
#
# **Predict.** LeNet-5 learns from 64 digits: one at a time, in two batches of 32, or all at once.
# How many times as fast are the two batches as single digits? And all at once, as the two batches?

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
stored = example_record()["batches"]["LeNet-5"]
print("the example:", ", ".join(f"{size}: {1000 * taken:.1f} ms" for size, taken in stored.items()))

# %% [markdown]
# The first gain is large, seven times on the example machine: 32 digits share the cost of the calls.
# Then that is paid for, and twice the digits are twice the work. And a batch of 64 takes half as
# many *steps*, so it may learn less in an epoch (lesson 02).
#
# **Threads** share an operation among cores. They must be woken and waited for, so it has to be
# large: two of them bring more with 64 digits than with one, and seldom twice the speed. Where
# others use the cores as well, they may even be slower. (The cell shows it live only.)

# %%
from course_utils.microscope import shortest_time


def with_threads(n, size):
    """Return the seconds of a step with n threads; one thread is left."""
    torch.set_num_threads(n)
    taken = shortest_time(lambda: F.cross_entropy(lenet(X_64[:size]), y_64[:size]).backward())
    set_threads(1)
    return taken


for size in (1, 64):
    one, two = with_threads(1, size), with_threads(2, size)
    live_html(f"LeNet-5, {size}: one thread {1000 * one:.2g} ms, two threads {1000 * two:.2g} ms")

# %% [markdown]
# ## When does a GPU pay?
#
# A GPU has a higher roof. But each call takes some microseconds to arrive there, and the data must
# cross a **bus**, slower than either memory. Compute with the data sheet of a T4, a
# card that is often lent for free: 8,100 billion operations and 320 billion bytes a second. We
# assume 12 billion bytes a second over the bus (PCIe 3 with 16 lanes has 15.8 at most), and 10
# microseconds a call; and compare with one core of the example machine.
#
# **Predict.** Two matrices of 1,000 × 1,000 lie in the computer's memory. Is it worth sending them
# to the GPU and fetching the result, for their *sum*? For their *product*?

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
lines["sum, data stay there"] = faster(n**2, 0 * moved)
lines["product, data stay there"] = faster(2.0 * n**3, 0 * moved)
fig, ax = figure("The copy decides", xlabel="rows of the matrices", ylabel="times as fast")
draw_lines(ax, lines, x=n)
ax.axhline(1, color="#1b1f24", linestyle="-", linewidth=1.5, label="_as fast")
log_axis(ax, "x", 7, 5000)
log_axis(ax, "y", 0.01, 100)
show(fig, "Computed from a data sheet, not measured.")

# %% [markdown]
# The sum loses at every size: the bus alone takes twice as long as the CPU's own memory. Were the
# data on the card already, the sum of 1,000 rows would be 10 times as fast. The product has $n / 6$
# operations a byte: at 1,000 rows it is 15 times as fast as the core, and 76 times where the data
# *stay* on the GPU. Small ones lose in any case. So send the model once, send batches, leave
# everything else there, and fetch single numbers rarely: each `.item()` waits for the GPU. Without
# such a wait a call returns *before* its work is done, and a clock around it measures nothing.

# %% [markdown]
# ### Deeper: The copy, measured

# %% [markdown]
# If there is a GPU in this machine, the course uses it, and here you see its copy and its forward
# pass. With a CPU only there is no copy; the microseconds are those of the sum that ends the wait.

# %%
import copy

from course_utils.device import get_device

device = get_device()
model_there, X_there = copy.deepcopy(lenet).to(device), X_64.to(device)
for what, run in {
    "copy 64 digits": lambda: X_64.to(device),
    "LeNet-5 forward": lambda: model_there(X_there),
}.items():
    seconds = shortest_time(lambda run=run: run().sum().item())  # .item() waits until it is done
    live_html(f"{what}, {device.type}: {1e6 * seconds:,.0f} microseconds")

# %% [markdown]
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
# A float32 has 24 binary digits. Between $2^{24}$ and $2^{25}$ it knows the even numbers only, so a
# single 1 is rounded away, twice. Two of them together survive. **A sum depends on its order**, and
# each device, library and batch size may choose another. Each operation is right to about seven
# decimals; a sum whose large parts cancel, as here, may be right to none.
#
# The next cells take the shipped LeNet to the CPU and to the GPU (CUDA, or Apple's MPS) if there is
# one, and compare each layer with float64, which has 53 digits.

# %%
import copy

from course_utils.device import get_device
from course_utils.models import load_pretrained


@torch.no_grad()
def outputs_of(model, X):
    """Return what each layer gives, one after the other, as float64 on the CPU."""
    outputs = []
    for layer in model:
        X = layer(X)
        outputs.append(X.cpu().double())
    return outputs


# %%
trained = load_pretrained("lenet", "cpu")
exact = outputs_of(copy.deepcopy(trained).double(), X_64.double())
off = {}
for device in dict.fromkeys([torch.device("cpu"), get_device()]):
    ours = outputs_of(copy.deepcopy(trained).to(device), X_64.to(device))
    off[device.type] = [((a - b).abs().max() / b.abs().max()).item() for a, b in zip(ours, exact)]
    bound = 1e-5 if device.type == "cpu" else 1e-2  # TF32 on GPUs, see below
    assert min(off[device.type]) > 0
    assert max(off[device.type]) < bound
    print(f"{device.type}: no layer exact, all within {bound:g} of the largest number")
rows = [[type(trained[k]).__name__, *(f"{row[k]:.1e}" for row in off.values())] for k in range(12)]
live_table(["layer", *off], rows)

# %% [markdown]
# Some $10^{-7}$ at each layer. So compare floats of two devices by how close they are, never by
# `==`. Do not be surprised if two trainings drift apart: each step's rounding goes into the next.
# The weights may end far apart, the *accuracy* hardly; the bands of `report` allow for that.
# NVIDIA's cards may round the factors of a convolution to ten binary digits behind the point (TF32,
# by NVIDIA's description), so expect $10^{-3}$ there.
#
# ## Fewer bits
#
# Under the slant, half the bytes are half the time. Which bits can go? A float has a sign, an
# **exponent** (which power of two) and a **fraction** (what follows the leading 1). Of its 16 bits
# **float16** gives 5 to the exponent and 10 to the fraction. **bfloat16** keeps float32's 8 for the
# exponent, and has 7 left. (The exponent is stored with 127 added, in float16 with 15: 01111101 =
# 125 means −2. All ones mean inf or nan.)
#
# By hand: $1/3 = 2^{-2} \cdot 1.01010101\ldots$ in binary. With seven digits behind the point that
# is 1.0101011, rounded up: $171/128/4 = 0.33398$.
#
# **Predict.** The largest exponent of float16 is 15. What becomes of 70,000 there? And in bfloat16,
# whose neighbours at that size lie 512 apart?

# %%
from course_utils.figures import show_formats

show_formats(1 / 3)
show_formats(70_000)
tiny = torch.tensor(1e-8)
print(f"0.00000001 is {tiny.half():.3g} in float16 and {tiny.bfloat16():.3g} in bfloat16")

# %% [markdown]
# 70,000 is infinite in float16, and 70,144 in bfloat16. The one counts finely in a short range, the
# other coarsely in a long one. And $10^{-8}$ is 0 in float16, whose smallest number is $2^{-24}$,
# about $6 \cdot 10^{-8}$; up to the half of it all is rounded to 0. Slopes are small. How small?

# %%
from course_utils.display import report
from course_utils.figures import plot_slopes

sigmoids = load_pretrained("mlp512", "cpu")  # two layers of sigmoids, of lesson 04
F.cross_entropy(sigmoids(X_64), y_64).backward()
slopes = torch.cat([p.grad.flatten() for p in sigmoids.parameters()])
slopes = slopes[slopes != 0]  # those of pixels that are always paper are 0 anyway
plot_slopes(slopes, scale=2**16)
lost, still = ((scale * slopes).half() == 0 for scale in (1, 2**16))
report("slopes that float16 makes 0", lost.float().mean().item(), 0.25, 0.4, percent=True)
report("of these, times 65,536, still 0", still[lost].float().mean().item(), 0, 0.12, percent=True)

# %% [markdown]
# A third of the slopes is lost, and their weights stand still. The remedy is **loss scaling**:
# multiply the *loss* by a large number. By the chain rule each slope comes out multiplied by it.
# Divide before the step, in float32. If the number was too large, a slope becomes infinite: leave
# out this step and halve the number. `torch.amp.GradScaler` begins with 65,536, and doubles it
# after 2,000 good steps. bfloat16 has float32's range and needs none of this.
#
# ### Exercise 2 · A step with loss scaling
#
# `w` are weights in float32; `slopes` are float16, of the loss times `scale`. Return the new
# weights and the next scale. If every slope is finite, take a step of plain SGD in float32 and keep
# the scale. If not, keep the weights and halve the scale.


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
# `torch.autocast` chooses for each operation: convolutions and products in the short type, losses
# in float32. The weights stay float32. **Channels last** is another order in memory: the channels
# of a pixel lie side by side, as many fast convolutions want them.
#
# **Predict.** Half the bytes: are forward and backward with bfloat16 twice as fast on a CPU, for each
# network?

# %%
from course_utils.figures import draw_tricks

measured, recorded = {}, {}
for name, model in networks.items():
    model.train()
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    ways = {
        "plain": (model, None),
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
times = example_record()["tricks"]
longer = [f"{name} {times[name]['float16'] / times[name]['plain']:.0f}" for name in networks]
print("float16 in the example:", ", ".join(longer), "times as long as plain")
digits = mnist.test_images[:, None].float() / 255
with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
    short = trained(digits).argmax(dim=1)
same = (short == trained(digits).argmax(dim=1)).float().mean().item()
report("read as in float32", same, 0.99, 1, percent=True)

# %% [markdown]
# On the example machine: no. The MLP and LeNet-5 lose, for changing the type of small tensors costs
# more than short products save. The large convolutions of `digit_cnn` gain. Channels last makes its
# max-pooling fast, and with both it is nearly twice as fast. float16 takes much longer: this
# processor has instructions for products in bfloat16, and none in float16. An older one may have
# neither. So measure. On GPUs expect more: by its data sheet a T4 does eight times as many
# operations in float16 as in float32. (We measured no GPU, and no MPS.) And the answers? Of 1,000
# digits hardly any is read otherwise.

# %% [markdown]
# ### Deeper: Compiling

# %% [markdown]
# `torch.compile` reads a model and writes code for it in which operations that follow each other
# become one. Then a ReLU finds its numbers still in the processor, and the slanted roof matters
# less. It needs a C++ compiler on a CPU, which a learner's machine may not have. And the first step
# waits for the code to be made. On the example machine:

# %%
compiled = example_record()["compiled"]
print(f"the compiler itself, and one layer: {compiled['one layer']['first']:.0f} s of one core")
for name in networks:
    first, later = compiled[name]["first"], compiled[name]["later"]
    plain = example_record()["tricks"][name]["plain"]
    pays = f"pays after {first / (plain - later):,.0f} steps" if later < plain else "never pays"
    print(f"{name:<10} {first:3.0f} s; {1000 * later:4.1f} ms, plain {1000 * plain:4.1f} ms: {pays}")

# %% [markdown]
# LeNet-5 takes even longer when it is compiled, on this processor. No trick helps everywhere. On
# GPUs, where each call costs more, fewer calls may bring more.
#
# To try it here, say `True`. It may take a minute.

# %%
from time import perf_counter

try_it = False


def compile_and_learn(model):
    """Compile a model, go forward and backward with it twice; say how long each took."""
    start = perf_counter()
    try:
        compiled = torch.compile(copy.deepcopy(model))
        learn(compiled, 64)
    except Exception as error:  # there is no compiler, or it does not know this machine
        return f"It does not work here ({type(error).__name__}). Is there a C++ compiler?"
    first = perf_counter() - start
    return f"first {first:.1f} s, later {1000 * shortest_time(lambda: learn(compiled, 64)):.2f} ms"


if try_it:
    live_html(compile_and_learn(lenet))

# %% [markdown]
# ## Break
#
# You know what one machine can do, and what stands in its way. While you are away: two machines
# train on half a batch each. What must they tell each other after each step?

# %% [markdown]
# ## Part 2 · Several machines
#
# One machine is as fast as it gets. Now let several share a training. Each process that takes part
# is a **worker**; its number, from 0, is its **rank**. Whether they run on two cores, eight GPUs or
# a hundred machines, the idea is the same.
#
# **Data parallel** is the simplest way, and by far the most used: every worker has the *whole*
# network and takes a *share* of each batch. The loss of a batch is a mean over its samples, and so
# is its gradient. For 64 samples with losses $\ell_i$, two workers and weights $w$:
#
# $$\frac{1}{64} \sum_{i=0}^{63} \frac{\partial \ell_i}{\partial w} = \frac{1}{2} \Biggl(
# \frac{1}{32} \sum_{i\ \text{even}} \frac{\partial \ell_i}{\partial w} +
# \frac{1}{32} \sum_{i\ \text{odd}} \frac{\partial \ell_i}{\partial w} \Biggr)$$
#
# So each worker computes the gradient of its share, and all put theirs together. The operation for
# that is called **all-reduce**: everybody gives a tensor, everybody gets the sum.
#
# `run_workers(function, n, …)` starts n real processes, calls `function(rank, n, …)` in each, and
# returns the list of what they returned. Inside, `torch.distributed` (`dist`) lets them talk. None
# of them sees the memory of this notebook or of another worker: what it is to have, it gets as an
# argument, a copy.
#
# **Predict.** Two workers, half of a batch each, LeNet-5. How far will their averaged gradients be
# from those of one process with the whole batch: not at all, by rounding, or by some percent?

# %%
import torch.distributed as dist

from course_utils.exercises import quiz
from course_utils.models import quick_cnn
from course_utils.parallel import run_workers

X, y = X_train[:64].float() / 255, y_train[:64]


def shared_gradients(rank, n_workers, network, X, y):
    """Take every n-th sample, from `rank` on; average the gradients over all workers."""
    torch.manual_seed(0)  # the same weights everywhere
    model = network()
    F.cross_entropy(model(X[rank::n_workers]), y[rank::n_workers]).backward()
    gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
    dist.all_reduce(gradient)  # every worker's tensor becomes the sum of all
    return gradient / n_workers


(alone,) = run_workers(shared_gradients, 1, lenet5, X, y)
first, second = run_workers(shared_gradients, 2, lenet5, X, y)
assert torch.equal(first, second)
assert torch.allclose(first, alone, atol=1e-6)
print(f"{len(alone):,} slopes: two workers agree, and they give what one gives with all samples")

# %% [markdown]
# By rounding: the sums are formed in another order (part 1). Who expected some percent thought of
# two networks that learn apart and are mixed later. These never part: same weights, same gradient,
# same step, same weights. The weights themselves are never sent.
#
# One condition hides in the formula: equal shares. With 40 and 24 samples, the mean of the two
# means is not the mean of all: here it is a fifth off.
#
# ### A worker that waits for ever
#
# All-reduce needs *everybody*. Now five batches for two workers, who take turns.
#
# **Predict.** Worker 0 has three batches, worker 1 two. What will become of worker 0 in its third
# round: an error, a step of its own, or nothing at all? (The cell takes three seconds.)


# %% tags=["raises-exception"]
def take_turns(rank, n_workers, batches):
    """Go through this worker's batches; after each, average over all."""
    for number, batch in enumerate(batches[rank::n_workers], start=1):
        gradient = batch.mean(dim=0)  # stands for forward and backward
        dist.all_reduce(gradient)
        print("round", number)


five_batches = X_train[:320].float().split(64)
run_workers(take_turns, 2, five_batches, timeout=3)

# %% [markdown]
# Nothing at all. (The error is `run_workers`'s, after three seconds.) Worker 1 is done, and worker 0
# waits in line 5 for a third call that never comes. Neither can know that. Worker 0 would still
# wait tomorrow, and on a cluster you would pay for it.
# This is *the* mistake of parallel programs, and it makes no noise. So `run_workers` has a time-out.
# PyTorch's own is 30 minutes, 10 between GPUs. In a script, set what you are willing to wait:
# `dist.init_process_group(timeout=timedelta(seconds=60))`.
#
# ### Exercise 3 · Find the mistakes
#
# Two workers learn a linear rule, with the gradient of the mean squared error. `dist.all_reduce` is
# that of `torch.distributed`; of the rest of it you need nothing. The number of samples divides by
# the number of workers.
#
# ```python
# size = len(X) // n_workers
# mine = slice(0, size)
# for step in range(n_steps):
#     error = X[mine] @ w - y[mine]
#     gradient = 2 * error @ X[mine] / size
#     w = w - lr * gradient
#     dist.all_reduce(gradient)
# return w
# ```
#
# It runs, the loss falls, and it is data-parallel in name only: it holds three mistakes. Copy it
# into the cell below and mend it, so that each worker ends with the weights that one worker with all samples would have.


# %%
def train_together(rank, n_workers, w, X, y, lr, n_steps, dist):
    """w (D,), X (N, D), y (N,): return the weights after n_steps steps that all take together."""
    ### BEGIN SOLUTION
    size = len(X) // n_workers  # as before
    mine = slice(rank * size, (rank + 1) * size)  # a share of its own
    for _ in range(n_steps):  # as before
        error = X[mine] @ w - y[mine]  # as before
        gradient = 2 * error @ X[mine] / size  # as before
        dist.all_reduce(gradient)  # before the step
        w = w - lr * gradient / n_workers  # the mean, not the sum
    return w
    ### END SOLUTION


# %%
check("11.together", train_together)

# %% [markdown]
# ## All-reduce as a ring
#
# How does everybody get the sum? One worker could collect all gradients, add, and send the sum
# back. With $n$ workers and gradients of $S$ bytes that one sends $(n - 1) S$. Or everybody sends to
# everybody: then each sends that much.
#
# In a **ring**, each worker talks to its two neighbours only. The gradients are cut into $n$
# pieces. In each step every worker sends one piece to the right and gets one from the left. In
# $n - 1$ steps the pieces travel round, and each worker adds its own to what passes
# (*reduce-scatter*): now each has one finished piece. In $n - 1$ further steps the finished pieces
# travel round (*all-gather*).
#
# **Predict.** Eight workers, gradients of 100 MB. How much does each worker send: 700, 175, 100 or
# 12.5 MB? And with eighty workers?

# %%
from course_utils.explorers.ring import ring_all_reduce

ring_all_reduce()

# %% [markdown]
# 175 MB: 14 steps of 12.5 MB, in general $2 (n - 1) / n \cdot S$. With eighty workers it is 197.5
# MB, and never more than $2 S$: more steps mean smaller pieces. What does grow is the *number* of steps, and each of
# them costs at least one delay (**latency**).

# %% [markdown]
# ### Deeper: Write the ring

# %% [markdown]
# #### Exercise 4 · All-reduce by sending and receiving
#
# `pieces` is this worker's list of `n_workers` tensors. Return the list of their sums over all
# workers. Use only these three:
#
# - `request = dist.isend(tensor, dst=right)` hands a tensor over and goes on at once;
# - `dist.recv(buffer, src=left)` waits, and writes what comes into a tensor of the same shape;
# - `request.wait()` waits until the tensor has been received.
#
# In step t of the first round, worker `rank` sends piece `(rank - t) % n_workers`. Which piece is
# finished at worker `rank` after it? With that one the second round begins. Why not plain
# `dist.send`, which comes back when somebody has received? Try it.


# %%
def ring_sum(rank, n_workers, pieces, dist):
    """Return the sums of all workers' pieces, by a ring: a list of n_workers tensors."""
    ### BEGIN SOLUTION
    right, left = (rank + 1) % n_workers, (rank - 1) % n_workers
    for first in (rank, rank + 1):  # one round adds up, one hands round
        for step in range(n_workers - 1):
            here, there = (first - step) % n_workers, (first - step - 1) % n_workers
            buffer = torch.empty_like(pieces[there])
            request = dist.isend(pieces[here], dst=right)
            dist.recv(buffer, src=left)
            request.wait()
            pieces[there] = pieces[there] + buffer if first == rank else buffer
    return pieces
    ### END SOLUTION


# %%
check("11.ring", ring_sum)

# %% [markdown]
# ## DDP: all of it in one line
#
# `DistributedDataParallel(model)`, **DDP** for short, sends the
# weights of worker 0 to all others once. From then on it averages the gradients during `backward`:
# while the first layers still compute theirs, those of the last are already on their way. The rest
# of the loop stays as you know it.
#
# Are the weights of one worker and of two still alike after 20 steps, with rounding fed back twenty
# times?

# %%
from torch.nn.parallel import DistributedDataParallel


def train_ddp(rank, n_workers, X, y, n_steps):
    """Train LeNet-5 for some steps of 64 digits, shared among the workers; return its weights."""
    torch.manual_seed(0)
    model = DistributedDataParallel(lenet5())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(n_steps):
        mine = slice(64 * step + rank, 64 * (step + 1), n_workers)
        optimizer.zero_grad()
        F.cross_entropy(model(X[mine]), y[mine]).backward()  # and average
        optimizer.step()
    return torch.cat([p.detach().flatten() for p in model.parameters()])


digits = X_train[:1280].float() / 255, y_train[:1280]
(alone,) = run_workers(train_ddp, 1, *digits, 20)
first, second = run_workers(train_ddp, 2, *digits, 20)
assert torch.equal(first, second)
assert (first - alone).abs().max() < 1e-5
print("after 20 steps: the two workers exactly alike, and like a single worker's to 0.00001")

# %% [markdown]
# It is one training, computed in several places.
#
# ### torchrun
#
# `run_workers` is for lessons. A real training is a script, and **`torchrun`** starts it in as many
# processes as you say. Environment variables (`RANK`, `WORLD_SIZE`) tell each who it is. In a
# terminal:
#
# ```sh
# torchrun --standalone --nproc-per-node 2 train_parallel.py
# ```
#
# [`train_parallel.py`](train_parallel.py) lies beside this notebook, for you to take along. It trains
# the course's quick CNN by the course's `fit`. Where there is a GPU for each worker it takes them,
# and **nccl**, which sends between GPUs, in place of **gloo**.
#
# **Predict.** One epoch on the sample, with the same seed: one worker with batches of 128, then two
# with 64 each. Will they get equally many test digits right? (About 15 seconds: every process
# loads PyTorch first. The function `torchrun` starts the command above and returns what the script
# prints.)

# %%
import re
import subprocess
import sys

from course_utils.display import report
from course_utils.parallel import torchrun

plainly = [sys.executable, "train_parallel.py"]  # not by torchrun: one worker
said_one = subprocess.run(plainly, capture_output=True, text=True, check=True).stdout
said_two = torchrun("train_parallel.py", n_workers=2)
for name, said in (("one worker", said_one), ("two workers", said_two)):
    right = float(re.search(r"([\d.]+)% of 1,000 test digits", said)[1]) / 100
    report(name, right, 0.9, 0.98, percent=True)

# %% [markdown]
# Nearly, and not quite. Each step used the same digits. But this CNN has batch normalisation.
#
# ## What is not the same any more
#
# **Batch normalisation** takes mean and variance over the batch that it sees, and each worker sees
# its share. Ask for the gradients once more:

# %%
for network in (lenet5, quick_cnn):
    (alone,) = run_workers(shared_gradients, 1, network, X, y)
    both, _ = run_workers(shared_gradients, 2, network, X, y)
    apart = ((both - alone).norm() / alone.norm()).item()
    print(f"{network.__name__}: {'more' if apart > 0.05 else 'less'} than 5% apart")

# %% [markdown]
# LeNet's agree up to rounding. Those of the quick CNN are more than a quarter apart, here.
#
# Between GPUs, `nn.SyncBatchNorm` takes means over all workers, and sends for it at each layer.
#
# **Shuffling.** Every worker must draw the same order, and take another part of it.
# `DistributedSampler` draws it from seed and epoch (tell it the epoch by `set_epoch`) and takes
# every n-th sample of it. Ten samples for four workers:

# %%
from torch.utils.data import DistributedSampler

for rank in range(4):
    print(f"worker {rank}:", list(DistributedSampler(range(10), 4, rank, seed=0)))

# %% [markdown]
# Three each: two samples come twice, so that all have equally many rounds. (A *test* must not count
# samples twice. So let one worker test.)
#
# **Learning rate.** Either the batch of all stays as it was, and each worker takes less: the same
# training, sooner. Or each worker keeps its batch, and $n$ workers take a batch $n$ times as large,
# in an $n$-th of the steps. Its gradient is less noisy, so one may go further at a time: "$n$ times
# the batch, $n$ times the learning rate" is a common rule, with a small rate at first (*warm-up*). With it ImageNet was
# learned in an hour on 256 GPUs, in batches of 8,192 (Goyal and others, 2017). It holds up to some
# size, and then accuracy falls.
#
# **Reproducibility.** Another number of workers gives other sums, other shares for batch
# normalisation, other random numbers in dropout. So write down how many there were.
#
# ## How much sooner?
#
# Take the time of a step apart: what divides (forward, backward), what each worker must do in full
# (the optimizer's step), and sending. The cell measures all three on your machine.
#
# **Predict.** How many times as fast as one worker will two be here, with LeNet-5 and 64 digits:
# twice, less, or slower than one?

# %%
import time

from course_utils.parallel import Parts


def seconds_of(work, n_times=20):
    """Return how long one call takes, without the first."""
    work()
    start = time.perf_counter()
    for _ in range(n_times):
        work()
    return (time.perf_counter() - start) / n_times


def timed_parts(rank, n_workers, X, y):
    """Return seconds: forward and backward of a share, step, all-reduce, all-reduce of one number."""
    model, mine = lenet5(), slice(rank, None, n_workers)
    optimizer = torch.optim.Adam(model.parameters())
    gradients = torch.zeros(sum(p.numel() for p in model.parameters()))
    learning = seconds_of(lambda: F.cross_entropy(model(X[mine]), y[mine]).backward())
    step, tiny = seconds_of(optimizer.step), torch.zeros(1)
    return learning, step, *(seconds_of(lambda t=t: dist.all_reduce(t)) for t in (gradients, tiny))


(one,) = run_workers(timed_parts, 1, X, y)
two = [max(parts) for parts in zip(*run_workers(timed_parts, 2, X, y))]  # the slower one counts
mine = Parts.measured(one[0], one[1], all_reduce=two[2], tiny=two[3])
faster = (one[0] + one[1]) / (two[0] + two[1] + two[2])
for n, parts in (("one worker", one), ("two workers", two)):
    learning, step, sends, _ = (f"{1000 * seconds:.2f} ms" for seconds in parts)
    live_html(f"{n}: forward and backward {learning}, step {step}, all-reduce {sends}")
live_html(f"two are {faster:.2f} times as fast, an efficiency of {faster / 2:.0%}")
print(f"LeNet-5 sends {61_706 * 4 / 1e6:.2f} MB of gradients in each step")

# %% [markdown]
# Your numbers are not stored. We measured, on two cores, as the shortest of 150 tries: 6.1 ms
# of forward and backward become 3.3, the optimizer's 0.35 stay, sending adds 0.26. That is 1.6 times
# as fast, an **efficiency** (speed-up for each worker) of about 80%. Where the cores are busy, or
# there is only one, two workers are slower than one: the step is short, and after each step
# everybody waits for the slowest.
#
# Sending can be made cheap. What does not divide cannot. If a share $s$ of the work must be done by
# everybody, then $n$ workers bring at most
#
# $$\frac{1}{s + (1 - s) / n} \le \frac{1}{s},$$
#
# which is **Amdahl's law** (1967). With $s = 5\%$, 8 workers bring 5.9 times the speed, 64 bring
# 15.4, and a million not quite 20. Below, pull at each part. (`scaling(mine)` begins with yours.)
#
# - At which number does another worker no longer pay?
# - Let each worker keep its batch (batch: *one for each*), so that the work grows with them. Why
#   does it look so much better now, and what is no longer the same training?

# %%
from course_utils.explorers.scaling import scaling

scaling()

# %% [markdown]
# In the example nobody gains beyond 7. Where each keeps its batch, more work hides what does not
# divide (**Gustafson's law**, 1988), but a step now learns from eight times the batch. It is how the
# largest trainings scale, up to the batch size that still learns well.
#
# **When not to.** While one machine is still being wasted: look first where its time goes (part 1).
# When a step takes milliseconds and a network lies between the workers. When the whole training
# takes minutes: every start costs seconds. And four trainings with four learning rates, one on each
# core, divide perfectly: nothing is sent, and you learn which is best.

# %% [markdown]
# ### Deeper: How efficient is it?

# %% [markdown]
# #### Exercise 5 · What each of n workers is worth
#
# One step takes one worker `fixed + divided` seconds. Among `n_workers` only the second part is
# shared. Then a ring sums gradients of `n_bytes` bytes, at `bandwidth` bytes a second. (Forget the
# delays.) Return the **efficiency**: the speed-up over one worker, divided by their number.


# %%
def efficiency(n_workers, fixed, divided, n_bytes, bandwidth):
    """Return the speed-up of n workers over one, for each of them: 1 at best."""
    ### BEGIN SOLUTION
    sending = 2 * (n_workers - 1) / n_workers * n_bytes / bandwidth
    together = fixed + divided / n_workers + sending
    return (fixed + divided) / together / n_workers
    ### END SOLUTION


# %%
check("11.efficiency", efficiency)

# %% [markdown]
# ## Killed, and resumed
#
# In a long run something *will* die. So a training writes **checkpoints**, with all that it needs to
# go on as if nothing had been: weights, the optimizer's moments, the place in schedule and epoch,
# the order of the samples, the state of the random numbers. It writes a new file first and then
# renames it, since a file half written is worse than an old one.
#
# **Predict.** A checkpoint every 10 steps, and the process dies in step 18, really, by the signal
# that no process can catch (SIGKILL). It is started again and goes on to step 32. How many steps are computed
# twice? And how far are the weights from those of a run that nobody killed?

# %%
import os
import signal
import tempfile

from course_utils.ink.augment import vary
from course_utils.parallel import WorkerError
from course_utils.training import Checkpoint, fit, one_cycle

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has only the second


def train_to_the_end(rank, n_workers, path, die_at, signal_number, X, y):
    """Train for 32 steps, with checkpoints; die in one of them, if that is asked."""
    torch.manual_seed(0)
    model, steps = lenet5(), []

    def vary_or_die(X):  # fit calls it in every step
        steps.append(len(X))
        if len(steps) == die_at:
            os.kill(os.getpid(), signal_number)
        return vary(X)

    how = {"schedule": one_cycle, "augment": vary_or_die, "checkpoint": Checkpoint(path, every=10)}
    fit(model, (X, y), n_epochs=1, lr=0.005, device="cpu", progress=False, **how)
    return len(steps), torch.cat([p.detach().flatten() for p in model.parameters()])


with tempfile.TemporaryDirectory() as folder:
    kept, cut = os.path.join(folder, "kept.pt"), os.path.join(folder, "cut.pt")
    data = X_train[:2048], y_train[:2048]
    ((n_whole, whole),) = run_workers(train_to_the_end, 1, kept, None, KILL, *data)
    try:
        run_workers(train_to_the_end, 1, cut, 18, KILL, *data)
    except WorkerError as error:
        print(str(error).partition(":")[0])
    ((n_rest, resumed),) = run_workers(train_to_the_end, 1, cut, None, KILL, *data)
assert torch.equal(whole, resumed)
print(f"{n_whole} steps in one go; {n_rest} after the death: the same weights, bit for bit")

# %% [markdown]
# Steps 11 to 17 are computed twice, seven of them. And the weights are the same to the last bit,
# since everything that decides about them was written down. Without the state of the random numbers,
# the digits would be bent in other ways from step 11 on.
#
# With several workers one death stops all: the others lose the connection to it, or wait. `torchrun --max-restarts 3`
# notices, ends them and starts all of them anew, and the script goes on from its checkpoint.

# %% [markdown]
# ### Deeper: torchrun starts them anew

# %% [markdown]
# Here worker 1 is killed at step 25 of 32. (About 15 seconds.)

# %%
with tempfile.TemporaryDirectory() as folder:
    options = ("--checkpoint", os.path.join(folder, "run.pt"), "--every", 10, "--die-at", 25)
    said_again = torchrun("train_parallel.py", *options, n_workers=2, max_restarts=1)
assert said_again == said_two
print("killed at step 25, started anew: the same loss, and the same digits read")

# %% [markdown]
# ### Deeper: When the network does not fit

# %% [markdown]
# So far every worker had the whole network, with its gradients and the optimizer's moments. With
# Adam and float32 these are 16 bytes a parameter. A billion parameters need 16 GB before the first
# sample is there. What if that is too much for one device?
#
# **Model parallel.** Cut the network, and give each device some of its layers. (Or cut every layer:
# that is called *tensor parallel*.) What travels between devices now are activations, and on the
# way back their gradients.

# %%
from course_utils.figures import model_parallel, pipeline_parallel, sharded_parallel

model_parallel()

# %% [markdown]
# It fits now, and it is no faster: at any moment one device computes, and the others wait.
# AlexNet's two halves in 2012 were of this kind, with each layer cut in two, so that both cards
# always had work.
#
# **Pipeline parallel.** Cut the batch as well, into micro-batches that follow each other. While
# device 1 is busy with the first, device 0 begins the second.

# %%
pipeline_parallel()

# %% [markdown]
# The corners in which devices still wait are called the *bubble*. With $d$ devices and $m$
# micro-batches it is $(d - 1) / (m + d - 1)$ of the time: 3/7 with 4 and 4, 3/19 with 4 and
# 16. Read on: GPipe (Huang and others, 2019); `torch.distributed.pipelining`.
#
# **Sharded data parallel**, FSDP in PyTorch. Each worker takes a share of the batch, as in DDP, but
# keeps only an $n$-th of weights, gradients and moments. Before a layer is needed, all gather its
# weights; after it, they are thrown away. Gradients are summed so that each gets only its piece.

# %%
sharded_parallel()

# %% [markdown]
# Look at what is sent: gathering is the ring's second round (all-gather), summing into pieces its
# first (reduce-scatter).
# Forward and backward gather once each, so it is three rounds where DDP has two: half as much again
# to send, for an $n$-th of the memory. Read on: ZeRO (Rajbhandari and others, 2020); `fully_shard`
# in PyTorch's documentation. The largest networks are trained with all of these at once.

# %% [markdown]
# ### Deeper: Several machines

# %% [markdown]
# The script stays as it is. On each of two machines with four GPUs, start
#
# ```sh
# torchrun --nnodes 2 --nproc-per-node 4 --max-restarts 3 \
#     --rdzv-id mnist --rdzv-backend c10d --rdzv-endpoint first-machine:29400 \
#     train_parallel.py --data full --checkpoint /shared/run.pt
# ```
#
# `--rdzv-…` is the **rendezvous**: where they meet, and under which name, so that each learns its
# rank. All must reach the first machine at that port, and each other at any, and the checkpoint must
# lie where all of them can read it. On a cluster the batch system (SLURM, say) starts this command on
# every machine. The first thing that goes wrong is the network: `NCCL_DEBUG=INFO` tells which one
# nccl takes, `NCCL_SOCKET_IFNAME` (for gloo `GLOO_SOCKET_IFNAME`) chooses it. The second is a worker
# that waits for ever.

# %% [markdown]
# ## Quiz

# %%
quiz("11")

# %% [markdown]
# ## Summary
#
# - Find out where the time goes, and which limit a layer runs into: operations, bytes or calls.
# - Sums depend on their order, so two devices agree to some decimals. float16 needs its loss scaled.
# - Data parallel: the whole network everywhere, equal shares of a batch, gradients averaged
#   *before* the step. DDP and torchrun do it; batch normalisation, for one, is not the same.
# - All-reduce needs everybody, equally often; a time-out says who is missing. In a ring each sends
#   less than twice the gradients.
# - What does not divide limits everything: $1 / s$ at best.
# - A checkpoint holds all that decides what comes next.
#
# ## Sources
#
# - A. Krizhevsky, I. Sutskever, G. Hinton: *ImageNet classification with deep convolutional neural
#   networks.* 2012. GTX 580 and T4: NVIDIA's data sheets.
# - S. Williams, A. Waterman, D. Patterson: *Roofline.* 2009. P. Micikevicius and others: *Mixed
#   precision training.* 2018. D. Kalamkar and others: *A study of bfloat16.* 2019.
# - G. M. Amdahl: *Validity of the single processor approach to achieving large scale computing
#   capabilities.* 1967. J. L. Gustafson: *Reevaluating Amdahl's law.* 1988.
# - P. Patarasuk, X. Yuan: *Bandwidth optimal all-reduce algorithms for clusters of workstations.*
#   2009. A. Sergeev, M. Del Balso: *Horovod.* 2018.
# - P. Goyal and others: *Accurate, large minibatch SGD: training ImageNet in 1 hour.* 2017.
# - S. Li and others: *PyTorch Distributed: experiences on accelerating data parallel training.*
#   2020.
# - Y. Huang and others: *GPipe.* 2019. S. Rajbhandari and others: *ZeRO.* 2020. Y. Zhao and others:
#   *PyTorch FSDP.* 2023.
