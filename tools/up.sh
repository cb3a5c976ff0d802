# ./mayfly up: set-up, build, start, first app.

up_help() {
  cat <<'TEXT'
Usage: ./mayfly up [options] [key=value…]
  -d, --detach           start in the background
  --data DIR             data folder (default ./data, or MAYFLY_DATA)
  --port N               port of the apps (default 8080; 0 takes a free one)
  --control-port N       port of console, API and git (default 9000); N+1 on loopback is for health and metrics;
                         0 takes free ones (server.json in the data folder says which)
  --config FILE          settings in TOML (docs/configuration.md); any of them also as key=value or MAYFLY_<KEY>
  --bare                 do not deploy examples/hello on an empty data folder
  --yes                  install missing Debian packages without asking
TEXT
}

mayfly_up() {
  local detach='' bare='' config=() data_option='' control_port=''
  while [ $# -gt 0 ]; do
    case $1 in
      -d | --detach) detach=1 ;;
      --bare) bare=1 ;;
      --yes | -y) assume_yes=1 ;;
      --data | --port | --control-port | --config)
        [ $# -ge 2 ] || usage_error "$1 needs a value"
        case $1 in
          --data) data_option=$2 ;;
          --port) config+=("gateway.port=$2") ;;
          --control-port) config+=("control.port=$2") ;;
          --config) config+=("config=$(realpath -m "$2")") ;;
        esac
        shift
        ;;
      --data=* | --port=* | --control-port=* | --config=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        continue
        ;;
      -h | --help) up_help && return ;;
      *=*) config+=("$1") ;;
      *) usage_error "up: unknown option '$1' (./mayfly up --help)" ;;
    esac
    shift
  done
  data_folder "$data_option"
  if server_pid >/dev/null; then die "a server (pid $(server_pid)) already runs on $data; stop it with: ./mayfly down --data $data"; fi

  ensure_build_tools
  agree_to_runtime_tools
  local first=''
  [ -d "$data/db" ] || first=1
  # The server's user alone looks in there; the server checks what lies in it.
  (umask 077 && mkdir -p "$data")
  # What needs nothing of the server goes on while that is compiled.
  (install_packages && make_base_images_of_new_server) &
  local preparing=$!
  trap 'kill "$preparing" 2>/dev/null; exit 130' INT TERM HUP
  build_if_changed
  wait "$preparing" || die "this machine could not be prepared"
  trap - INT TERM HUP
  start_server
  if [ -n "$first" ] && [ -z "$bare" ]; then deploy_hello || detail "The server runs all the same; try it yourself with the lines below."; fi
  print_next_steps
  if [ -n "$detach" ]; then return; fi
  detail "Ctrl-C stops it."
  wait_for_server
}

# Containers need root and these; without root the process runtime is what is left, and the server says what that means.
agree_to_runtime_tools() {
  local packages=()
  command -v git >/dev/null || packages+=(git)
  if [ "$(id -u)" != 0 ]; then
    detail "not root: containers are not possible, apps will run as plain processes (./mayfly doctor)"
    agree_to_packages "Serving git push" "${packages[@]}"
    return
  fi
  command -v runc >/dev/null || command -v crun >/dev/null || packages+=(runc)
  command -v nft >/dev/null || packages+=(nftables)
  command -v ip >/dev/null || packages+=(iproute2)
  command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || packages+=(debian-archive-keyring)
  agree_to_packages "Running containers" "${packages[@]}"
}

# Only where no setting says that they are others, lie elsewhere or come by another way.
make_base_images_of_new_server() {
  case " ${config[*]} " in *" base."* | *" network."* | *" config="* | *" sandbox.runtime=process"*) return 0 ;; esac
  ! env | grep -qE '^MAYFLY_(BASE|NETWORK|CONFIG|SANDBOX_RUNTIME)' || return 0
  make_base_images "$data/base"
}

