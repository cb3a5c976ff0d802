"""Functions of the tests; index.mjs and JavaFunctions have some of them too."""

import os
import sys

calls = 0


def greet(request):
    name = request.query["name"]
    if name == "fail":
        raise ValueError("as asked")
    return f"Hello, {name}"


def count(request):
    global calls
    calls += 1
    print(f"call {calls}", flush=True)
    return str(calls)


def echo(request):
    return {"method": request.method, "path": request.path, "bytes": len(request.body), "many": request.headers.get("x-many")}


def large(request):
    return "x" * int(request.query["bytes"])


def background(request):
    import threading
    import time

    threading.Thread(target=time.sleep, args=(600,)).start()
    return "answered"


def sleep(request):
    import time

    print("asleep", flush=True)
    time.sleep(float(request.query["seconds"]))
    return "slept"


def facts(request):
    import ctypes
    import random
    import secrets
    import ssl
    import time
    import uuid

    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    found = {"cwd": os.getcwd(), "pid": os.getpid(), "zone": time.tzname[0], "arguments": " ".join(sys.argv[1:])}
    found |= {"random": random.random(), "secure": secrets.token_hex(8), "openssl": ssl.RAND_bytes(8).hex()}
    found |= {"uuid": uuid.uuid4(), "seed": hash("seed"), "prefix": sys.prefix}
    for name in request.query.get("env", "").split(","):
        found["env." + name] = os.environ.get(name)
        found["native." + name] = (getenv(name.encode()) or b"none").decode()
    found["control"] = held(request.query.get("control"))
    if "module" in request.query:
        found["module"] = __import__(request.query["module"]).VALUE
    return "".join(f"{name}={value}\n" for name, value in found.items())


def held(inode):
    for each in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + each) == f"socket:[{inode}]":
                return "open"
        except OSError:
            pass
    return "closed"
