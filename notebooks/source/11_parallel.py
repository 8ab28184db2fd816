# %% [markdown]
# # 11 · What changes when one machine is not enough?
#
# (Part 1 stands in another file until both are joined.)
#
# *Part 1 takes about {{part1}} minutes, part 2 about {{part2}}; the sections called Deeper, which
# nothing later needs, {{deeper}} more. All cells together run in under 60 seconds of one
# processor core of 2024.*

# %% [markdown]
# ## Part 2 · Several machines
#
# One machine is as fast as it gets. Now let several share a training. Each process that takes part
# is a **worker**; its number, from 0, is its **rank**. Whether they run on two cores, eight GPUs or
# a hundred machines, the idea is the same.
#
# **Data parallel** is the simplest way, and by far the most used: every worker has the *whole*
# network and takes a *share* of each batch. The loss of a batch is a mean over its samples, and so
# is its gradient. For 64 samples, two workers and weights $w$:
#
# $$\frac{1}{64} \sum_{i=0}^{63} \frac{\partial \ell_i}{\partial w} = \frac{1}{2} \Biggl(
# \frac{1}{32} \sum_{i\ \text{even}} \frac{\partial \ell_i}{\partial w} +
# \frac{1}{32} \sum_{i\ \text{odd}} \frac{\partial \ell_i}{\partial w} \Biggr)$$
#
# So each worker computes the gradient of its share, and all put theirs together. The operation for
# that is called **all-reduce**: everybody gives a tensor, everybody gets the sum.
#
# `run_workers` starts real processes. None of them sees the memory of this notebook or of another
# worker: what it is to have, it gets as an argument, a copy.
#
# **Predict.** Two workers, half of a batch each, LeNet-5. How far will their averaged gradients be
# from those of one process with the whole batch: not at all, by rounding, or by some percent?

# %%
import torch  # (until part 1 is joined, as the next four lines)
import torch.nn.functional as F

from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.exercises import check, quiz
from course_utils.models import lenet5

import torch.distributed as dist

from course_utils.models import quick_cnn
from course_utils.parallel import run_workers

mnist = load_mnist(MNIST_SAMPLE)
X_train, y_train = mnist.train_images[:, None], mnist.train_labels  # (N, 1, 28, 28), bytes
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
# means is not the mean of all.
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
# Nothing at all. Worker 1 is done, and worker 0 waits in line 5 for a third call that never comes.
# No process can know that. It would still wait tomorrow, and on a cluster you would pay for it.
# This is *the* mistake of parallel programs, and it makes no noise. So `run_workers` has a time-out:
# it asks each where it stands, says so, and ends them all. PyTorch's own is 30 minutes, 10 between
# GPUs. In a script, set what you are willing to wait:
# `dist.init_process_group(timeout=timedelta(seconds=60))`.
#
# ### Exercise 3 · Find the mistakes
#
# Two workers learn a linear rule, with the gradient of the mean squared error. `dist` does what
# `torch.distributed` does; the number of samples divides by the number of workers.
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
# It runs, the loss falls, and it is data-parallel in name only: it holds three mistakes. Mend it,
# so that each worker ends with the weights that one worker with all samples would have.


# %%
def train_together(rank, n_workers, w, X, y, lr, n_steps, dist):
    """w (D,), X (N, D), y (N,): return the weights after n_steps steps that all take together."""
    ### BEGIN SOLUTION
    size = len(X) // n_workers  # as before
    mine = slice(rank * size, (rank + 1) * size)  # a share of its own
    for _ in range(n_steps):
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
# back. With $n$ workers and gradients of $S$ bytes it sends $(n - 1) S$, and all others wait for
# it. Or everybody sends everything to everybody: now all send that much.
#
# In a **ring**, each worker talks to its two neighbours only. The gradients are cut into $n$
# pieces. In each step every worker sends one piece to the right and gets one from the left. In
# $n - 1$ steps the pieces travel once round, and grow by what each worker adds. In $n - 1$ further
# steps the finished pieces travel round once more.
#
# **Predict.** Eight workers, gradients of 100 MB. How much does each worker send: 700, 175, 100 or
# 12.5 MB? And with eighty workers?

# %%
from course_utils.explorers.ring import ring_all_reduce

ring_all_reduce()

# %% [markdown]
# 175 MB: 14 steps of 12.5 MB, in general $2 (n - 1) / n \cdot S$. With eighty workers it is 197.5
# MB, and never more than $2 S$. It is tempting to think that more workers must mean more to send
# for each. But the pieces get smaller as the steps get more. What does grow is the *number* of
# steps, and each of them costs at least one delay.

