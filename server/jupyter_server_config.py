"""What the Jupyter server of each learner does, whichever hub has started it.

It gives the learner copies of the lessons, ends what nobody uses, keeps to the limit of memory.
"""

import os
import resource
import shutil
from pathlib import Path

c = get_config()  # noqa: F821
COURSE = Path(__file__).resolve().parents[1]
LESSONS = Path(os.environ.get("COURSE_LESSONS") or COURSE / "notebooks")


def copy_lessons(lessons: Path, mine: Path) -> None:
    """Copy the lessons that a learner does not have yet; what is there stays as it is."""
    mine.mkdir(exist_ok=True)
    for lesson in sorted(lessons.glob("[0-9][0-9]_*.ipynb")):
        if not (mine / lesson.name).exists():
            part = mine / f".{lesson.name}.part"  # a copy that is cut short gets no lesson's name
            shutil.copyfile(lesson, part)
            part.replace(mine / lesson.name)


try:
    copy_lessons(LESSONS, Path.home() / "deep-learning")
except OSError as error:  # a full disk, say: old lessons can be opened all the same
    print(f"The lessons could not be copied: {error}")

# A kernel that asks for more than the hub's `mem_limit` gets a MemoryError that it can show.
if limit := int(os.environ.get("MEM_LIMIT") or 0):
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

c.KernelManager.transport_encryption = "auto"  # all learners are on the same loopback
c.MappingKernelManager.cull_idle_timeout = 30 * 60  # seconds without a cell that ran
c.MappingKernelManager.cull_interval = 5 * 60
c.MappingKernelManager.cull_connected = True  # an open page alone keeps no kernel
c.ServerApp.shutdown_no_activity_timeout = 60 * 60  # counted when no kernel is left
# The language server's extension looks for programs that nobody has installed.
c.ServerApp.jpserver_extensions = {"jupyter_lsp": False}
