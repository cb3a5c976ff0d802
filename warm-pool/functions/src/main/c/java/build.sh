#!/bin/sh
# Builds the native part of Java's shim: build.sh OUT, a directory. Needs a C compiler and the headers of the JDK in JAVA_HOME.
# Without a compiler it says so and succeeds: Java functions are then never bound late.
set -eu
cd "$(dirname "$0")"
mkdir -p "$1"
if ! command -v "${CC:-cc}" >/dev/null; then
  echo "no C compiler: functions in Java will not be bound late (Debian: apt-get install gcc libc6-dev)"
  exit 0
fi
# No path and no time gets into it: the same compiler gives the same bytes. It links nothing, so it fits any C library.
"${CC:-cc}" -std=gnu11 -O2 -s -shared -fPIC -nostdlib -Wall -Wextra ${CI:+-Werror} -Wl,--build-id=none \
  -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" process.c -o "$1/libmayfly-shim.so.new"
mv "$1/libmayfly-shim.so.new" "$1/libmayfly-shim.so"
