#!/bin/bash
# Installs what this machine's role needs from the node bundle that it lies in, and starts it. Safe to run again.
# Argument: the program that fetches objects (`<key> <file>` a line on its standard input).
set -euo pipefail
umask 022
# shellcheck source=/dev/null
. /etc/platform/bootstrap.env

fetch=${1:?expected the program that fetches objects as the first argument}
bundle=$(dirname "$(readlink --canonicalize "$0")")
files=$bundle/roles/$ROLE
if [ "$ROLE" = client ]; then files=$bundle/roles/pool-$POOL; fi
if [ ! -d "$files" ]; then
  echo "$files: not in this bundle; expected one of: $(ls "$bundle/roles"). Check ROLE and POOL in /etc/platform/bootstrap.env" >&2
  exit 1
fi

bin=/opt/edge-fleet/bin
mkdir -p "$bin"
work=$(mktemp --directory /opt/edge-fleet/.install-XXXXXX)
trap 'rm -rf "$work"' EXIT

# `<sha256>  <program>` for each program of the role, from the manifest of the mirrored releases.
"$fetch" <<< "$RELEASES_KEY $work/releases.json"
python3 - "$work/releases.json" "$files/programs" > "$work/sums" <<'PYTHON'
import json, sys
with open(sys.argv[1]) as manifest, open(sys.argv[2]) as programs:
    files = json.load(manifest)["files"]
    for program, key in (line.split() for line in programs):
        if key not in files:
            sys.exit(f"{key}: not mirrored, got {len(files)} others; expected it in the releases manifest. Run `fleet releases mirror`")
        print(f"{files[key]}  {program}")
PYTHON

: > "$work/missing"
while read -r sum program; do
  if [ -f "$bin/$program" ] && (cd "$bin" && sha256sum --check --status <<< "$sum  $program"); then continue; fi
  key=$(sed -n "s/^$program //p" "$files/programs")
  echo "$key $work/bin/$program" >> "$work/missing"
done < "$work/sums"

fetching=
if [ -s "$work/missing" ]; then
  mkdir "$work/bin"
  "$fetch" < "$work/missing" &
  fetching=$!
fi

# While the programs come in: files, users, folders. A file that is the same already is left alone.
(cd "$files/root" && find . -type f -print0) | while IFS= read -r -d '' file; do
  target=/${file#./}
  if ! cmp --silent "$files/root/$file" "$target"; then
    install -D --mode 0644 "$files/root/$file" "$target"
  fi
done
systemd-sysusers /etc/sysusers.d/edge-fleet.conf
systemd-tmpfiles --create /etc/tmpfiles.d/edge-fleet.conf
systemctl daemon-reload

if [ -n "$fetching" ]; then
  wait "$fetching"
  for program in "$work/bin"/*; do
    name=${program##*/}
    grep "  $name\$" "$work/sums" | (cd "$work/bin" && sha256sum --check --quiet) || {
      echo "$name: wrong content; expected the sha256 that $RELEASES_KEY says. Run \`fleet releases mirror\` again" >&2
      exit 1
    }
    chmod 0755 "$program"
    mv "$program" "$bin/$name"
  done
fi

mapfile -t units < "$files/units"
# No waiting: the units order themselves, and a client's wait for its secret must not hold the boot.
systemctl --no-block enable --now "${units[@]}"
