"""Serves a directory: index.html for directories, 404.html if there is one, nothing hidden, no listings."""
import http.server
import os
import sys
import urllib.parse


class Site(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }

    def send_head(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        hidden = any(part.startswith(".") and part != ".well-known" for part in path.split("/") if part)
        local = self.translate_path(self.path)
        if hidden or not os.path.realpath(local).startswith(os.path.realpath(self.directory)):
            return self.missing()
        if not os.path.exists(local) and os.path.isfile(local + ".html"):
            self.path = urllib.parse.urlsplit(self.path).path + ".html"
        elif not os.path.exists(local):
            return self.missing()
        return super().send_head()

    def list_directory(self, path):
        return self.missing()

    def missing(self):
        page = os.path.join(self.directory, "404.html")
        body = open(page, "rb").read() if os.path.isfile(page) else b"Not found\n"
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8" if os.path.isfile(page) else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format, *args):
        pass  # The gateway writes the access log.


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    root = os.path.abspath(sys.argv[1])
    Server(("0.0.0.0", int(os.environ["PORT"])), lambda *a: Site(*a, directory=root)).serve_forever()
