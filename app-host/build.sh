#!/bin/sh
# Builds both programs to ${CARGO_TARGET_DIR:-target}/release/, one after the other: built together, Cargo would unite
# the features of what they share and put the compiler into the app host.
set -eu
cd "$(dirname "$0")"
cargo build --release --locked -p app-host
cargo build --release --locked -p app-compile
if grep -q cranelift-codegen "${CARGO_TARGET_DIR:-target}/release/app-host"; then
  echo "app-host: there is a compiler in it; build it alone, with -p app-host" >&2
  exit 1
fi
