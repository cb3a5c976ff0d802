"""Connections: many of them for long, or one request and the end."""

import _socket
import os
import select
import sys
import time

from mayfly_shim import calls, http1

READY = "/_mayfly/ready"
CONNECTIONS_MAX = 512
WAITING_MAX = 64
HEAD_SECONDS = 30
# Between two pieces of a body. The gateway's own timer is shorter and words it better.
BODY_SECONDS = 90


def respond(connection, head, call, close):
    """Answers one request; false: no other can follow it on this connection."""
    if head.target == READY:
        close = close or head.length != 0  # Nobody waits for its body, which would be taken for the next request.
        status, fields, content = call.ready()
    else:
        status, fields, content = call.handle(head, connection.body(head))
    try:
        answer = http1.render(status, fields, content, head.method, close)
    except (ValueError, AttributeError) as error:
        print(f"function '{call.name}': its answer cannot be sent: {error}", file=sys.stderr, flush=True)
        answer = http1.render(500, [("content-type", "text/plain")], b"The function failed.\n", head.method, close)
    connection.sock.sendall(answer)
    return not close


def many(listener, call):
    """Serves for ever, each connection on a thread of its own."""
    import threading

    slots = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def run(sock):
        try:
            converse(http1.Connection(sock), call)
        finally:
            slots.release()

    while True:
        slots.acquire()
        try:
            descriptor, _ = listener._accept()
        except OSError as error:  # Out of descriptors, or the other side has left: neither lasts.
            slots.release()
            print(f"accept: {error}", file=sys.stderr, flush=True)
            time.sleep(0.05)
            continue
        threading.Thread(target=run, args=(_socket.socket(fileno=descriptor),), daemon=True).start()


def converse(connection, call):
    """Requests on one connection until either side has enough."""
    try:
        while True:
            connection.sock.settimeout(HEAD_SECONDS if connection.data else None)
            head = connection.head()
            if head is None:
                if not connection.fill():
                    break
                continue
            connection.sock.settimeout(BODY_SECONDS)
            if not respond(connection, head, call, head.close):
                break
    except http1.Refused as why:
        refuse(connection, why)
    except (OSError, http1.Gone):
        pass  # The gateway has left; there is nobody to tell.
    connection.end()


def refuse(connection, why):
    try:
        connection.refuse(why.status, str(why))
    except OSError:
        pass  # The gateway has left; there is nobody to tell.


def once(listener, call):
    """Answers one request, on this thread, and ends. Questions for readiness before it do not count."""
    connection, head = first(listener, call)
    connection.sock.settimeout(BODY_SECONDS)
    try:
        respond(connection, head, call, True)
    except http1.Refused as why:
        refuse(connection, why)
    except (OSError, http1.Gone):
        pass  # The gateway has left; there is nobody to tell.
    connection.end()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # The function has closed it.
    os._exit(0)  # What the function left running is not waited for.


def first(listener, call):
    """The connection whose request is the one, and its head. Nobody else is let in from then on."""
    poll = select.poll()
    poll.register(listener.fileno(), select.POLLIN)
    waiting = {}
    while True:
        for descriptor, _ in poll.poll(1000 if waiting else None):
            if descriptor == listener.fileno():
                accept(listener, poll, waiting)
                continue
            connection = waiting[descriptor][0]
            head = advance(connection, call)
            if head is None:
                waiting[descriptor] = connection, waiting[descriptor][1] or time.monotonic() + HEAD_SECONDS
                continue
            poll.unregister(descriptor)
            del waiting[descriptor]
            if head is not END:
                close(listener, waiting)
                return connection, head
            connection.end()
        for descriptor, (connection, until) in list(waiting.items()):
            if until and time.monotonic() > until:
                poll.unregister(descriptor)
                del waiting[descriptor]
                refuse(connection, http1.Refused(408, f"head: not here after {HEAD_SECONDS} seconds"))
                connection.end()


END = object()


def advance(connection, call):
    """Reads on: the head of the one request, or END, or nothing yet."""
    try:
        if not connection.fill():
            return END
        head = connection.head()
        while head is not None and head.target == READY:
            if not respond(connection, head, call, head.close):
                return END
            head = connection.head()
        return head
    except http1.Refused as why:
        refuse(connection, why)
    except OSError:
        pass  # The gateway has left; there is nobody to tell.
    return END


def accept(listener, poll, waiting):
    try:
        descriptor, _ = listener._accept()
    except OSError as error:
        print(f"accept: {error}", file=sys.stderr, flush=True)
        time.sleep(0.05)
        return
    connection = http1.Connection(_socket.socket(fileno=descriptor))
    if len(waiting) >= WAITING_MAX:
        connection.end()
        return
    connection.sock.settimeout(HEAD_SECONDS)
    waiting[descriptor] = connection, None
    poll.register(descriptor, select.POLLIN)


def close(listener, waiting):
    """Lets nobody in any more: whoever connects is refused before a byte is sent, whoever waits already is told."""
    turned_away = [connection for connection, _ in waiting.values()]
    try:
        listener.shutdown(_socket.SHUT_RDWR)
        listener.setblocking(False)
        while True:
            turned_away.append(http1.Connection(_socket.socket(fileno=listener._accept()[0])))
    except OSError:
        listener.close()
    for connection in turned_away:
        try:
            connection.unavailable()
        except OSError:
            pass  # It has left already.
        connection.sock.close()


def rehearse():
    """Runs the code of a request once, ahead of any: what Python does at the first run of a function it has then done."""
    here, there = _socket.socketpair()
    here.sendall(b"POST /rehearsal?a=b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
    here.shutdown(_socket.SHUT_WR)

    class Stand:
        name = "rehearsal"

        def handle(self, head, body):
            return calls.to_answer(calls.request(head, body).text())

    converse(http1.Connection(there), Stand())
    here.close()
