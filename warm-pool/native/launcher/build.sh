#!/bin/sh
# Builds the launcher into OUT (default: target beside this file). A C compiler, the C library's static archive and the
# kernel's headers are all it needs. Without them it says so and succeeds: the other runtime classes work all the same.
# FLAGS adds or replaces compiler flags (for instance sanitizers).
set -eu
cd "$(dirname "$0")"
out=${OUT:-target}
allow=../../oci/src/main/resources/dev/mayfly/sandbox/oci/seccomp-allow.txt
mkdir -p "$out"
if ! command -v "${CC:-cc}" >/dev/null; then
  echo "no C compiler: the runtime class 'native' will not be there (Debian: apt-get install gcc libc6-dev)"
  exit 0
fi
# One list of system calls for all runtime classes; names that this processor does not know are left out.
sed 's/#.*//' "$allow" | tr -s ' ' '\n' | sed -n 's/^\([a-z0-9_]\{1,\}\)$/#ifdef SYS_\1\nSYS_\1,\n#endif/p' >"$out/seccomp-allow.inc.new"
cmp -s "$out/seccomp-allow.inc.new" "$out/seccomp-allow.inc" 2>/dev/null || mv "$out/seccomp-allow.inc.new" "$out/seccomp-allow.inc"
rm -f "$out/seccomp-allow.inc.new"
if [ -x "$out/mayfly-launcher" ] && [ -z "$(find src/main/c src/zygote "$out/seccomp-allow.inc" build.sh -newer "$out/mayfly-launcher" -print -quit)" ]; then
  exit 0
fi
compile() {
  # Warnings are errors where they are looked at; elsewhere a newer compiler may have new ones.
  "${CC:-cc}" -std=gnu11 -Wall -Wextra ${CI:+-Werror} -Wno-missing-field-initializers -Wno-format-truncation "$@"
}
program() { compile "$@" -I"$out" src/main/c/*.c -o "$out/mayfly-launcher.new"; }
# What of it zygotes need; the rest is left out by the linker.
library() {
  compile -O2 -fPIC -shared -fvisibility=hidden -ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,-z,defs -I"$out" -Isrc/main/c \
    src/zygote/inside.c $(find src/main/c -name '*.c' ! -name main.c) -o "$out/mayfly-zygote.so.new"
}
# Not every system has the C library as an archive.
# shellcheck disable=SC2086
if program ${FLAGS:--O2 -static} || { [ -z "${FLAGS:-}" ] && program -O2; }; then
  library && mv "$out/mayfly-zygote.so.new" "$out/mayfly-zygote.so"
  mv "$out/mayfly-launcher.new" "$out/mayfly-launcher"
else
  rm -f "$out/mayfly-launcher"
  echo "the launcher could not be compiled: the runtime class 'native' will not be there"
  [ -z "${CI:-}" ] # An error only where somebody looks for one.
fi