# %% [markdown]
# ### Deeper: Write the ring
#
# #### Exercise 4 · All-reduce by sending and receiving
#
# `pieces` is this worker's list of `n_workers` tensors. Return the list of their sums over all
# workers. Use only these three:
#
# - `request = dist.isend(tensor, dst=right)` hands a tensor over and goes on at once;
# - `dist.recv(buffer, src=left)` waits, and writes what comes into a tensor of the same shape;
# - `request.wait()` waits until the tensor has been received.
#
# In step t of the first round, worker `rank` sends piece `(rank - t) % n_workers`. Why not plain
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
# ## The engine that exists for this
#
# PyTorch does all of it in one line. `DistributedDataParallel(model)`, **DDP** for short, sends the
# weights of worker 0 to all others once. From then on it averages the gradients during `backward`:
# while the first layers still compute theirs, those of the last are already on their way. The rest
# of the loop stays as you know it.
#
# Here is the same code with one worker and with two, for 20 steps of 64 digits. By then rounding has
# been fed back twenty times.

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
print("after 20 steps: the two workers exactly alike, and like one to 0.00001")

# %% [markdown]
# So DDP changes nothing in the mathematics: it is one training, computed in several places.
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
# the course's quick CNN by the course's `fit`. Where there are several GPUs it takes one for each
# worker, and **nccl**, which sends between GPUs, in place of **gloo**.
#
# **Predict.** One epoch on the sample, with the same seed: one worker with batches of 128, then two
# with 64 each. Will they read the same number of test digits? (About 15 seconds: every process
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
# Nearly, and not quite. Each step used the same 128 digits. But this CNN has batch normalisation.
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
# Between GPUs, `nn.SyncBatchNorm` takes means over all workers, and sends for it at each layer.
# Those who taught ImageNet to 256 GPUs left it out, with 32 pictures in each share.
#
# **Shuffling.** Every worker must draw the same order, and take another part of it. That is what
# `DistributedSampler` does: seed and epoch give the order (so call `set_epoch`), every n-th sample
# is yours. Ten samples for four workers:

# %%
from torch.utils.data import DistributedSampler

for rank in range(4):
    print(f"worker {rank}:", list(DistributedSampler(range(10), 4, rank, seed=0)))

# %% [markdown]
# Three each: two samples come twice, for nobody may have a round less than the others. You know by
# now what would happen. (A *test* must not count samples twice. So let one worker test.)
#
# **Learning rate.** Either the batch of all stays as it was, and each worker takes less: the same
# training, sooner. Or each worker keeps its batch, and $n$ workers take a batch $n$ times as large,
# in an $n$-th of the steps. Its gradient is less noisy, so one may go further at a time: "$n$ times
# the batch, $n$ times the learning rate" is a common rule, with a slow start. With it ImageNet was
# learned in an hour on 256 GPUs, in batches of 8,192 (Goyal and others, 2017). It holds up to some
# size, and then accuracy falls.
#
# **Reproducibility.** The same number of workers gives the same numbers again. Another number gives
# other sums, other shares for batch normalisation, other random numbers in dropout. So write down
# how many there were.
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

from course_utils.display import live_html
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
    learn = seconds_of(lambda: F.cross_entropy(model(X[mine]), y[mine]).backward())
    step, tiny = seconds_of(optimizer.step), torch.zeros(1)
    return learn, step, *(seconds_of(lambda t=t: dist.all_reduce(t)) for t in (gradients, tiny))


(one,) = run_workers(timed_parts, 1, X, y)
two = [max(parts) for parts in zip(*run_workers(timed_parts, 2, X, y))]  # the slower one counts
mine = Parts.measured(one[0], one[1], all_reduce=two[2], tiny=two[3])
faster = (one[0] + one[1]) / (two[0] + two[1] + two[2])
for n, parts in (("one worker", one), ("two workers", two)):
    learn, step, sends, _ = (f"{1000 * seconds:.2f} ms" for seconds in parts)
    live_html(f"{n}: forward and backward {learn}, step {step}, all-reduce {sends}")
live_html(f"two are {faster:.2f} times as fast, an efficiency of {faster / 2:.0%}")
print(f"LeNet-5 sends {61_706 * 4 / 2**20:.2f} MB of gradients in each step")

# %% [markdown]
# Your numbers stand in the page only. We measured, on two cores, as the shortest of 150 tries: 6.1 ms
# of forward and backward become 3.3, the optimizer's 0.35 stay, sending adds 0.26. That is 1.6 times
# as fast, an **efficiency** (speed-up for each worker) of about 80%. Where the cores are busy, or
# there is only one, two workers are slower than one: the step is short, and after each of them
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
# - Let each worker keep its batch, so that the work grows with them. Why does it look so much better
#   now, and what is no longer the same training?

