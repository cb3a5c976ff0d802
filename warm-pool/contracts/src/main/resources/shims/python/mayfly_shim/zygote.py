"""A warm interpreter that sandboxes are forked from. It is the machine's own process: no tenant's code ever runs in it."""

import ctypes
import gc
import json  # noqa: F401
import sys
import threading  # noqa: F401

from mayfly_shim import bind, calls, http1, serve, wsgi  # noqa: F401

# Where the launcher puts the library that serves it.
LIBRARY = "/proc/self/fd/4"


def run(control):
    """Serves the launcher until that ends. Returns in each sandbox, with the arguments of a generic start."""
    library = ctypes.PyDLL(LIBRARY)
    serve.rehearse()
    # What is shared stays shared: the collector does not write to it.
    gc.collect()
    gc.freeze()
    # As os.fork() does, around a fork that happens in the library.
    ctypes.pythonapi.PyOS_BeforeFork()
    if library.mayfly_zygote(control) != 0:
        sys.exit("zygote: its library did not begin")
    ctypes.pythonapi.PyOS_AfterFork_Child()
    return ["--generic"]
