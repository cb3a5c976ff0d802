#!/usr/bin/env python3
"""The functions of main.py that tests of all shims call, as a program of CGI."""

import os
import sys
import time
from urllib.parse import parse_qsl

query = dict(parse_qsl(os.environ["QUERY_STRING"]))


def greet():
    if query["name"] == "fail":
        raise ValueError("as asked")
    return "Hello, " + query["name"]


def count():
    print("call 1", file=sys.stderr, flush=True)
    return "1"


def echo():
    many = os.environ.get("HTTP_X_MANY")
    body = sys.stdin.buffer.read()
    assert len(body) == int(os.environ.get("CONTENT_LENGTH", "0"))
    return '{"method": "%s", "path": "%s", "bytes": %d, "many": "%s"}' % (
        os.environ["REQUEST_METHOD"],
        os.environ["PATH_INFO"],
        len(body),
        many,
    )


def large():
    return "x" * int(query["bytes"])


def sleep():
    print("asleep", file=sys.stderr, flush=True)
    time.sleep(float(query["seconds"]))
    return "slept"


def background():
    if os.fork() == 0:  # It holds standard output open.
        time.sleep(600)
    return "answered"


text = globals()[sys.argv[1]]()
print(f"Content-Type: text/plain\nContent-Length: {len(text)}\n\n{text}", end="", flush=True)
