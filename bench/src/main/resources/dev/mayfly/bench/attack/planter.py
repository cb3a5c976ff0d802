"""Lays a program into its own /tmp, under the name of an interpreter."""
import http.server
import os
import shutil

os.makedirs("/tmp/bin", exist_ok=True)
shutil.copy("/workspace/python3", "/tmp/bin/python3")
os.chmod("/tmp/bin/python3", 0o755)
os.chmod("/tmp/bin", 0o755)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
