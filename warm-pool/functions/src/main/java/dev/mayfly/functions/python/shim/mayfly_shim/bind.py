"""A start in two halves: a process that knows no function waits for the message that says which it is to be."""

import _json
import os
import site
import sys
import time

MESSAGE_BYTES_MAX = 192 * 1024
STDLIB = os.path.dirname(os.__file__)


def wait(control):
    """Blocks until the message has come, makes this process what it says, and returns the arguments. Ends at end of file."""
    os.write(1, b"generic\n")  # Whoever started us knows by it that all is done that can be done ahead.
    data = read(control)
    # Closed before anything of the tenant runs: nobody can bind this process again.
    os.close(control)
    if not data:
        os._exit(0)
    arguments, environment, directory = parse(data)
    adopt(environment, directory)
    return arguments


def read(control):
    os.set_blocking(control, True)
    data = b""
    while True:
        more = os.read(control, 256 * 1024)
        if not more:
            return data
        data += more
        if len(data) > MESSAGE_BYTES_MAX:
            sys.exit(f"bind message: more than {MESSAGE_BYTES_MAX} bytes")


class Strict:
    """How json.loads would set up its scanner. The import of json costs half as much as the start of Python."""

    strict, object_hook, object_pairs_hook, memo = True, None, None, {}
    parse_float, parse_int, parse_constant = float, int, float


def parse(data):
    try:
        text = data.decode().strip()
        message, end = _json.make_scanner(Strict)(text, 0)
    except (ValueError, StopIteration) as error:
        sys.exit(f"bind message: no JSON ({error})")
    if end != len(text):
        sys.exit(f"bind message: no JSON (more at {end})")
    if not isinstance(message, dict):
        sys.exit("bind message: no JSON object")
    arguments, environment, directory = (message.get(name) for name in ("argv", "env", "cwd"))
    if not isinstance(arguments, list) or not all(isinstance(each, str) for each in arguments):
        sys.exit("bind message: argv (expected: a list of texts)")
    if not isinstance(environment, dict):
        sys.exit("bind message: env (expected: an object of texts)")
    for name, value in environment.items():
        if not isinstance(value, str) or not name or "=" in name or "\0" in name + value:
            sys.exit(f"bind message: env.{name} (expected: a text without NUL under a name without '=')")
    if not isinstance(directory, str) or not directory.startswith("/"):
        sys.exit(f"bind message: cwd: {directory!r} (expected: an absolute path)")
    return arguments, environment, directory


def adopt(environment, directory):
    """Does late what Python does at its start: environment, directory, virtual environment, module path."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    try:
        os.chdir(directory)
    except OSError as error:
        sys.exit(f"bind message: cwd: {error}")
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    program = which(os.path.basename(sys.executable), environment.get("PATH", ""))
    if program:
        sys.executable = program
        home = os.path.dirname(os.path.dirname(program))
        if os.path.exists(os.path.join(home, "pyvenv.cfg")):
            sys.prefix = sys.exec_prefix = home
    own = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    zipped = "python%d%d.zip" % sys.version_info[:2]
    theirs = [path for path in sys.path if path == STDLIB or path.startswith(STDLIB + "/lib-") or os.path.basename(path) == zipped]
    sys.path[:] = sys.path[:1] + own + theirs
    for path in set(sys.path_importer_cache).difference(theirs):  # Nothing is laid over the standard library.
        del sys.path_importer_cache[path]
    for name in ("sitecustomize", "usercustomize"):
        sys.modules.pop(name, None)
    site.PREFIXES = [sys.prefix, sys.exec_prefix]
    site.ENABLE_USER_SITE = site.USER_SITE = site.USER_BASE = None
    site.main()
    if "random" in sys.modules:
        sys.modules["random"].seed()


def which(name, path):
    """Where a start by name would have found the interpreter."""
    for folder in path.split(os.pathsep):
        program = os.path.join(folder, name)
        if folder and os.access(program, os.X_OK):
            return program
    return None
