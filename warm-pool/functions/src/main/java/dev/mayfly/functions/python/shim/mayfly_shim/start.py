"""From the command line to a function that serves."""

import _socket
import os
import sys

from mayfly_shim import calls, serve

CONTROL = 3


def main(arguments):
    listener, once = None, False
    warm = arguments == ["--zygote"]
    if warm:
        from mayfly_shim import zygote

        arguments = zygote.run(CONTROL)  # From here on this is a new process in a sandbox of its own.
    if arguments == ["--generic"]:
        from mayfly_shim import bind

        listener = inherited(0)
        once = isolation()
        if not warm:
            ahead(once)
        arguments = bind.wait(CONTROL)
        sys.argv[1:] = arguments
    if len(arguments) != 3:
        sys.exit(f"arguments: {arguments} (expected: source, target, signature)")
    once = isolation() or once
    listener = listener or listen()
    call = calls.load(*arguments)
    if once:
        serve.once(listener, call)
    serve.many(listener, call)


def ahead(once):
    """What can be done before the function is known. Instances that live for one request pay for what they do not use."""
    if not once:
        import json  # noqa: F401
        import threading  # noqa: F401
    serve.rehearse()


def isolation():
    """Whether this process answers one request and no more."""
    wanted = os.environ.get("MAYFLY_ISOLATION", "release")
    if wanted not in ("request", "release"):
        sys.exit(f"MAYFLY_ISOLATION: '{wanted}' (expected: request or release)")
    return wanted == "request"


def listen():
    path = os.environ.get("MAYFLY_SOCKET")
    if path and path.startswith("fd:"):
        return inherited(int(path[3:]))
    if path:
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        listener.bind(path)
    else:
        listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", int(os.environ.get("PORT", "8080"))))
    listener.listen(128)
    return listener


def inherited(descriptor):
    """A socket that listens already. It moves out of the way, as programs that the function starts inherit standard input."""
    listener = _socket.socket(fileno=os.dup(descriptor))
    listener.setblocking(True)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    return listener
