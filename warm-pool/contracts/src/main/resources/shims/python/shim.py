"""Turns HTTP into calls of one function: python shim.py SOURCE TARGET SIGNATURE"""

import base64
import http.server
import importlib.util
import io
import json
import os
import socket
import socketserver
import sys
import traceback
import urllib.parse
from wsgiref.handlers import SimpleHandler

BODY_MAX = 32 * 1024 * 1024
SOURCE, TARGET, SIGNATURE = sys.argv[1:4]


class Request:
    """What a plain handler receives."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body

    def json(self):
        return json.loads(self.body) if self.body else None

    def text(self):
        return self.body.decode()


class CloudEvent:
    """A CloudEvent 1.0: attributes by name, and data."""

    def __init__(self, attributes, data):
        self.attributes, self.data = attributes, data

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name, default=None):
        return self.attributes.get(name, default)


class BadRequest(Exception):
    pass


def load():
    """Returns (how to call it, function or WSGI app)."""
    sys.path.insert(0, os.getcwd())
    if importlib.util.find_spec("functions_framework"):
        import functions_framework

        return "wsgi", functions_framework.create_app(TARGET, SOURCE, SIGNATURE)
    spec = importlib.util.spec_from_file_location("function", SOURCE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["function"] = module
    spec.loader.exec_module(module)
    function = getattr(module, TARGET, None)
    if not callable(function):
        raise LookupError(f"{SOURCE} has no function '{TARGET}'")
    return SIGNATURE, function


def to_event(headers, body):
    kind = (headers.get("content-type") or "").split(";")[0].strip()
    if kind == "application/cloudevents+json":
        attributes = json.loads(body)
        data = attributes.pop("data", None)
        if "data_base64" in attributes:
            data = base64.b64decode(attributes.pop("data_base64"))
    else:
        attributes = {name[3:]: urllib.parse.unquote(value) for name, value in headers.items() if name.startswith("ce-")}
        if kind:
            attributes["datacontenttype"] = kind
        json_like = kind == "application/json" or kind.endswith("+json")
        data = None if not body else json.loads(body) if json_like else body.decode() if kind.startswith("text/") else body
    for name in ("id", "source", "type", "specversion"):
        if not attributes.get(name):
            raise BadRequest(f"not a CloudEvent: '{name}' is missing")
    return CloudEvent(attributes, data)


def to_answer(value):
    """What a handler may return: text, bytes, anything for JSON, nothing, or (value, status[, headers])."""
    status, headers = None, {}
    if isinstance(value, tuple):
        value, status, headers = (*value, {})[:3]
    headers = {str(name).lower(): str(text) for name, text in dict(headers).items()}
    if value is None:
        return status or 204, headers, b""
    if isinstance(value, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        return status or 200, headers, value.encode()
    if isinstance(value, (bytes, bytearray)):
        headers.setdefault("content-type", "application/octet-stream")
        return status or 200, headers, bytes(value)
    headers.setdefault("content-type", "application/json")
    return status or 200, headers, json.dumps(value).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024
    style = function = failure = None

    def handle_one_request(self):
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
            elif self.parse_request():
                self.answer()
                self.wfile.flush()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self):
        if self.path == "/_mayfly/ready":
            return self.send(500 if self.failure else 200, {}, (self.failure or "").encode())
        try:
            body = self.body()
            if self.style == "wsgi":
                return self.wsgi(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            url = urllib.parse.urlsplit(self.path)
            if self.style == "cloudevent":
                value = self.function(to_event(headers, body))
            else:
                query = {name: values[-1] for name, values in urllib.parse.parse_qs(url.query, True).items()}
                value = self.function(Request(self.command, urllib.parse.unquote(url.path), query, headers, body))
            self.send(*to_answer(value))
        except (BadRequest, json.JSONDecodeError) as error:
            self.send(400, {"content-type": "text/plain"}, f"{error}\n".encode())
        except Exception:
            traceback.print_exc()
            self.send(500, {"content-type": "text/plain"}, b"The function failed.\n")

    def body(self):
        if "chunked" in (self.headers.get("transfer-encoding") or "").lower():
            parts, size = [], 0
            while length := int(self.rfile.readline(64).split(b";")[0], 16):
                size += length
                if size > BODY_MAX:
                    raise BadRequest("body too large")
                parts.append(self.rfile.read(length))
                self.rfile.readline(8)
            while self.rfile.readline(65537).strip():
                pass
            return b"".join(parts)
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_MAX:
            self.close_connection = True
            raise BadRequest("body too large")
        return self.rfile.read(length)

    def wsgi(self, body):
        url = urllib.parse.urlsplit(self.path)
        host = (self.headers.get("host") or "localhost").split(":")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": urllib.parse.unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("content-type") or "",
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": host[0],
            "SERVER_PORT": host[1] if len(host) > 1 else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
                environ[key] = value
        out = {}

        def start(status, headers, exc_info=None):
            out["status"], out["headers"] = int(status.split(" ", 1)[0]), headers

        handler = SimpleHandler(io.BytesIO(body), io.BytesIO(), sys.stderr, environ, multithread=True)
        handler.setup_environ()
        result = self.function(handler.environ, start)
        try:
            content = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        self.send(out["status"], out["headers"], content)

    def send(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers.items() if isinstance(headers, dict) else headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(content)

    def log_message(self, *args):
        pass  # The gateway writes the access log.


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True


class UnixServer(Server):
    address_family = socket.AF_UNIX
    allow_reuse_address = False

    def get_request(self):
        request, _ = self.socket.accept()
        return request, ("", 0)


class InheritedServer(UnixServer):
    """Serves on a socket that listens already, handed over by whoever started us."""

    def __init__(self, descriptor):
        super().__init__("", Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=descriptor)


if __name__ == "__main__":
    try:
        Handler.style, function = load()
        Handler.function = staticmethod(function)
    except BaseException:
        Handler.failure = traceback.format_exc()
        print(Handler.failure, file=sys.stderr, flush=True)
    path = os.environ.get("MAYFLY_SOCKET")
    if path and path.startswith("fd:"):
        server = InheritedServer(int(path[3:]))
    elif path:
        server = UnixServer(path, Handler)
    else:
        server = Server(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Handler)
    server.serve_forever()
