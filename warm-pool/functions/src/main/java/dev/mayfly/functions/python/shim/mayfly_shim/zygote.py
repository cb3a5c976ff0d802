"""A warm interpreter that sandboxes are forked from. It is the machine's own process: no tenant's code ever runs in it."""

import ctypes
import gc
import json  # noqa: F401
import os
import sys
import threading  # noqa: F401

from mayfly_shim import bind, calls, http1, serve, wsgi  # noqa: F401

# Where the launcher puts the library that serves it.
LIBRARY = "/proc/self/fd/4"

# Of getauxval(3): where the kernel has put bytes that are random for this process.
AT_RANDOM, AT_RANDOM_BYTES = 25, 16


def run(control):
    """Serves the launcher until that ends. Returns in each sandbox, with the arguments of a generic start."""
    library = ctypes.PyDLL(LIBRARY)
    seed = seed_of_process()
    serve.rehearse()
    flags_of_a_start()
    # What is shared stays shared: the collector does not write to it.
    gc.collect()
    gc.freeze()
    # As os.fork() does, around a fork that happens in the library.
    ctypes.pythonapi.PyOS_BeforeFork()
    if library.mayfly_zygote(control) != 0:
        sys.exit("zygote: its library did not begin")
    ctypes.pythonapi.PyOS_AfterFork_Child()
    # What is loaded later and takes its secrets from there, such as the runtime of Go, has them for itself.
    ctypes.memmove(seed, os.urandom(AT_RANDOM_BYTES), AT_RANDOM_BYTES)
    return ["--generic"]


def flags_of_a_start():
    """The zygote is isolated from its environment by -I; its forks are told what a start without it would have told them."""
    python, flags = ctypes.pythonapi, sys.flags
    python.PyStructSequence_New.restype = ctypes.py_object
    python.PyStructSequence_New.argtypes = [ctypes.py_object]
    # As addresses, so that references are counted here alone.
    python.PyStructSequence_GetItem.restype = ctypes.c_void_p
    python.PyStructSequence_GetItem.argtypes = [ctypes.py_object, ctypes.c_ssize_t]
    python.PyStructSequence_SetItem.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p]
    python.Py_IncRef.argtypes = [ctypes.c_void_p]
    fields = {"isolated": 0, "ignore_environment": 0, "no_user_site": 0, "safe_path": False}
    off = {place(flags, name): value for name, value in fields.items() if hasattr(flags, name)}
    fresh = python.PyStructSequence_New(type(flags))
    for i in range(type(flags).n_fields):
        value = id(off[i]) if i in off else python.PyStructSequence_GetItem(flags, i)
        python.Py_IncRef(value)  # The next line takes a reference and does not give it back.
        python.PyStructSequence_SetItem(fresh, i, value)
    sys.flags = fresh


def place(flags, name):
    """Where a field lies among the others."""
    return repr(flags).split("(", 1)[1].split(", ").index(f"{name}={getattr(flags, name)!r}")


def seed_of_process():
    getauxval = ctypes.CDLL(None).getauxval
    getauxval.argtypes, getauxval.restype = [ctypes.c_ulong], ctypes.c_ulong
    return getauxval(AT_RANDOM)
