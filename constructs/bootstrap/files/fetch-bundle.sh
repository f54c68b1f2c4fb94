#!/bin/bash
# Fetches this machine's node bundle, checks it, unpacks it and runs its installer. Safe to run again.
set -euo pipefail
umask 022
# shellcheck source=/dev/null
. /etc/platform/bootstrap.env

here=$(dirname "$(readlink --canonicalize "$0")")
bundles=/opt/edge-fleet/bundles
bundle=$bundles/$BUNDLE_SHA256

if [ ! -d "$bundle" ]; then
  mkdir -p "$bundles"
  work=$(mktemp --directory "$bundles/.fetch-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$here/fetch-artefacts.sh" <<< "bundles/$BUNDLE_SHA256.tar $work/bundle.tar"
  got=$(sha256sum "$work/bundle.tar")
  if [ "${got%% *}" != "$BUNDLE_SHA256" ]; then
    echo "bundles/$BUNDLE_SHA256.tar: wrong content, got sha256 ${got%% *}; expected the hash in its name. Upload it again" >&2
    exit 1
  fi
  mkdir "$work/bundle"
  tar --extract --file "$work/bundle.tar" --directory "$work/bundle" --no-same-owner
  chmod 0755 "$work/bundle"
  # Only a whole bundle ever has its name.
  mv --no-target-directory "$work/bundle" "$bundle"
fi

ln --symbolic --force --no-dereference "$BUNDLE_SHA256" "$bundles/.current"
mv --no-target-directory "$bundles/.current" "$bundles/current"
"$bundle/install.sh" "$here/fetch-artefacts.sh"
