"""Says what it finds of callers before, then leaves all it can for those after."""

import json
import os
import random
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import uuid

calls = 0


def leave(request):
    global calls
    found = {
        "calls": calls,
        "tmp": sorted(os.listdir("/tmp")),
        "shm": sorted(os.listdir("/dev/shm")),
        "env": os.environ.get("MARK", ""),
        "threads": threading.active_count(),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "listening": sum(open(f"/proc/net/{each}").read().count(" 0A ") for each in ("tcp", "tcp6")),
        "unix": open("/proc/net/unix").read().count("@mark"),
        "random": random.random(),
        "uuid": str(uuid.uuid4()),
        "openssl": ssl.RAND_bytes(16).hex(),
        "name": tempfile.mktemp(),
        "pid": os.getpid(),
        "clocks": [time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)],
        "forked": "--zygote" in open("/proc/self/cmdline").read(),
        "hash": hash("mark"),
        "greeting": os.environ.get("GREETING", ""),
    }
    calls += 1
    for folder in ("/tmp", "/dev/shm"):
        with open(f"{folder}/mark", "w") as mark:
            mark.write("left")
    os.environ["MARK"] = "left"
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    subprocess.Popen(["sleep", "600"])
    tcp = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0mark")
    abstract.listen()
    globals()["kept"] = globals().get("kept", []) + [tcp, abstract]
    return json.dumps(found), 200, {"content-type": "application/json"}
