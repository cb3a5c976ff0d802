# ./mayfly test: every test (Java, console, end to end), then proof that nothing of them is left on this machine.

test_help() {
  cat <<'TEXT'
Usage: ./mayfly test [--all] [MAVEN OPTION…]
  --all   also the long ones: storms, and the benchmarks in their short form (tests with the tag "long")

Compiles and tests modules (two at a time with -T 2); then end-to-end tests, two classes at a time; then, by
themselves, those with the tag "alone". Prints the slowest classes, and compares the machine with what it was.
TEXT
}

mayfly_test() {
  local long=long # The tag that is left out.
  while [ $# -gt 0 ]; do
    case $1 in
      --all) long=none ;;
      -h | --help) test_help && return ;;
      -*) break ;;
      *) usage_error "test: unknown argument '$1' (./mayfly test --help)" ;;
    esac
    shift
  done
  assume_yes=1
  export LC_ALL=C.UTF-8 TZ=UTC # Nothing here may depend on the machine's own.
  local begin=$SECONDS before idle status=0
  ensure_build_tools
  ensure_test_tools
  before=$(mktemp)
  host_state >"$before"
  mkdir -p "$root/target"
  touch "$root/target/test-begin"
  idle=$(processor_time)
  rm -f "$root"/target/test-*.pid
  trap 'trap - INT TERM; kill $(cat "$root"/target/test-*.pid 2>/dev/null) $(jobs -p) 2>/dev/null; wait; exit 130' INT TERM

  # What all servers of end-to-end tests share; made once, while Maven is at work.
  make_base_images "$root/target/kept/base" &
  local images=$!
  run_maven modules verify -pl '!platform/e2e' -Dtests.left.out="$long" "$@" || status=1
  if [ "$status" = 0 ]; then
    detail "modules done after $((SECONDS - begin)) s"
    tree_state >"$dist/stamp"
    wait "$images" || true
    run_maven e2e verify -pl platform/e2e -Dtests.left.out="$long | alone" || status=1
    detail "end-to-end tests done after $((SECONDS - begin)) s"
    run_maven alone verify -pl platform/e2e -Dgroups=alone -De2e.side-by-side=1 -Dtests.left.out="$long" || status=1
  fi
  trap - INT TERM
  say "Comparing the machine with what it was"
  compare_host_state "$before" || status=1
  rm -f "$before"
  slowest_classes
  detail "processors were busy for $(busy_percent "$idle" "$(processor_time)") % of the time"
  say "Tests ended with $status after $((SECONDS - begin)) s"
  return "$status"
}

# run_maven NAME ARGUMENT… : in a mount namespace of its own, so that no test can touch the machine's mounts.
run_maven() {
  local name=$1 log=$root/target/test-$1.log launcher=()
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  say "$name (all output: target/test-$name.log)"
  shift
  : >"$log" # What follows it must not come before it.
  (cd "$root" && CI=true exec "${launcher[@]}" mvn -B "$@") >"$log" 2>&1 &
  local maven=$!
  echo "$maven" >"$root/target/test-$name.pid" # For who must end it.
  tail -n +1 -f --pid="$maven" "$log" 2>/dev/null |
    grep -a --line-buffered -E '^\[INFO\] (Tests run:.*-- in|BUILD)|^\[ERROR\]|^\[WARNING\] Tests' |
    sed -u "s/^\[[A-Z]*\] /$name: /" || true
  rm -f "$root/target/test-$name.pid"
  wait "$maven"
}

# Sum and slowest ten of the classes that this run tested, by the reports that Maven wrote.
slowest_classes() {
  local times
  times=$(find "$root" -path '*/node_modules' -prune -o -name 'TEST-*.xml' -path '*-reports/*' -newer "$root/target/test-begin" -print0 |
    xargs -0 -r sed -n 's/^<testsuite .* name="\([^"]*\)" time="\([0-9.,]*\)" tests="\([0-9]*\)".*/\2 \3 \1/p' | tr -d , | sort -rn)
  [ -n "$times" ] || return 0
  awk '{ seconds += $1; tests += $2 } END { printf "==> %d tests in %d classes took %d s, one after the other; the slowest classes:\n", tests, NR, seconds }' <<<"$times" >&2
  head -n 10 <<<"$times" | awk '{ printf "    %6.1f s  %3d tests  %s\n", $1, $2, $3 }' >&2
}

# Ticks of all processors: idle, all.
processor_time() { awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $5 + $6, all }' /proc/stat; }

busy_percent() { awk -v before="$1" -v after="$2" 'BEGIN { split(before, b); split(after, a); t = a[2] - b[2]; print t ? int(100 - 100 * (a[1] - b[1]) / t) : 0 }'; }
# What must be the same before and after: mounts, Mayfly's cgroups, sockets, links, network namespaces, firewall tables, processes.
host_state() { host_parts | LC_ALL=C sort; }

host_parts() {
  cut -d' ' -f5 /proc/self/mountinfo | sed 's/^/mount /'
  find /sys/fs/cgroup -maxdepth 3 -type d -iname '*mayfly*' 2>/dev/null | sed 's/^/cgroup /'
  find /run -maxdepth 1 -name 'mayfly*' | sed 's/^/folder /'
  ip -o link 2>/dev/null | sed 's/^[0-9]*: \([^:@]*\).*/link \1/'
  ls /run/netns 2>/dev/null | sed 's/^/netns /' || true
  nft list tables 2>/dev/null | sed 's/^/nft /'
  local pid exe
  for pid in /proc/[0-9]*; do
    { exe=$(tr '\0' ' ' <"$pid/cmdline"); } 2>/dev/null || continue # It may have ended meanwhile.
    case $exe in *dev.mayfly.* | *"$root"* | *mayfly-* | runc* | *chromium*--headless*) ;; *) continue ;; esac
    case $exe in *mayfly\ test* | *.ci/run* | *fresh-clone* | *plexus.classworlds*) continue ;; esac
    echo "process ${pid#/proc/} $exe"
  done | cut -c1-200
}

compare_host_state() {
  local after difference
  after=$(mktemp)
  # Network namespaces and cgroups are destroyed by the kernel a moment after their last user.
  for _ in $(seq 50); do
    host_state >"$after"
    difference=$(LC_ALL=C comm -13 "$1" "$after")
    [ -n "$difference" ] || break
    sleep 0.2
  done
  rm -f "$after"
  [ -n "$difference" ] || return 0
  printf 'left behind by the tests:\n%s\n' "$difference" >&2
  return 1
}
