#!/usr/bin/env bash
# Trains the book's LeNet by the book's recipe with the seeds 0 to 4, and prints
# each result, the mean of the losses and the median of the test accuracies.
# Other flags of train_lenet may follow.
set -eu -o pipefail
cd "$(dirname "$0")/.."

bazel build //tools:train_lenet 2>/dev/null
for seed in 0 1 2 3 4; do
  result=$(bazel-bin/tools/train_lenet --seed="$seed" "$@" | grep '^loss')
  echo "seed $seed: $result" >&2
  echo "seed $seed: $result"
done | sed 's/,//g' | awk '
  {
    loss += $4
    accuracy[NR] = $NF
  }
  END {
    # Five numbers: the one that two are below.
    for (i in accuracy) {
      below = 0
      for (j in accuracy) below += accuracy[j] < accuracy[i]
      if (below <= 2 && accuracy[i] > median) median = accuracy[i]
    }
    printf "mean loss %.3f, median test acc %.3f\n", loss / NR, median
  }'
