#!/bin/bash
# Runs a script as a machine would see it, in a network and mount namespace of its own (`unshare --net --mount`):
# /etc and /opt are copies that keep nothing, and the programs of systemd only write down how they were called.
# Arguments: scratch folder (with bucket/, bootstrap.env, tools/), node, services.mjs, script.
set -euo pipefail
scratch=$1 node=$2 services=$3 script=$4

ip link set lo up
ip address add 169.254.169.254/32 dev lo
for folder in etc opt; do
  # Kept between two runs of one test, as a machine's disk is.
  mkdir -p "$scratch/$folder/upper" "$scratch/$folder/work"
  mount -t overlay "test-$folder" -o "lowerdir=/$folder,upperdir=$scratch/$folder/upper,workdir=$scratch/$folder/work" "/$folder"
done
mkdir -p /etc/platform
cp "$scratch/bootstrap.env" /etc/platform/bootstrap.env

rm -f "$scratch/ready"
"$node" "$services" "$scratch/bucket" "$scratch/requests" "$scratch/ready" &
server=$!
trap 'kill "$server"' EXIT
until [ -e "$scratch/ready" ]; do read -r -t 0.05 <> <(:) || true; done

PATH=$scratch/tools:$PATH SCRATCH=$scratch AWS_ENDPOINT_URL=http://127.0.0.1:5000 "$script"
