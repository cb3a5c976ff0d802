# ./mayfly fuzz [SECONDS]: fuzzes the launcher's protocol with libFuzzer and sanitizers. ./mayfly test runs a short form.

mayfly_fuzz() {
  local seconds=${1:-600} source=$root/warm-pool/native/launcher work
  command -v clang >/dev/null || ensure_packages "Fuzzing" clang libclang-rt-14-dev
  work=$root/target/fuzz
  mkdir -p "$work/corpus"
  OUT=$work "$source/build.sh"
  say "Fuzzing the launcher's protocol for $seconds s (corpus and findings: target/fuzz)"
  local name files=()
  for name in wire request server dispatch pending start_message; do files+=("$source/src/main/c/$name.c"); done
  clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$work" -I"$source/src/main/c" \
    "$source/src/fuzz/requests.c" "${files[@]}" -o "$work/requests"
  (cd "$work" && ./requests -max_total_time="$seconds" -max_len=8192 -rss_limit_mb=2048 corpus)
}
