# ./mayfly status: is the server of this data folder up, and where. Exit code 0 only if it is ready.

mayfly_status() {
  local option='' json=''
  while [ $# -gt 0 ]; do
    case $1 in
      --data) option=${2:?--data needs a value} && shift ;;
      --data=*) option=${1#*=} ;;
      -o) json=${2:-} && shift ;;
      *) usage_error "status: unknown option '$1' (usage: ./mayfly status [--data DIR] [-o json])" ;;
    esac
    shift
  done
  data_folder "$option"
  local pid='' state=stopped url='' management=''
  if pid=$(server_pid); then
    url=$(json_field "$data/server.json" url)
    management=$(json_field "$data/server.json" management)
    state=starting
    local answer
    answer=$(curl -sS --max-time 5 "$management/readyz" 2>/dev/null) || true
    case $answer in
      ready) state=ready ;;
      *server.not_ready*) state=not-ready ;;
    esac
  fi
  if [ "$json" = json ]; then
    printf '{"name":"server","state":"%s","pid":%s,"url":"%s","data":"%s"}\n' "$state" "${pid:-null}" "$url" "$data"
  else
    printf '%s  %s  pid %s  data %s\n' "$state" "${url:--}" "${pid:--}" "$data"
  fi
  # Which part cannot work, in the words of the problem document.
  if [ "$state" = not-ready ]; then sed -n 's/.*"detail":"\([^"]*\)".*/\1/p' <<<"$answer" >&2; fi
  [ "$state" = ready ]
}
