"""
What each process of the tree asks of the kernel: to end with its parent, and to leave no memory behind.

Why: a supervisor that is killed cannot clean up, and a core dump or a debugger of
the same user would carry keys away.

Holds:    a child that asked dies when its parent does, also when the parent was
          gone before it asked.
Assumes:  Linux. The thread that forks lives as long as its process: the death
          signal fires when the forking *thread* ends, so the main thread forks.
"""

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, by: signal.Signals) -> None:
    """Ask for this signal at the parent's death; end now when the parent is gone already."""
    LIBC.prctl(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)


def no_core_dumps() -> None:
    """Forbid core files for this process and all that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def no_debuggers() -> None:
    """Close this process's memory to others of the same user; it holds opened keys."""
    LIBC.prctl(PR_SET_DUMPABLE, 0)
