#!/usr/bin/env bash
# tools/flaky.sh [N] [MODULE [TEST]]: runs tests N times (default 5) beside processes that spin on every core, and lists what
# failed even once, with the first line of why. MODULE is a folder such as gateway, TEST a pattern of class names such as
# 'Reuse*'; default: everything. Needs what ./mayfly test needs. Exit code 1 if anything failed.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
command=test
# shellcheck source=tools/lib.sh
. "$root/tools/lib.sh"

rounds=${1:-5} module=${2:-} pattern=${3:-*}
round_seconds_max=3600
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || usage_error "flaky: '$rounds' (expected: how often, 1 to 999)"
[ -z "$module" ] || [ -d "$root/$module/src/test/java" ] || usage_error "flaky: '$module' (expected: a folder of a module with tests, such as gateway)"

assume_yes=1
ensure_build_tools
ensure_test_tools
found=$(mktemp)
spinning=()
end() {
  trap - EXIT INT TERM
  kill "${spinning[@]}" 2>/dev/null || true
  rm -f "$found"
}
trap end EXIT
trap 'exit 130' INT TERM

# The classes of the module by their full names: those of modules that it needs are not to run.
selection=(-pl '!platform/distribution')
if [ -n "$module" ]; then
  classes=$(cd "$root/$module/src/test/java" && find . -name "$pattern.java" \( -name '*Test.java' -o -name '*IT.java' \) | sed 's|^\./||; s|\.java$||; s|/|.|g')
  [ -n "$classes" ] || usage_error "flaky: no class $pattern among the tests of $module"
  unit=$(grep 'Test$' <<<"$classes" | paste -sd, || true)
  whole=$(grep 'IT$' <<<"$classes" | paste -sd, || true)
  selection=(-pl "$module" -am "-Dtest=${unit:-None}" "-Dit.test=${whole:-None}"
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false)
  # End-to-end tests know no module: what they run is built before.
  [ "$module" != platform/e2e ] || build_if_changed
else
  build_if_changed
fi

# Each ends by itself: nothing spins for ever if this script is killed.
for _ in $(seq "$(nproc)"); do
  timeout "$((rounds * round_seconds_max))" sh -c 'while :; do :; done' &
  spinning+=($!)
done

# failures FILE: reads reports of tests, one after the other; prints class, method and first line of why, with tabs between.
failures() {
  awk '
    function attribute(name,  text) {
      if (!match($0, " " name "=\"[^\"]*\"")) return ""
      text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
      sub(/&#10;.*/, "", text); gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    /<testcase / { method = attribute("name"); class = attribute("classname") }
    /<(failure|error)[ >]/ { print class "\t" method "\t" substr(attribute("message"), 1, 200) }
  ' "$1"
}

mkdir -p "$root/target"
for round in $(seq "$rounds"); do
  say "Round $round of $rounds (all output: target/flaky-$round.log)"
  touch "$root/target/flaky-begin"
  launcher=()
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  (cd "$root" && CI=true exec timeout "$round_seconds_max" "${launcher[@]}" mvn -B verify -Dmaven.test.failure.ignore=true "${selection[@]}") \
    >"$root/target/flaky-$round.log" 2>&1 || { printf 'build\tround %s\t%s\n' "$round" "$(grep -m 1 -a ERROR "$root/target/flaky-$round.log" || echo "ended after at most $round_seconds_max s")" >>"$found"; }
  ran=0
  while IFS= read -r -d '' report; do
    ran=$((ran + 1))
    failures "$report" >>"$found"
  done < <(find "$root" -path '*/node_modules' -prune -o -path '*-reports/TEST-*.xml' -newer "$root/target/flaky-begin" -print0)
  detail "$ran classes ran"
  [ "$ran" -gt 0 ] || die "nothing ran; see target/flaky-$round.log"
done

if [ ! -s "$found" ]; then
  say "Nothing failed in $rounds rounds"
  exit 0
fi
say "Failed at least once in $rounds rounds"
sort "$found" | awk -F '\t' '
  { key = $1 "." $2; if (!(key in times)) { order[++n] = key; why[key] = $3 } times[key]++ }
  END { for (i = 1; i <= n; i++) printf "%3d times  %s\n           %s\n", times[order[i]], order[i], why[order[i]] }'
exit 1
