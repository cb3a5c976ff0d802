"""Turns HTTP into calls of one function: python shim.py SOURCE TARGET SIGNATURE, or python shim.py --generic"""

import sys

if sys.flags.isolated:  # With -I what lies beside this file is not found by itself.
    sys.path.insert(0, __file__.rpartition("/")[0])

from mayfly_shim import start

start.main(sys.argv[1:])
