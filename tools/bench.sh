# ./mayfly bench: lists the benchmarks; ./mayfly bench NAME [--short|--long] [--json FILE] runs one.

mayfly_bench() {
  assume_yes=${assume_yes:-} find_jdk || true
  build_if_changed
  local launcher=()
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  MAYFLY_COMMIT=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown) \
    exec "${launcher[@]}" "$java" -Xmx1g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Dmayfly.root="$root" -Dmayfly.launcher="$launcher_program" \
    -Djdk.httpclient.allowRestrictedHeaders=host -Dmayfly.bench.kept="${MAYFLY_BENCH_KEPT:-$root/bench/target/kept}" \
    -cp "$dist/lib/*" dev.mayfly.bench.BenchMain "$@"
}
