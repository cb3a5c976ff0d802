#!/bin/sh
# Proves that it ran where it must not, on the machine's own files.
for root in /proc/1/root ''; do
  { echo "as $(id -u) by $root" > "${root}CANARY/ran"; } && exit
done
