"""The app that is attacked: it echoes, so that an answer that belongs to another request shows."""
import ctypes
import fcntl
import http.server
import os
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLOCK_MONOTONIC = 1


def kernel():
    """Whether this sandbox gets what another one may have used up."""
    watch = LIBC.inotify_init1(os.O_CLOEXEC)
    if watch < 0:
        return "inotify: " + os.strerror(ctypes.get_errno())
    os.close(watch)
    timer = ctypes.c_void_p()
    if LIBC.timer_create(CLOCK_MONOTONIC, None, ctypes.byref(timer)) != 0:
        return "timer: " + os.strerror(ctypes.get_errno())
    LIBC.timer_delete(timer)
    return "ok"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/endless":
            self.endless()
            return
        self.answer(kernel() if self.path == "/kernel" else self.path.removeprefix("/echo/"))

    def do_POST(self):
        # Answers before it has read the body, as many servers do, and then reads what it was promised.
        self.answer("early")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def endless(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"5\r\ntick\n\r\n")
            self.wfile.flush()
            time.sleep(0.02)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


Server(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
