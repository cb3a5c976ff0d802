"""HTTP/1.1 on a socket (RFC 9112): as much of it as stands between the gateway and one function."""

import _socket

HEAD_BYTES_MAX = 128 * 1024
FIELDS_MAX = 256
BODY_BYTES_MAX = 32 * 1024 * 1024
CHUNK_LINE_BYTES_MAX = 4 * 1024
READ_BYTES = 64 * 1024

# Every character of a token (RFC 9110, 5.6.2) becomes nothing.
TOKEN = {ord(c): None for c in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
REASONS = {100: "Continue", 200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}
OURS = ("content-length", "connection", "transfer-encoding")


class Refused(Exception):
    """The request cannot be taken; the connection ends with this answer."""

    def __init__(self, status, detail):
        super().__init__(detail)
        self.status = status


class Gone(Exception):
    """The other side has left in the middle of a request."""


class Head:
    """Request line and fields; names in lower case, values of fields that repeat joined."""

    __slots__ = ("method", "target", "fields", "length", "close", "waits")

    def __init__(self, data):
        lines = data.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3:
            raise Refused(400, "request line (expected: method, target, version)")
        self.method, self.target, version = parts
        if not self.method or self.method.translate(TOKEN) or not self.target or not self.target.isprintable():
            raise Refused(400, "request line (expected: method, target, version)")
        if version not in ("HTTP/1.1", "HTTP/1.0"):
            raise Refused(505 if version.startswith("HTTP/") else 400, f"version: '{version}' (expected: HTTP/1.1)")
        if len(lines) - 1 > FIELDS_MAX:
            raise Refused(431, f"more than {FIELDS_MAX} header fields")
        self.fields = fields = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name.translate(TOKEN) or "\r" in value or "\n" in value or "\0" in value:
                raise Refused(400, "header field (expected: name, colon, value)")
            name, value = name.lower(), value.strip(" \t")
            if name in fields:
                if name == "host":
                    raise Refused(400, "host: twice (expected: once)")
                value = fields[name] + ("; " if name == "cookie" else ", ") + value
            fields[name] = value
        if version == "HTTP/1.1" and "host" not in fields:
            raise Refused(400, "host: missing")
        options = [option.strip() for option in fields.get("connection", "").lower().split(",")]
        self.close = "close" in options or (version == "HTTP/1.0" and "keep-alive" not in options)
        self.waits = fields.get("expect", "").lower() == "100-continue" and version == "HTTP/1.1"
        self.length = self._length(version)

    def _length(self, version):
        """Bytes of the body; None if it comes in chunks."""
        coding, length = self.fields.get("transfer-encoding"), self.fields.get("content-length")
        if coding is not None:
            if length is not None or version == "HTTP/1.0":
                raise Refused(400, "transfer-encoding (expected: not with content-length, not in HTTP/1.0)")
            if coding.lower() != "chunked":
                raise Refused(501, f"transfer-encoding: '{coding}' (expected: chunked)")
            return None
        if length is None:
            return 0
        if not (length.isascii() and length.isdigit()):
            raise Refused(400, f"content-length: '{length}' (expected: one number)")
        if len(length) > 18 or int(length) > BODY_BYTES_MAX:
            raise Refused(413, f"body: more than {BODY_BYTES_MAX} bytes")
        return int(length)


class Connection:
    """One connection of the gateway. Reads come from a buffer; answers leave in one piece."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""

    def fill(self):
        """Reads more; false at the end."""
        more = self.sock.recv(READ_BYTES)
        self.data += more
        return bool(more)

    def head(self):
        """The next head, or nothing if it is not all here yet."""
        if self.data[:1] in (b"\r", b"\n"):
            self.data = self.data.lstrip(b"\r\n")
        end = self.data.find(b"\r\n\r\n")
        if end > HEAD_BYTES_MAX or (end < 0 and len(self.data) > HEAD_BYTES_MAX):
            raise Refused(431, f"head: more than {HEAD_BYTES_MAX} bytes")
        if end < 0:
            if self.data.count(b"\n") != self.data.count(b"\r\n"):
                raise Refused(400, "line end (expected: CR LF)")
            return None
        head, self.data = self.data[:end], self.data[end + 4 :]
        return Head(head)

    def body(self, head):
        """The whole body."""
        if head.waits and not self.data and head.length != 0:
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if head.length is not None:
            return self._take(head.length)
        parts, size = [], 0
        while True:
            text = self._line().split(b";", 1)[0].strip(b" \t")
            if not text or len(text) > 8 or text.strip(b"0123456789abcdefABCDEF"):
                raise Refused(400, "chunk size (expected: a hexadecimal number)")
            length = int(text, 16)
            size += length
            if size > BODY_BYTES_MAX:
                raise Refused(413, f"body: more than {BODY_BYTES_MAX} bytes")
            if length == 0:
                break
            parts.append(self._take(length))
            if self._take(2) != b"\r\n":
                raise Refused(400, "chunk (expected: as long as announced)")
        for _ in range(FIELDS_MAX):
            if not self._line():
                return b"".join(parts)
        raise Refused(431, f"more than {FIELDS_MAX} trailer fields")

    def _take(self, length):
        if len(self.data) < length:
            parts, size = [self.data], len(self.data)
            while size < length:
                more = self.sock.recv(min(1 << 20, max(READ_BYTES, length - size)))
                if not more:
                    raise Gone
                parts.append(more)
                size += len(more)
            self.data = b"".join(parts)
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def _line(self):
        while True:
            end = self.data.find(b"\n")
            if end > CHUNK_LINE_BYTES_MAX or (end < 0 and len(self.data) > CHUNK_LINE_BYTES_MAX):
                raise Refused(400, f"chunk size or trailer: more than {CHUNK_LINE_BYTES_MAX} bytes")
            if end >= 0:
                line, self.data = self.data[:end], self.data[end + 1 :]
                if not line.endswith(b"\r"):
                    raise Refused(400, "line end (expected: CR LF)")
                return line[:-1]
            if not self.fill():
                raise Gone

    def answer(self, status, fields, content, method="GET", close=False):
        self.sock.sendall(render(status, fields, content, method, close))

    def refuse(self, status, detail):
        """An error of the request, not of the function; the connection ends."""
        content = f"{detail}\n".encode()
        self.answer(status, [("content-type", "text/plain; charset=utf-8")], content, close=True)

    def unavailable(self):
        """For whoever comes after the one request that was to be answered."""
        content = b'{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"This instance answers one request and has had it."}'
        self.answer(503, [("content-type", "application/problem+json")], content, close=True)

    def end(self):
        """Lets what was sent arrive: a TCP socket that is closed with unread bytes resets the connection."""
        try:
            self.sock.shutdown(_socket.SHUT_WR)
            if self.sock.family != _socket.AF_UNIX:
                self.sock.settimeout(1)
                for _ in range(64):
                    if not self.sock.recv(READ_BYTES):
                        break
        except OSError:
            pass  # It has left already.
        self.sock.close()


def render(status, fields, content, method, close):
    """The bytes of an answer."""
    head = [f"HTTP/1.1 {status} {REASONS.get(status, '')}\r\n"]
    for name, value in fields:
        if name.lower() not in OURS:
            if name.translate(TOKEN) or not name or "\r" in value or "\n" in value or "\0" in value:
                raise ValueError(f"header field {name!r}: {value!r} (expected: a token, and one line of text)")
            head.append(f"{name}: {value}\r\n")
    bodyless = status in (204, 304)
    if not bodyless:
        head.append(f"content-length: {len(content)}\r\n")
    head.append("connection: close\r\n\r\n" if close else "\r\n")
    text = "".join(head).encode("latin-1")
    return text if bodyless or method == "HEAD" else text + content
