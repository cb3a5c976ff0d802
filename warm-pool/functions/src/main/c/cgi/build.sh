#!/bin/sh
# Builds the CGI shim, a static program that runs in any image of this machine's processor, into OUT (default: among the
# classes, where its language finds it). A C compiler and the C library's static archive are all it needs. Without them it says so
# and succeeds: functions with signature = "cgi" cannot be built then, everything else works all the same.
# FLAGS replaces the compiler flags (for instance by sanitizers).
set -eu
cd "$(dirname "$0")/../../../.."
out=${OUT:-target/classes/dev/mayfly/functions/cgi/shim}
program=$out/mayfly-cgi
mkdir -p "$out"
if ! command -v "${CC:-cc}" >/dev/null; then
  echo "no C compiler: functions with signature = \"cgi\" cannot be built (Debian: apt-get install gcc libc6-dev)"
  exit 0
fi
if [ -x "$program" ] && [ -z "$(find src/main/c/cgi -newer "$program" -print -quit)" ]; then
  exit 0
fi
compile() {
  # Warnings are errors where they are looked at; elsewhere a newer compiler may have new ones.
  "${CC:-cc}" -std=gnu11 -Wall -Wextra -Wshadow -Wno-missing-field-initializers ${CI:+-Werror} "$@" src/main/c/cgi/*.c -o "$program.new"
}
hardened="-O2 -s -D_FORTIFY_SOURCE=2 -fstack-protector-strong -Wl,-z,relro,-z,now"
# Not every system can link a static program to any address.
# shellcheck disable=SC2086
if compile ${FLAGS:-$hardened -fPIE -static-pie} || { [ -z "${FLAGS:-}" ] && compile $hardened -static; }; then
  mv "$program.new" "$program"
else
  rm -f "$program" "$program.new"
  echo "the CGI shim could not be compiled: functions with signature = \"cgi\" cannot be built"
  [ -z "${CI:-}" ] # An error only where somebody looks for one.
fi
