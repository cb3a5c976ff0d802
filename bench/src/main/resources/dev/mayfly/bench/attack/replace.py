"""Takes the place of a module of the interpreter's, if that looks into the app's folder first."""
import os
import sys

# Those that were asked before this one: what they said is read when all have been asked.
for folder in ("/layers", "/detect"):
    for name in ("node", "function-node"):
        path = os.path.join(folder, name)
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                os.rename(path, path + ".old")
            os.symlink("TARGET", path)
        except OSError:
            pass
sys.exit(1)
