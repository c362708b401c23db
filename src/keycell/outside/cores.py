"""How many cores there are for threads that work without the interpreter's lock."""

import os


def cores() -> int:
    """Give the number of cores that this process may use, not of all there are.

    Where two threads share one, the event loop waits for a thread that holds the interpreter's
    lock while the other has the core.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
