# ./mayfly test: every test (Java, console, end to end), then proof that nothing of them is left on this machine.

mayfly_test() {
  assume_yes=1
  export LC_ALL=C.UTF-8 TZ=UTC # Nothing here may depend on the machine's own.
  local begin=$SECONDS before status=0
  ensure_build_tools
  ensure_test_tools
  before=$(mktemp)
  host_state >"$before"
  mkdir -p "$root/target"
  run_maven "Java and console tests" test -pl '!platform/e2e' "$@" || status=1
  if [ "$status" = 0 ]; then
    tree_state >"$dist/stamp"
    run_maven "End-to-end tests" e2e -pl platform/e2e || status=1
  fi
  say "Comparing the machine with what it was"
  compare_host_state "$before" || status=1
  rm -f "$before"
  say "Tests ended with $status after $((SECONDS - begin)) s"
  return "$status"
}

# run_maven WHAT LOG ARGUMENT… : in a mount namespace of its own, so that no test can touch the machine's mounts.
run_maven() {
  local log=$root/target/$2.log launcher=()
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  say "$1 (all output: target/$2.log)"
  shift 2
  : >"$log" # What follows it must not come before it.
  (cd "$root" && CI=true exec "${launcher[@]}" mvn -B verify "$@") >"$log" 2>&1 &
  local maven=$!
  tail -n +1 -f --pid="$maven" "$log" 2>/dev/null |
    grep -a --line-buffered -E '^\[INFO\] (Building |Tests run:|BUILD)|^\[ERROR\]|^\[WARNING\] Tests' || true
  wait "$maven"
}

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
