"""An HTTP proxy that is not this machine: it listens in a network namespace of its own and fetches as the machine does.

Arguments: name of the link to make, the first three bytes of a network, the number of its first address (a /29), log file,
refuse file. While the refuse file exists, what comes out of sandboxes is answered with 403.

The namespace has no name and no file: it ends with this process, and the link with it, however this process ends.

The machine has two addresses on the link. It speaks from the second one itself; masquerading takes the first, so that the
log tells sandboxes from the machine.
"""

import ctypes
import os
import select
import socket
import subprocess
import sys
import threading
import urllib.parse

CLONE_NEWNET = 0x40000000
HEAD_MAX = 64 * 1024
IDLE_SECONDS = 60
CONNECTIONS_MAX = 64
PORT = 3128

link, network, first, log_file, refuse_file = sys.argv[1:]
masqueraded, outside, own = (f"{network}.{int(first) + n}" for n in (1, 2, 3))
parent = os.getppid()
places = threading.BoundedSemaphore(CONNECTIONS_MAX)
log = open(log_file, "a", buffering=1)
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def listen_outside():
    """A socket stays in the namespace where it was made; the thread comes back."""
    machine = os.open("/proc/self/ns/net", os.O_RDONLY)
    check(libc.unshare(CLONE_NEWNET))
    ip("link", "add", "in0", "type", "veth", "peer", "name", link, "netns", str(parent))
    ip("addr", "add", outside + "/29", "dev", "in0")
    ip("link", "set", "in0", "up")
    server = socket.create_server((outside, PORT), backlog=CONNECTIONS_MAX)
    check(libc.setns(machine, CLONE_NEWNET))
    os.close(machine)
    ip("addr", "add", masqueraded + "/29", "dev", link)
    ip("addr", "add", own + "/29", "dev", link)
    ip("link", "set", link, "up")
    ip("route", "replace", f"{network}.{first}/29", "dev", link, "src", own)
    return server


def read_head(client):
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(8192)
        if not part or len(data) > HEAD_MAX:
            return None, b""
        data += part
    head, rest = data.split(b"\r\n\r\n", 1)
    return head.decode("latin-1").split("\r\n"), rest


def relay(one, other):
    to = {one: other, other: one}
    while to:
        ready, _, _ = select.select(list(to), [], [], IDLE_SECONDS)
        if not ready:
            return
        for side in ready:
            data = side.recv(65536)
            if not data:
                return
            to[side].sendall(data)


def serve(client, who):
    lines, rest = read_head(client)
    if not lines:
        return
    method, target, _ = lines[0].split(" ", 2)
    log.write(f"{who} {method} {target}\n")
    if who == "sandbox" and os.path.exists(refuse_file):
        client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    url = urllib.parse.urlsplit("//" + target if method == "CONNECT" else target)
    with socket.create_connection((url.hostname, url.port or 80), timeout=IDLE_SECONDS) as server:
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            server.sendall(rest)
        else:
            # One request for each connection: the next one may be for another host.
            path = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
            dropped = ("connection:", "proxy-connection:", "proxy-authorization:")
            kept = [line for line in lines[1:] if not line.lower().startswith(dropped)]
            head = "\r\n".join([f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""])
            server.sendall(head.encode("latin-1") + rest)
        relay(client, server)


def handle(client, address):
    who = {masqueraded: "sandbox", own: "machine"}.get(address[0], address[0])
    try:
        with client:
            client.settimeout(IDLE_SECONDS)
            serve(client, who)
    except (OSError, ValueError) as error:
        log.write(f"{who} failed {error}\n")
    finally:
        places.release()


listener = listen_outside()
listener.settimeout(1)
log.write("ready\n")
# Ends with whoever started it.
while os.getppid() == parent:
    try:
        connection = listener.accept()
    except TimeoutError:
        continue
    places.acquire()
    threading.Thread(target=handle, args=connection, daemon=True).start()
