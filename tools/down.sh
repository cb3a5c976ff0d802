# ./mayfly down: stops the server of a data folder and waits until it is gone.

mayfly_down() {
  local option=''
  while [ $# -gt 0 ]; do
    case $1 in
      --data) option=${2:?--data needs a value} && shift ;;
      --data=*) option=${1#*=} ;;
      *) usage_error "down: unknown option '$1' (usage: ./mayfly down [--data DIR])" ;;
    esac
    shift
  done
  data_folder "$option"
  local pid
  if ! pid=$(server_pid); then
    say "No server runs on $data"
    return
  fi
  say "Stopping the server (pid $pid); it waits for requests in flight"
  kill -TERM "$pid"
  for _ in $(seq 600); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  die "the server (pid $pid) still runs after 60 s; its log is $data/server.log"
}
