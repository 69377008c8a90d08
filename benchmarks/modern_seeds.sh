#!/usr/bin/env bash
# Trains the recipe `modern` with the seeds 0 to 4; usage() says the rest.
set -eu -o pipefail

usage() {
  cat <<'END'
usage: benchmarks/modern_seeds.sh FOLDER [--flag=value of lenslet train ...]

Trains the recipe `modern` with the seeds 0 to 4, one after the other, each on
all cores and in a folder of its own, FOLDER/seed-0 to FOLDER/seed-4. Prints
for each seed: parameters, seconds of training alone, the test accuracy after
the last epoch, of the averaged weights, and the seconds until the end of the
first epoch with a test accuracy of 0.9; then all of them side by side, with
means and standard deviations. No seed and no epoch is picked.

Rerun the same command to resume. A FOLDER is for one set of flags.
END
}

# Of the table metrics.csv: the last measurement of the test set, and the first
# that reaches the target.
result() {
  awk -F, -v target="$2" '
    NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    $column["test_accuracy"] == "" { next }
    {
      accuracy = $column["test_accuracy"]
      seconds = $column["seconds"]
      epoch = $column["epoch"]
    }
    reached == "" && accuracy >= target {
      reached = sprintf("%s reached after %.1f s, epoch %g", target, seconds,
                        epoch)
    }
    END {
      printf "%.1f s, test acc %.4f after epoch %g, %s\n", seconds, accuracy,
        epoch, reached == "" ? target " not reached" : reached
    }' "$1/metrics.csv"
}

if [ "${1:-}" = --help ]; then
  usage
  exit
fi
case "${1:-}" in
  '' | -*)
    echo "modern_seeds.sh: the first argument is a folder" \
      "(--help says more)" >&2
    exit 2
    ;;
esac
folder=$1
shift
for flag; do
  case "$flag" in
    --seed* | --run_dir*)
      echo "modern_seeds.sh: $flag is not for you to choose" \
        "(--help says more)" >&2
      exit 2
      ;;
  esac
done

root=$(cd "$(dirname "$0")/.." && pwd)
(cd "$root" && ./bazelw build //tools:lenslet 2>/dev/null) || {
  echo "modern_seeds.sh: ./bazelw build //tools:lenslet fails" >&2
  exit 1
}

# A run that goes on may have another number of epochs, and would no longer be
# what a single command trains.
mkdir -p "$folder"
if [ ! -e "$folder/seed-0" ]; then
  printf '%s\n' "$*" > "$folder/flags.txt"
elif [ "$(cat "$folder/flags.txt")" != "$*" ]; then
  echo "modern_seeds.sh: $folder has runs with other flags, those of" \
    "$folder/flags.txt; another folder is needed" >&2
  exit 1
fi

runs=()
for seed in 0 1 2 3 4; do
  run="$folder/seed-$seed"
  runs+=("$run")
  output=$("$root/bazel-bin/tools/lenslet" train modern --seed="$seed" \
    --run_dir="$run" "$@") || {
    status=$?
    # Where it stopped; of what failed it has told.
    [ -z "$output" ] || printf '%s\n' "$output" | tail -n 1 >&2
    exit "$status"
  }
  parameters=$(printf '%s\n' "$output" | awk '$1 == "total" {print $2; exit}')
  echo "seed $seed: $parameters parameters, $(result "$run" 0.9)"
done
echo
"$root/bazel-bin/tools/lenslet" compare --target=0.9 "${runs[@]}"
