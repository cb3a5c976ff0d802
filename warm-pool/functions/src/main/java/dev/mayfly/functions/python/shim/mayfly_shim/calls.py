"""What a function is given and what it may return."""

import os
import sys
from importlib import _bootstrap, _bootstrap_external


class Request:
    """What a plain handler receives."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body

    def json(self):
        import json

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


class Plain:
    """A function that is called with a request or an event."""

    def __init__(self, name, function, events):
        self.name, self.function, self.events = name, function, events

    def ready(self):
        return 200, [], b""

    def handle(self, head, body):
        try:
            given = to_event(head.fields, body) if self.events else request(head, body)
            return to_answer(self.function(given))
        except Exception as error:
            return failed(error)


class Broken:
    """A function that could not be loaded."""

    def __init__(self, name, why):
        self.name, self.why = name, why

    def ready(self):
        return 500, [("content-type", "text/plain; charset=utf-8")], self.why.encode("utf-8", "replace")

    def handle(self, head, body):
        return 500, [("content-type", "text/plain")], b"The function could not be loaded.\n"


class Mistake(Exception):
    """Of the settings, not of the code: where it was found says nothing."""


def load(source, target, signature):
    """How to call the function; if that cannot be known, something that says why."""
    try:
        sys.path.insert(0, os.getcwd())
        if any(finder.find_spec("functions_framework", None) for finder in sys.meta_path if hasattr(finder, "find_spec")):
            from mayfly_shim import wsgi

            return wsgi.App(target, source, signature)
        spec = _bootstrap_external.spec_from_file_location("function", source)
        if spec is None:
            raise Mistake(f"function.source: '{source}' (expected: a Python file)")
        module = _bootstrap.module_from_spec(spec)
        sys.modules["function"] = module
        spec.loader.exec_module(module)
        function = getattr(module, target, None)
        if not callable(function):
            raise Mistake(f"function.target: '{target}' (expected: a function of {source})")
        return Plain(target, function, signature == "cloudevent")
    except Mistake as mistake:
        print(mistake, file=sys.stderr, flush=True)
        return Broken(target, str(mistake))
    except BaseException:
        import traceback

        why = traceback.format_exc()
        print(why, file=sys.stderr, flush=True)
        return Broken(target, why)


def failed(error):
    """The answer when a function has thrown: 400 if it was the request's fault."""
    decoder = sys.modules.get("json.decoder")
    if isinstance(error, BadRequest) or (decoder and isinstance(error, decoder.JSONDecodeError)):
        return 400, [("content-type", "text/plain")], f"{error}\n".encode()
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)
    sys.stderr.flush()
    return 500, [("content-type", "text/plain")], b"The function failed.\n"


def request(head, body):
    path, _, query = split(head.target)
    found = {}
    if query:
        for pair in query.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                found[unquote(name.replace("+", " "))] = unquote(value.replace("+", " "))
    return Request(head.method, unquote(path), found, head.fields, body)


def split(target):
    """Path, question mark, query; a target that is a whole URL loses its first part."""
    if "://" in target and not target.startswith("/"):
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    return target.partition("?")


HEX = "0123456789abcdefABCDEF"


def unquote(text, encoding="utf-8"):
    """As urllib.parse does it, without the 5 ms that its import costs."""
    if "%" not in text:
        return text if encoding == "latin-1" or text.isascii() else text.encode("latin-1").decode(encoding, "replace")
    first, *others = text.encode("latin-1").split(b"%")
    parts = [first]
    for each in others:
        digits = each[:2].decode("latin-1")
        if len(digits) == 2 and digits[0] in HEX and digits[1] in HEX:
            parts.append(bytes((int(digits, 16),)) + each[2:])
        else:
            parts.append(b"%" + each)
    return b"".join(parts).decode(encoding, "replace")


def to_event(headers, body):
    kind = headers.get("content-type", "").split(";")[0].strip()
    try:
        if kind == "application/cloudevents+json":
            attributes, data = structured(body)
        else:
            attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
            if kind:
                attributes["datacontenttype"] = kind
            data = payload(kind, body)
    except UnicodeDecodeError as error:
        raise BadRequest(f"not a CloudEvent: its data is not {error.encoding}") from error
    for name in ("id", "source", "type", "specversion"):
        if not attributes.get(name):
            raise BadRequest(f"not a CloudEvent: '{name}' is missing")
    return CloudEvent(attributes, data)


def structured(body):
    import binascii
    import json

    attributes = json.loads(body)
    if not isinstance(attributes, dict):
        raise BadRequest("not a CloudEvent: the body is no JSON object")
    data = attributes.pop("data", None)
    if "data_base64" in attributes:
        try:
            data = binascii.a2b_base64(attributes.pop("data_base64"))
        except (ValueError, TypeError) as error:
            raise BadRequest("not a CloudEvent: 'data_base64' is not base64") from error
    return attributes, data


def payload(kind, body):
    if not body:
        return None
    if kind == "application/json" or kind.endswith("+json"):
        import json

        return json.loads(body)
    return body.decode() if kind.startswith("text/") else body


def to_answer(value):
    """What a handler may return: text, bytes, anything for JSON, nothing, or (value, status[, headers])."""
    status, headers = None, {}
    if isinstance(value, tuple):
        value, status, headers = (*value, {})[:3]
    headers = {str(name).lower(): str(text) for name, text in dict(headers).items()}
    if value is None:
        return status or 204, headers.items(), b""
    if isinstance(value, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        content = value.encode()
    elif isinstance(value, (bytes, bytearray)):
        headers.setdefault("content-type", "application/octet-stream")
        content = bytes(value)
    else:
        import json

        headers.setdefault("content-type", "application/json")
        content = json.dumps(value).encode()
    return status or 200, headers.items(), content
