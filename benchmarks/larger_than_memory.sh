#!/usr/bin/env bash
# Trains one epoch on a packed file in a control group that has less memory, and
# without a limit, twice in turns; and once killed in the middle and resumed.
# Compares the last checkpoints, and prints speeds and peaks of memory. Needs root, control groups of memory (v1 or v2), and room for the file
# in FOLDER, a new folder, which it removes.
#
#   larger_than_memory.sh FOLDER [MEGABYTES [LIMIT_IN_MEGABYTES]]
set -eu -o pipefail
folder=$1
megabytes=${2:-10000}
limit=${3:-1000}
cd "$(dirname "$0")/.."
bin=${BIN:-bazel-bin}
[ -n "${BIN:-}" ] ||
  bazel build //benchmarks:make_packed_images //tools:lenslet 2>/dev/null
lenslet=$(realpath "$bin/tools/lenslet")

mkdir "$folder"
folder=$(realpath "$folder")

# A group below the one that this script runs in.
if group=$(grep -E '^[0-9]+:memory:' /proc/self/cgroup); then
  parent=/sys/fs/cgroup/memory${group#*:memory:}
  limit_file=memory.limit_in_bytes
  peak_file=memory.max_usage_in_bytes
else
  parent=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
  limit_file=memory.max
  peak_file=memory.peak
fi
group=$parent/larger_than_memory.$$
child=
cleanup() {
  [ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
  wait 2>/dev/null || true
  [ ! -d "$group" ] || rmdir "$group" || true
  rm -rf "$folder"
}
trap cleanup EXIT

now() { date +%s.%N; }
calculate() { awk "BEGIN { printf \"%.$1f\", ($2) }"; }

# Removes the file from the cache of pages: reading is from the disk again.
evict() {
  dd if="$folder/train.pack" iflag=nocache count=0 status=none
}

# train RUN LIMITED [KILL_AFTER]: sets seconds, rss (MB) and peak (MB).
train() {
  local start status=0 limited=$2 kill_after=${3:-}
  if [ "$limited" = 1 ]; then
    mkdir "$group"
    echo $((limit * 1000000)) >"$group/$limit_file"
  fi
  start=$(now)
  (
    [ "$limited" = 0 ] || echo "$BASHPID" >"$group/cgroup.procs"
    exec "$lenslet" train "$folder/recipe.textproto" \
      --run_dir="$folder/$1" --report=false >"$folder/$1.log" 2>&1
  ) &
  child=$!
  rss=0
  while kill -0 "$child" 2>/dev/null; do
    now_rss=$(awk '/VmHWM/ { print int($2 * 1.024 / 1000) }' \
      "/proc/$child/status" 2>/dev/null || true)
    rss=${now_rss:-$rss}
    if [ -n "$kill_after" ] &&
      [ "$(calculate 0 "$(now) - $start > $kill_after")" = 1 ]; then
      kill -KILL "$child"
      break
    fi
    sleep 0.2
  done
  wait "$child" 2>/dev/null || status=$?
  child=
  seconds=$(calculate 1 "$(now) - $start")
  peak=-
  if [ "$limited" = 1 ]; then
    peak=$(($(cat "$group/$peak_file") / 1000000))
    rmdir "$group"
  fi
  if [ -n "$kill_after" ]; then
    [ "$status" = 137 ] || { cat "$folder/$1.log"; return 1; }
  elif [ "$status" != 0 ]; then
    cat "$folder/$1.log"
    return 1
  fi
}

cat >"$folder/model.textproto" <<'MODEL'
input { name: "image" shape: [128, 128, 3] }
layer { name: "conv1" conv2d { kernel: 4 stride: 4 output_channels: 8 } }
layer { name: "relu1" relu {} }
layer { name: "pool" max_pool2d { kernel: 2 } }
layer { name: "conv2" conv2d { kernel: 3 output_channels: 16 } }
layer { name: "relu2" relu {} }
layer { name: "flatten" flatten {} }
layer { name: "classes" linear { output_features: 10 } }
MODEL
recipe() {
  cat <<RECIPE
model: "model.textproto"
data { $1 }
batch_size: 128
epochs: 1
seed: 1
optimizer { kind: SGD }
learning_rate: 0.01
save { every_steps: 100 keep: 1 }
RECIPE
}

start=$(now)
images=$("$bin/benchmarks/make_packed_images" --output="$folder/train.pack" \
  --megabytes="$megabytes")
bytes=$(stat -c %s "$folder/train.pack")
count=${images%% *}
echo "CPU: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
echo "$images; wrote $bytes bytes in $(calculate 1 "$(now) - $start") s"

recipe "synthetic { shape: [128, 128, 3] train_examples: 8000 test_examples: 10 }" \
  >"$folder/recipe.textproto"
train memory 0
echo "in memory, 8000 images: $(grep 'examples/s' "$folder/memory.log" | tail -1)"

evict
start=$(now)
dd if="$folder/train.pack" of=/dev/null bs=1M status=none
seconds=$(calculate 2 "$(now) - $start")
echo "disk: $seconds s, $(calculate 0 "$bytes / 1e6 / $seconds") MB/s," \
  "$(calculate 0 "$count / $seconds") images/s"

recipe "packed { train_file: \"train.pack\" }" >"$folder/recipe.textproto"
report() {
  echo "$1: $seconds s; $(grep 'examples/s' "$folder/$2.log" | tail -1);" \
    "peak RSS $rss MB, peak of the group $peak MB"
}
# In turns: a disk's speed changes more from run to run than a limit matters.
for turn in 1 2; do
  evict
  train "limited$turn" 1
  report "group of $limit MB" "limited$turn"
  limited_seconds=$seconds
  evict
  train "unlimited$turn" 0
  report "no limit" "unlimited$turn"
done
seconds=$limited_seconds
evict
train killed 1 "$(calculate 1 "$seconds / 2")"
echo "killed after $seconds s"
evict
train killed 1
report "resumed" killed
grep 'resuming' "$folder/killed.log"
for run in limited1 limited2 unlimited2 killed; do
  cmp "$folder/$run/latest.ckpt" "$folder/unlimited1/latest.ckpt"
done
echo "the last checkpoints are equal:" \
  "$(sha256sum <"$folder/unlimited1/latest.ckpt" | head -c 16)"
