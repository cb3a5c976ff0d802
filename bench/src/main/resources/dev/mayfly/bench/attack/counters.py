"""Holds as many inotify instances, queued signals and timers as the kernel gives, and says how many."""
import ctypes
import http.server
import os
import resource
import signal

LIBC = ctypes.CDLL(None, use_errno=True)
QUEUED_MAX = 200_000


def flood():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    watches = 0
    while watches < 4096 and LIBC.inotify_init1(0) >= 0:
        watches += 1
    blocked = signal.SIGRTMIN + 3
    signal.pthread_sigmask(signal.SIG_BLOCK, [blocked])
    queued = 0
    while queued < QUEUED_MAX and LIBC.sigqueue(os.getpid(), blocked, ctypes.c_void_p(1)) == 0:
        queued += 1
    return "%d inotify instances, %d signals" % (watches, queued)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (flood() if self.path == "/flood" else "ok").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
