"""Functions of the Functions Framework, which is a WSGI app (PEP 3333)."""

import io
import sys

from mayfly_shim import calls


class App:
    def __init__(self, target, source, signature):
        import functions_framework

        self.name = target
        self.app = functions_framework.create_app(target, source, signature)

    def ready(self):
        return 200, [], b""

    def handle(self, head, body):
        try:
            return self._run(environ(head, body))
        except Exception as error:
            return calls.failed(error)

    def _run(self, environment):
        answer = Answer(self.name)
        result = self.app(environment, answer.start)
        try:
            for part in result:
                answer.write(part)
        finally:
            if hasattr(result, "close"):
                result.close()
        return answer.finish()


class Answer:
    """Collects what the app answers, and says so if it goes on afterwards."""

    def __init__(self, name):
        self.name, self.status, self.fields, self.parts, self.over = name, None, [], [], False

    def start(self, status, fields, exc_info=None):
        if self.over or (self.status is not None and exc_info is None):
            print(f"function '{self.name}': it answered twice; the first answer holds", file=sys.stderr, flush=True)
        else:
            self.status, self.fields = int(status.split(" ", 1)[0]), list(fields)
        return self.write

    def write(self, part):
        if self.over:
            print(f"function '{self.name}': it wrote after its answer; that is lost", file=sys.stderr, flush=True)
        else:
            self.parts.append(part)

    def finish(self):
        self.over = True
        if self.status is None:
            raise RuntimeError("the app did not start an answer")
        return self.status, self.fields, b"".join(self.parts)


def environ(head, body):
    path, _, query = calls.split(head.target)
    host, _, port = head.fields.get("host", "localhost").partition(":")
    found = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": calls.unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": head.fields.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in head.fields.items():
        if name not in ("content-type", "content-length", "transfer-encoding"):
            found["HTTP_" + name.upper().replace("-", "_")] = value
    return found