# A mount namespace of its own: nothing the server mounts is ever seen by the machine, and all of it goes when it ends.
start_server() {
  local begin archived launcher=() output=$data/server.log
  begin=$(date +%s%3N)
  [ "$(id -u)" != 0 ] || launcher=(unshare --mount --propagation private)
  rm -f "$data/server.json"
  class_archive server
  archived=$(archive_state)
  local command=("${launcher[@]}" "$java" -Xms64m -Xmx"${MAYFLY_HEAP:-512m}" -XX:+UseSerialGC
    "${archive[@]}" -Xlog:cds=off -Xlog:cds+dynamic=off
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow --add-modules java.se
    --add-exports java.base/jdk.internal.ref=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED
    --add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.management/sun.management=ALL-UNNAMED
    --add-opens jdk.management/com.sun.management.internal=ALL-UNNAMED
    -Djdk.virtualThreadScheduler.parallelism=16 -Dmayfly.root="$root" -Dmayfly.launcher="$launcher_program" -cp "$dist/lib/*" dev.mayfly.server.Main "data=$data" "${config[@]}")
  (umask 077 && : >"$output")
  # A session of its own: Ctrl-C reaches this script alone, which then asks the server to stop.
  setsid "${command[@]}" >>"$output" 2>&1 </dev/null &
  server=$!
  trap 'stop_server' INT TERM HUP # HUP: the terminal was closed.
  local shown=0 lines
  while [ ! -f "$data/server.json" ]; do
    if ! kill -0 "$server" 2>/dev/null; then
      tail -n +$((shown + 1)) "$output" >&2
      trap - INT TERM HUP
      # Ended that soon it has written an archive of next to nothing, which every later start would use.
      [ "$(archive_state)" = "$archived" ] || rm -f "$dist/server.jsa"
      die "the server did not start"
    fi
    lines=$(wc -l <"$output")
    if [ "$lines" -gt "$shown" ]; then
      sed -n "$((shown + 1)),${lines}s/^/    /p" "$output" >&2
      shown=$lines
    fi
    sleep 0.05
  done
  sed -n "$((shown + 1)),\$s/^/    /p" "$output" >&2
  control_url=$(json_field "$data/server.json" url)
  say "Ready in $(($(date +%s%3N) - begin)) ms"
}

archive_state() { stat -c '%i %Y' "$dist/server.jsa" 2>/dev/null || echo none; }

stop_server() {
  trap - INT TERM HUP
  say "Stopping"
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  exit 130
}

wait_for_server() {
  # What it says from now on goes to the terminal too.
  tail -n 0 -f --pid="$server" "$data/server.log" &
  local status=0
  wait "$server" || status=$?
  [ "$status" = 0 ] || die "the server ended with status $status; its log is $data/server.log"
}

# The first app, by the same road as every later one: a real git push.
deploy_hello() {
  say "Deploying examples/hello, as you would: git push"
  local work status=0 url
  work=$(mktemp -d)
  (
    cp -r "$root/examples/hello" "$work/hello" && cd "$work/hello"
    export MAYFLY_URL=$control_url MAYFLY_TOKEN
    MAYFLY_TOKEN=$(<"$data/secrets/admin-token")
    git init -q -b main . && git add -A
    git -c user.name=Mayfly -c user.email=mayfly@localhost commit -q -m "Hello"
    "$root/mayfly" apps create hello >/dev/null
    git push mayfly main
  ) >&2 || status=$?
  rm -rf "$work"
  [ "$status" = 0 ] || return "$status"
  url=$(MAYFLY_URL=$control_url MAYFLY_TOKEN=$(<"$data/secrets/admin-token") "$root/mayfly" apps info hello -o json | sed -n 's/.*"url" *: *"\([^"]*\)".*/\1/p' | head -n 1)
  say "curl $url"
  detail "$(curl -sS --max-time 30 "$url")"
}

print_next_steps() {
  local control=${control_url#http://}
  cat >&2 <<TEXT

  Console   $control_url
  Sign in   $(sign_in_hint)

  In the folder of an app of yours:
    $root/mayfly login --url $control_url --token-file $data/secrets/admin-token
    $root/mayfly apps create my-app
    git push mayfly main

TEXT
}

sign_in_hint() {
  if [ -s "$data/secrets/admin-password" ]; then
    echo "admin, password in $data/secrets/admin-password"
  else
    echo "token in $data/secrets/admin-token"
  fi
}
