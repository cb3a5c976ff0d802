# ./mayfly guest [TEST,…]: tests of sandboxes in a virtual machine with Debian's kernel and cgroups version 2 alone, as most
# machines have them, whatever this one has. It sees this machine's files and writes to target/guest/out alone.
# GUEST_ACCEL=kvm uses the processor's own support where that works; else the machine is emulated.

mayfly_guest() {
  local tests=${1:-NativeIT,NativeRuntimeIT,GenericIT,ForkedIT,AdoptionIT,SweepIT,RuncIT,CrunIT} work=$root/target/guest
  ensure_build_tools
  ensure_test_tools
  ensure_packages "Running a virtual machine" qemu-system-x86 cpio kmod
  mkdir -p "$work/out"
  rm -f "$work/out"/*
  guest_kernel "$work"
  guest_disk "$work"
  guest_tests "$work" "$tests"
  say "Running $tests in the virtual machine (its console: target/guest/console.log)"
  guest_run "$work"
}

# Debian's kernel of this machine's release, unpacked beside this machine's own.
guest_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || die "no Debian package linux-image-amd64 (expected: a Debian machine on amd64)"
  if [ "$(cat "$1/kernel.name" 2>/dev/null)" != "$package" ]; then
    say "Fetching $package"
    rm -rf "$1/kernel" "$1"/linux-image-*.deb
    (cd "$1" && apt-get download -qq "$package" && dpkg-deb -x linux-image-*.deb kernel && rm linux-image-*.deb)
    echo "$package" >"$1/kernel.name"
  fi
  release=${package#linux-image-}
}

# What the kernel starts with: modules to reach this machine's files, and guest/init to lay a memory file system over them.
guest_disk() {
  local disk=$1/disk module
  rm -rf "$disk"
  mkdir -p "$disk"/{bin,proc,sys,dev,host,over,root} "$disk/lib/modules"
  depmod -b "$1/kernel" "$release"
  for module in virtio_pci 9p 9pnet_virtio overlay; do
    modprobe -d "$1/kernel" -S "$release" --show-depends "$module" | sed -n "s#^insmod $1/kernel/##p"
  done | sort -u | (cd "$1/kernel" && xargs cp --parents -t "$disk")
  find "$disk" -name '*.ko.xz' -exec xz -d {} + # Debian 13 packs them; the shell that loads them cannot unpack.
  (cd "$1/kernel/lib/modules/$release" && cp modules.* "$disk/lib/modules/$release/")
  depmod -b "$disk" "$release"
  cp /bin/busybox "$disk/bin/busybox"
  cp "$root/tools/guest/init" "$disk/init"
  (cd "$disk" && find . | cpio -o -H newc --quiet) >"$1/initramfs"
}

guest_tests() {
  say "Building the tests"
  if ! (cd "$root" && mvn -B -q -pl warm-pool/native/client,warm-pool/oci -am -DskipTests package dependency:build-classpath \
    -Dmdep.includeScope=test -Dmdep.outputFile=target/classpath) >"$1/build.log" 2>&1; then
    tail -n 20 "$1/build.log" >&2
    die "the build failed"
  fi
  cat >"$1/order" <<ORDER
root=$root
java=$java
tests=$2
modules=$1/kernel/lib/modules/$release
ORDER
}

guest_run() {
  truncate -s 64M "$1/block" # Tests ask for a block device.
  local accel=${GUEST_ACCEL:-tcg} cpu=max
  [ "$accel" = tcg ] || cpu=host
  timeout "${GUEST_SECONDS_MAX:-5400}" qemu-system-x86_64 -accel "$accel" -cpu "$cpu" -smp 2 -m 4096 -nographic -no-reboot -nic none \
    -kernel "$1/kernel/boot/vmlinuz-$release" -initrd "$1/initramfs" -append "console=ttyS0 quiet panic=-1 order=$1/order" \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
    -virtfs local,path="$1/out",mount_tag=out,security_model=none \
    -drive file="$1/block",format=raw,if=virtio </dev/null >"$1/console.log" 2>&1 || true
  [ -s "$1/out/summary" ] || die "the virtual machine did not come to its end; see target/guest/console.log"
  cat "$1/out/summary"
  [ "$(cat "$1/out/exit")" = 0 ]
}
