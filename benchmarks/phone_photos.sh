#!/usr/bin/env bash
# Reads a folder of photographs as a telephone makes them (phone_photos.py),
# with Lenslet and with Pillow, in turns, each on two threads or processes, and
# then with Lenslet from its cache. Each comes first in every second turn: what
# comes first may wait for the disk. FOLDER is made if it does not exist.
#
#   phone_photos.sh FOLDER [COUNT [SIDE [ROUNDS]]]
set -eu -o pipefail
folder=$1
count=${2:-3000}
side=${3:-64}
rounds=${4:-4}
cd "$(dirname "$0")/.."
bin=${BIN:-bazel-bin}
[ -n "${BIN:-}" ] || bazel build //benchmarks:read_photos 2>/dev/null
[ -e "$folder" ] ||
  /usr/bin/python3 benchmarks/phone_photos.py make "$folder" "$count"
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
lenslet() { "$bin/benchmarks/read_photos" "$folder" "$side" 2; }
pillow() {
  /usr/bin/python3 benchmarks/phone_photos.py read "$folder" "$side" 2
}
for round in $(seq "$rounds"); do
  if [ $((round % 2)) -eq 1 ]; then
    lenslet
    pillow
  else
    pillow
    lenslet
  fi
done
for round in fill use; do
  echo "cache: $round"
  "$bin/benchmarks/read_photos" "$folder" "$side" 2 "$cache"
done
