#!/bin/sh
# Starts a program inside control groups: boot.sh <group folder>... -- <program> <argument>...
# A process of its own, because a group is joined before the program begins.
set -eu
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs"
  shift
done
shift
exec "$@"
