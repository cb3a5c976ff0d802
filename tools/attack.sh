# ./mayfly attack: plays hostile tenants, builds and callers against a server of its own (--list, --short, NAME…).

mayfly_attack() {
  [ "$(id -u)" = 0 ] || die "./mayfly attack needs root: it makes a server with containers, on a file system that it fills"
  assume_yes=${assume_yes:-} find_jdk || true
  build_if_changed
  exec unshare --mount --propagation private "$java" -Xmx512m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Dmayfly.root="$root" \
    -Djdk.httpclient.allowRestrictedHeaders=host -Dmayfly.bench.kept="${MAYFLY_BENCH_KEPT:-$root/bench/target/kept}" \
    -cp "$dist/lib/*" dev.mayfly.bench.attack.AttackMain "$@"
}
