"""The shim of Python functions. It imports next to nothing: what it needs itself is paid by every fresh instance."""
