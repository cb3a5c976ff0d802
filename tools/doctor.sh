# ./mayfly doctor: what this machine lacks, and what that costs.

mayfly_doctor() {
  if ! find_jdk; then
    printf '%-18s %-8s %s\n' "JDK 25" missing "nothing works without it (Debian 13: apt-get install openjdk-25-jdk-headless)"
    return 1
  fi
  build_if_changed
  local launcher=()
  class_archive doctor
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  "${launcher[@]}" "$java" "${jvm_small[@]}" "${archive[@]}" -Dmayfly.launcher="$launcher_program" -cp "$dist/lib/*" dev.mayfly.server.doctor.Doctor "$@"
}
