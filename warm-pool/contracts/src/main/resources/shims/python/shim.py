"""Turns HTTP into calls of one function: python shim.py SOURCE TARGET SIGNATURE, or python shim.py --generic"""

import sys

from mayfly_shim import start

start.main(sys.argv[1:])
