# Shared by the commands of ./mayfly: messages, the JDK, Debian packages, the build.
# Sourced, never run. Needs $root.

export LC_ALL=C.UTF-8 # Names of files are UTF-8, whatever the machine speaks: else Java can neither read nor make them.

dist=$root/platform/distribution/target
launcher_program=$root/warm-pool/native/launcher/target/mayfly-launcher
# A short-lived JVM: one compiler tier, one collector thread.
jvm_small=(-Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:cds=off -Xlog:cds+dynamic=off)

# class_archive NAME: sets $archive to a JVM's options for an archive of classes that writes itself. Only for who may write
# there: a JVM does not start at all with an archive of somebody else that it cannot read.
class_archive() {
  archive=()
  [ ! -w "$dist" ] || archive=(-XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=$dist/$1.jsa")
}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
detail() { printf '    %s\n' "$*" >&2; }
die() {
  printf 'mayfly: %s\n' "$*" >&2
  exit 1
}
usage_error() {
  printf 'mayfly: %s\n' "$*" >&2
  exit 2
}

jdk_version() { "$1/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p'; }

# Sets $JAVA_HOME and $java to a JDK of at least 25: JAVA_HOME, then /usr/lib/jvm/*, then the java on the PATH.
find_jdk() {
  unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS # They print on standard error and change what was measured.
  local cache=$root/target/jdk-home home candidates=()
  if [ -s "$cache" ] && home=$(<"$cache") && [ -x "$home/bin/javac" ] && [ "${JAVA_HOME:-$home}" = "$home" ]; then
    export JAVA_HOME=$home
    java=$home/bin/java
    return
  fi
  [ -z "${JAVA_HOME:-}" ] || candidates+=("$JAVA_HOME")
  for home in /usr/lib/jvm/*; do [ -x "$home/bin/javac" ] && candidates+=("$home"); done
  command -v java >/dev/null && candidates+=("$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")")
  for home in "${candidates[@]}"; do
    if [ -x "$home/bin/javac" ] && [ "$(jdk_version "$home")" -ge 25 ] 2>/dev/null; then
      export JAVA_HOME=$home
      java=$home/bin/java
      mkdir -p "$(dirname "$cache")" && echo "$home" >"$cache"
      return
    fi
  done
  java=
  return 1
}

is_debian() { grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null; }

# ensure_packages WHY PACKAGE… : installs what is missing, asking on a terminal unless --yes or CI; else says what to run.
ensure_packages() {
  agree_to_packages "$@"
  install_packages
}

# agree_to_packages WHY PACKAGE… : sets $to_install to what is missing and may be installed.
agree_to_packages() {
  local why=$1 package answer
  shift
  to_install=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || to_install+=("$package")
  done
  [ ${#to_install[@]} -gt 0 ] || return 0
  local install="apt-get install -y --no-install-recommends ${to_install[*]}"
  if ! is_debian || ! command -v apt-get >/dev/null; then
    die "$why needs: ${to_install[*]} (names of Debian packages; install their like here)"
  fi
  if [ "$(id -u)" != 0 ]; then
    die "$why needs Debian packages. Run:  sudo $install"
  fi
  if [ "${assume_yes:-}" != 1 ] && [ "${CI:-}" != true ]; then
    if [ ! -t 0 ]; then die "$why needs Debian packages. Run:  $install   (or: ./mayfly up --yes)"; fi
    read -r -p "$why needs Debian packages: ${to_install[*]}. Install them now? [Y/n] " answer
    case $answer in [nN]*) die "not installed. Run:  $install" ;; esac
  fi
}

# Installs $to_install.
install_packages() {
  [ ${#to_install[@]} -gt 0 ] || return 0
  say "Installing Debian packages: ${to_install[*]} (waits for the package mirror)"
  local log
  log=$(mktemp)
  if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${to_install[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "could not install: ${to_install[*]}"
  fi
  rm -f "$log"
}

# make_base_images FOLDER: what a server makes there when it starts, by the same script, while that server is compiled. Where it
# fails the server tries again, and says why it fails.
make_base_images() {
  local script suite=trixie recipe mirror home each makers=()
  script=$(echo "$root"/builders/engine/src/main/resources/dev/mayfly/builders/engine/base/base-image-*.sh)
  [ -f "$script" ] && [ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null || return 0
  recipe=${script##*base-image-}
  home=$1/debian-$suite-${recipe%.sh}
  if [ -e "$home/run" ] && [ -e "$home/build" ]; then return 0; fi
  mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
    sed -nE 's#^(URIs:|deb( +\[[^]]*\])?) +(https?://[^ ]+/debian/?)( .*)?$#\3#p' | head -n 1)
  say "Making the base images, Debian $suite, meanwhile (waits for the package mirror)"
  mkdir -p "$home"
  for each in run build; do
    # In namespaces of its own: what it starts ends with it, and its mounts with it.
    unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
      sh "$script" "$home" "$each" "$suite" "$mirror" >"$home/$each.log" 2>&1 &
    makers+=($!)
  done
  trap 'kill "${makers[@]}" 2>/dev/null' TERM
  for each in "${makers[@]}"; do wait "$each" || detail "a base image is not made yet; the server will try"; done
  rm -f "$home"/{run,build}.log
}

# Whether this folder was made by ./mayfly package: all is built.
is_release() { [ -f "$root/RELEASE" ]; }

# What a machine needs to build Mayfly. Commands first: a JDK or a Node from elsewhere is as good as Debian's package.
ensure_build_tools() {
  local packages=()
  if is_release; then
    find_jdk || packages+=(openjdk-25-jdk-headless)
    command -v npm >/dev/null || packages+=(nodejs npm) # By which Node.js for apps is fetched.
    [ ${#packages[@]} -eq 0 ] || ensure_packages "Mayfly" "${packages[@]}"
    find_jdk || die "no JDK 25 found in JAVA_HOME, /usr/lib/jvm or on the PATH"
    return
  fi
  find_jdk || packages+=(openjdk-25-jdk-headless)
  command -v mvn >/dev/null || packages+=(maven)
  command -v git >/dev/null || packages+=(git)
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  command -v cc >/dev/null || packages+=(gcc libc6-dev)
  [ ${#packages[@]} -eq 0 ] || ensure_packages "Building Mayfly" "${packages[@]}"
  find_jdk || die "no JDK 25 found in JAVA_HOME, /usr/lib/jvm or on the PATH (Debian 13: apt-get install openjdk-25-jdk-headless)"
  local node_major
  node_major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$node_major" -ge 20 ] || die "node $(node --version) is too old to build the console (expected: 20.19 or newer)"
}

# One line for everything the build reads: names, sizes and times of the source files.
tree_state() (
  cd "$root" # In a subshell: who calls stays in the folder of their app.
  find pom.xml .mvn foundation platform warm-pool builders gateway web-console bench \
    \( -name target -o -name node_modules -o -path '*/src/test' -o -path web-console/e2e -o -path platform/e2e \) -prune -o -type f -printf '%p %s %T@\n' |
    sort | sha1sum | cut -d' ' -f1
)

build_if_changed() {
  ! is_release || return 0
  local stamp=$dist/stamp state
  state=$(tree_state)
  if [ -f "$stamp" ] && [ "$(<"$stamp")" = "$state" ]; then return; fi
  ensure_build_tools
  say "Building Mayfly (the first time fetches libraries; a few minutes)"
  local log=$root/target/build.log begin=$SECONDS
  mkdir -p "$root/target"
  # Only to run it: neither tests nor checks, which those who change it need.
  if ! (cd "$root" && mvn -B -T "$(nproc)" -DskipTests -Dmaven.test.skip=true -Dspotless.skip=true \
    -Denforcer.skip=true -Dcompiler.checks=-XDchecks=none -pl platform/distribution -am package) 2>&1 |
    tee "$log" | sed -un 's/^\[INFO\] Building \(.*\) 0\.1\.0-SNAPSHOT *\(\[.*\]\)/    \2 \1/p' >&2; then
    grep -E '^\[ERROR\]' "$log" | head -n 20 >&2
    die "the build failed; all of it is in $log"
  fi
  rm -f "$dist"/*.jsa
  tree_state >"$stamp"
  detail "built in $((SECONDS - begin)) s"
}

# data_folder: sets $data from --data, MAYFLY_DATA or the default.
data_folder() { data=$(realpath -m "${1:-${MAYFLY_DATA:-$root/data}}"); }

json_field() { sed -n "s/.*\"$2\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p" "$1" | head -n 1; }

# Prints the pid of the server that owns $data, or fails.
server_pid() {
  local pid
  [ -f "$data/server.json" ] || return 1
  pid=$(json_field "$data/server.json" pid)
  [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q 'dev.mayfly.server.Main' && echo "$pid"
}

# What tests of sandboxes need beside what building needs.
ensure_test_tools() {
  if [ "$(id -u)" != 0 ]; then die "./mayfly $command needs root: tests make containers and networks"; fi
  local packages=(gcc libc6-dev runc crun nftables iproute2 mmdebstrap debian-archive-keyring busybox-static git curl nginx-light wrk skopeo python3-venv)
  command -v chromium >/dev/null || packages+=(chromium)
  ensure_packages "Testing Mayfly" "${packages[@]}"
}
