"""Reads and answers in chunks of one byte, as fast as it can."""
import os
import socket
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"


def serve(connection):
    with connection:
        last = b""
        while data := connection.recv(65536):
            last = (last + data)[-1024:]
            if last.startswith(b"GET"):
                connection.sendall(ANSWER)
                return
            if last.endswith(b"0\r\n\r\n"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                return


listener = socket.create_server(("0.0.0.0", int(os.environ["PORT"])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
