#!/bin/sh
# Proves that it ran where it must not: on the machine's own files, which any of the machine's processes leads to.
echo "as $(id -u), outside of every sandbox" > /proc/HOST/rootCANARY/ran