# %%
from course_utils.explorers.scaling import scaling

scaling()

# %% [markdown]
# The growing batch hides what does not divide behind more work. It is how the largest trainings
# scale, up to the batch size that still learns well.
#
# **When not to.** While one machine is still being wasted: look first where its time goes (part 1).
# When a step takes milliseconds. When the whole training takes minutes: every start costs seconds.
# And four trainings with four learning rates, one on each core, divide
# perfectly: nothing is sent, and you learn which is best.
#
# ## Killed, and resumed
#
# In a long run something *will* die. So a training writes **checkpoints**, with all that it needs to
# go on as if nothing had been: weights, the optimizer's moments, the place in schedule and epoch,
# the order of the samples, the state of the random numbers. It writes a new file first and then
# renames it, since a file half written is worse than an old one.
#
# **Predict.** A checkpoint every 10 steps, and the process dies in step 18, really, by the signal
# that no process can catch. It is started again and goes on to step 32. How many steps are computed
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
# With several workers one death stops all: the others wait for it. `torchrun --max-restarts 3`
# notices, ends them and starts all of them anew, and the script goes on from its checkpoint.

# %% [markdown]
# ### Deeper: torchrun starts them anew
#
# Here worker 1 is killed at step 25 of 32. (About 15 seconds.)

# %%
with tempfile.TemporaryDirectory() as folder:
    options = ("--checkpoint", os.path.join(folder, "run.pt"), "--every", 10, "--die-at", 25)
    said_again = torchrun("train_parallel.py", *options, n_workers=2, max_restarts=1)
assert said_again == said_two
print("killed at step 25, started anew: the same loss, and the same digits read")

# %% [markdown]
# ### Deeper: How efficient is it?
#
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
# ### Deeper: When the network does not fit
#
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
# Look at what is sent: gathering is the second round of the ring, summing into pieces the first.
# Forward and backward gather once each, so it is three rounds where DDP has two: half as much again
# to send, for an $n$-th of the memory. Read on: ZeRO (Rajbhandari and others, 2020); `fully_shard`
# in PyTorch's documentation. The largest networks are trained with all of these at once.

# %% [markdown]
# ### Deeper: Several machines
#
# The script stays as it is. On each of two machines with four GPUs, start
#
# ```sh
# torchrun --nnodes 2 --nproc-per-node 4 --max-restarts 3 \
#     --rdzv-id mnist --rdzv-backend c10d --rdzv-endpoint first-machine:29400 \
#     train_parallel.py --data full --checkpoint /shared/run.pt
# ```
#
# `--rdzv-…` is the **rendezvous**: where they meet, and under which name, so that each learns its
# rank. The first machine must be reachable at that port by the others, and the checkpoint must lie
# where all of them can read it. On a cluster the batch system (SLURM, say) starts this command on
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
# - Data parallel: the whole network everywhere, a share of each batch, gradients averaged *before*
#   the step. With equal shares that is the gradient of the whole batch.
# - All-reduce needs everybody, equally often, in the same order. Whoever does not come lets the
#   others wait for ever; a time-out says so.
# - A ring sends $2 (n - 1) / n$ times the gradients for each worker, less than twice, however many
#   there are.
# - DDP and torchrun do it; the loop stays the same. Batch normalisation, shuffling, batch size with
#   learning rate, and reproducibility change.
# - What does not divide limits everything: $1 / s$ at best. Look where the time goes before you
#   share it.
# - A checkpoint holds all that decides what comes next, and then a killed training ends with the
#   same weights.
#
# ## Sources
#
# - G. M. Amdahl: *Validity of the single processor approach to achieving large scale computing
#   capabilities.* 1967. J. L. Gustafson: *Reevaluating Amdahl's law.* 1988.
# - P. Patarasuk, X. Yuan: *Bandwidth optimal all-reduce algorithms for clusters of workstations.*
#   2009. A. Sergeev, M. Del Balso: *Horovod.* 2018.
# - P. Goyal and others: *Accurate, large minibatch SGD: training ImageNet in 1 hour.* 2017.
# - S. Li and others: *PyTorch Distributed: experiences on accelerating data parallel training.*
#   2020.
# - Y. Huang and others: *GPipe.* 2019. S. Rajbhandari and others: *ZeRO.* 2020. Y. Zhao and others:
#   *PyTorch FSDP.* 2023.
