#!/usr/bin/env bash
# Builds connectors with `cargo component`, and checks that Tenon takes what comes of it and serves from it.
#
#   scripts/cargo-component.sh             # guests/memory
#   scripts/cargo-component.sh my-files    # a folder that `tenon new` made
#
# cargo-component is installed where it is missing, which takes about ten minutes: into the folder that CARGO_COMPONENT
# names, or the target folder, and nowhere else. It builds for wasm32-wasip1 and adapts the result; plain
# `cargo build --target wasm32-wasip2` does without it. Not a part of `cargo xtask test`, because of those minutes.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
version=0.21.1

tools="${CARGO_COMPONENT:-$target/cargo-component}"
if [ "$("$tools/bin/cargo-component" --version 2>/dev/null)" != "cargo-component $version" ]; then
  cargo install cargo-component --version "$version" --locked --root "$tools"
fi
if command -v rustup >/dev/null; then
  rustup target add wasm32-wasip1
fi

folder="$(cd "${1:-$root/guests/memory}" && pwd)"
package="$(sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -1)"
built="$target/component-guests"
cd "$folder"
CARGO_TARGET_DIR="$built" "$tools/bin/cargo-component" component build --release --package "$package"
component="$built/wasm32-wasip1/release/${package//-/_}.wasm"

# A project of its own, with a registry of its own: what is registered elsewhere is none of this script's business.
project="$(mktemp -d)"
trap 'rm -rf "$project"' EXIT
cd "$root"
CARGO_TARGET_DIR="$target" cargo build --package tenon-cli --bin tenon
tenon="$target/debug/tenon"
cd "$project"
"$tenon" register "$component"
if [ "$package" = tenon-memory ]; then
  cat >tenon.toml <<TOML
[sources.scratch]
connector = "memory"

[models.Airport]
source = "scratch"
key = ["iata"]
properties.iata = "text"
properties.city = "text"
TOML
  made="$("$tenon" create Airport '{"iata": "SEA", "city": "Seattle"}' --output ndjson)"
  [ "$made" = '{"iata":"SEA","city":"Seattle"}' ] || { echo "memory made another record: $made" >&2; exit 1; }
  echo "built with cargo component, registered, and a record was made with it: $made"
else
  echo "built with cargo component, and registered"
fi
