"""Opens and locks the same files as an honest function may, and tells how many another one keeps from it."""
import fcntl
import os

FILES = [os.__file__, "/etc/passwd", "/dev/null", "/usr/bin/env", "/proc/version"]


def locks(request):
    kept = 0
    for name in FILES:
        with open(name, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                kept += 1
    return str(kept)
