import os
import sys

from bottle import Bottle

app = Bottle()


@app.get("/")
def index():
    return f"Hello from Python {sys.version_info.major}.{sys.version_info.minor}"


app.run(host="0.0.0.0", port=int(os.environ["PORT"]), quiet=True)
