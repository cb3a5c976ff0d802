#!/usr/bin/env bash
# tools/first-answer.sh source|release: how long a newcomer waits for the first answer of their first app, with every line that
# they see and the second it came in. Of a clone ('source'): libraries, packages of Node and base images are fetched anew;
# of the file that ./mayfly package makes ('release'): from unpacking it, with an empty data folder. Debian's packages are
# those of this machine: to measure their installation, run it on a new one. Removes all that it made.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
what=${1:-}
case $what in source | release) ;; *)
  echo "usage: tools/first-answer.sh source|release" >&2
  exit 2
  ;;
esac
work=$(mktemp -d)
end() {
  trap - EXIT INT TERM
  [ ! -f "$work/data/server.json" ] || "$work/mayfly-tree/mayfly" down --data "$work/data" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

[ "$what" = source ] || file=$("$root/mayfly" package)
mkdir "$work/home"
export HOME=$work/home npm_config_cache=$work/home/npm MAVEN_OPTS="-Dmaven.repo.local=$work/home/m2"
unset "${!MAYFLY_@}"
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) processors"
begin=$(date +%s%3N)
since() { awk -v ms="$(($(date +%s%3N) - begin))" 'BEGIN { printf "%.1f", ms / 1000 }'; }
if [ "$what" = source ]; then
  git clone -q --no-hardlinks "$root" "$work/mayfly-tree"
else
  mkdir "$work/mayfly-tree"
  tar -xzf "$file" -C "$work/mayfly-tree" --strip-components=1
fi
# Not a terminal and no password: as a script of somebody's would call it.
status=0
"$work/mayfly-tree/mayfly" up -d --yes --data "$work/data" --port 0 --control-port 0 2>&1 </dev/null |
  while IFS= read -r line; do printf '%7s  %s\n' "$(since)" "$line"; done | tee "$work/said" || status=$?
answer=$(grep -c 'Hello from Mayfly' "$work/said" || true)
echo "first answer after $(since) s (with what is printed after it)"
[ "$status" = 0 ] && [ "$answer" -gt 0 ] || {
  echo "mayfly: there was no answer" >&2
  exit 1
}
