#!/bin/sh
# Builds and runs the unit tests in C (src/test/c), each with the sources that its first line names, under sanitizers if the compiler
# has them. Fails if one fails. Where build.sh found nothing to build the launcher with, it says so and succeeds.
set -eu
cd "$(dirname "$0")"
cc=${CC:-cc}
out=${OUT:-target}/test
if ! command -v "$cc" >/dev/null || [ ! -x "${OUT:-target}/mayfly-launcher" ]; then
  echo "no C compiler, or build.sh has built nothing: the launcher's unit tests are not run"
  exit 0
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
flags="-std=gnu11 -g -O0 -Wall -Wextra ${CI:+-Werror} -Wno-missing-field-initializers -Wno-format-truncation"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
echo 'int main(void) { return 0; }' >"$out/sanitized.c"
# shellcheck disable=SC2086
if "$cc" $sanitizers "$out/sanitized.c" -o "$out/sanitized" 2>/dev/null && "$out/sanitized"; then
  flags="$flags $sanitizers"
else
  echo "this compiler has no sanitizers: the launcher's unit tests run without"
fi

# Built and run in a subshell for each; says nothing unless it fails.
run() {
  name=$(basename "$1" .c)
  sources=$(sed -n '1s#^/\* Links: \(.*\) \*/$#\1#p' "$1")
  [ -n "$sources" ] || { echo "$1: its first line names no sources (expected: /* Links: a.c b.c */)"; return 1; }
  # shellcheck disable=SC2086
  "$cc" $flags -Isrc/main/c -Isrc/test/c "$1" $(printf 'src/main/c/%s ' $sources) -o "$out/$name" || return 1
  TMPDIR=$out timeout 60 "$out/$name" >"$out/$name.log" 2>&1 || { cat "$out/$name.log"; echo "$1 failed"; return 1; }
}

# At the same time, as many as there are processors.
most=$(getconf _NPROCESSORS_ONLN)
failed=0 running='' count=0
wait_for_first() {
  first=${running%% *}
  running=${running#* }
  wait "$first" || failed=1
}
for test in src/test/c/*_test.c; do
  run "$test" &
  running="$running$! "
  count=$((count + 1))
  [ "$(echo "$running" | wc -w)" -lt "$most" ] || wait_for_first
done
while [ -n "$running" ]; do wait_for_first; done
[ "$failed" = 0 ] || exit 1
echo "$count unit tests in C passed"
