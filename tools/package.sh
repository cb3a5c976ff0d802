# ./mayfly package: a release in one file, which runs where there is neither a compiler nor Maven. Prints where it is; its checksum lies beside it.

mayfly_package() {
  [ $# -eq 0 ] || usage_error "package takes no arguments"
  ! is_release || die "this is a release already"
  ensure_build_tools
  build_if_changed
  local built zygote version name work each
  built=$(dirname "$launcher_program")
  zygote=$built/mayfly-zygote.so
  for each in "$launcher_program" "$zygote"; do
    [ -f "$each" ] || die "$each was not built: a release without it has no runtime class 'native' (apt-get install gcc libc6-dev, then remove $dist/stamp)"
  done
  version=$(sed -n 's|^ *<version>\([^<]*\)</version>.*|\1|p' "$root/pom.xml" | head -n 1)
  name=mayfly-$version-linux-$(uname -m)
  work=$root/target/package
  rm -rf "$work"
  mkdir -p "$work/$name/tools"
  cp -r "$root"/{mayfly,README.md,LICENSE,docs,examples} "$work/$name/"
  for each in lib up down status doctor bench; do cp "$root/tools/$each.sh" "$work/$name/tools/"; done
  install -D -t "$work/$name/${built#"$root"/}" "$launcher_program" "$zygote"
  install -D -m 644 -t "$work/$name/${dist#"$root"/}/lib" "$dist"/lib/*.jar
  echo "$version" >"$work/$name/RELEASE"
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -czf "$root/target/$name.tar.gz" "$name"
  rm -rf "$work"
  (cd "$root/target" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
  say "The release"
  echo "$root/target/$name.tar.gz"
}
