#!/usr/bin/env bash
# Trains the recipes of the board of docs/results.md; usage() says the rest.
set -eu -o pipefail

# The levels of test accuracy and, for each, the recipe that reaches it and its
# epochs. The recipes and epochs were chosen by validation accuracy.
board='
0.90  modern 2
0.92  modern 6
0.93  residual_100k_fast 16
0.94  residual_100k 28
0.945 residual_260k 28
'

usage() {
  cat <<'END'
usage: benchmarks/board.sh FOLDER [--seeds=N] [--threads=N] [--retime]

Makes the board: for each level of test accuracy, the seconds that training on
Fashion-MNIST takes to reach it. Trains the board's recipes one after the other
with the seeds 0 to N - 1 (default: 5), in FOLDER/RECIPE-EPOCHS/seed-SEED, and
prints a table. Columns:
  level       the test accuracy to reach
  recipe      the zoo's recipe
  parameters  trainable numbers of its network
  epochs      the recipe's length here
  reached     how many of the seeds reach the level
  at epoch    mean over these seeds of the first epoch after which the test
              accuracy is at least the level
  seconds     mean of the seconds of training until then, without loading and
              measuring
  deviation   the sample standard deviation of these seconds
  final, deviation
              mean and sample standard deviation of the test accuracy after the
              last epoch, over all seeds

Accuracies are those of the averaged weights. Rerun the same command to resume:
finished runs are not repeated.

  --threads=N  how many threads train (default: 2). Accuracies do not depend on
               them.
  --retime     for runs that did not have the machine alone. Trains one more
               epoch of each recipe. Seconds are then the epochs multiplied by
               the seconds of that epoch.
END
}

folder=
seeds=5
threads=2
retime=false
for argument; do
  case "$argument" in
    --help)
      usage
      exit
      ;;
    --seeds=[1-9] | --seeds=[1-9][0-9]) seeds=${argument#*=} ;;
    --threads=[1-9] | --threads=[1-9][0-9]) threads=${argument#*=} ;;
    --retime) retime=true ;;
    -*)
      echo "board.sh: unknown flag $argument (--help says more)" >&2
      exit 2
      ;;
    *)
      if [ -n "$folder" ]; then
        echo "board.sh: one folder, not two: $argument" >&2
        exit 2
      fi
      folder=$argument
      ;;
  esac
done
if [ -z "$folder" ]; then
  echo "board.sh: a folder is missing (--help says more)" >&2
  exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
lenslet=$root/bazel-bin/tools/lenslet
(cd "$root" && ./bazelw build //tools:lenslet 2>/dev/null) || {
  echo "board.sh: ./bazelw build //tools:lenslet fails" >&2
  exit 1
}

# train RECIPE EPOCHS RUN FLAG...
train() {
  "$lenslet" train "$1" --epochs="$2" --run_dir="$3" --threads="$threads" \
    "${@:4}"
}

# The number of trainable parameters, from what training prints.
parameters() {
  awk '$1 == "total" { print $2; exit }' "$1"
}

# row LEVEL RECIPE PARAMETERS EPOCHS SECONDS_OF_AN_EPOCH RUN...: of the tables
# metrics.csv, a row of the board. SECONDS_OF_AN_EPOCH is 0 if the runs' own
# seconds count.
row() {
  awk -F, -v level="$1" -v recipe="$2" -v parameters="$3" -v epochs="$4" \
    -v seconds_of_an_epoch="$5" '
    function deviation(sum, squares, n) {
      return n < 2 ? 0 : sqrt(Positive((squares - sum * sum / n) / (n - 1)))
    }
    function Positive(x) { return x > 0 ? x : 0 }
    function Finish() {
      ++runs
      final += accuracy
      final_squares += accuracy * accuracy
    }
    FNR == 1 {
      if (NR > 1) Finish()
      for (i = 1; i <= NF; ++i) column[$i] = i
      done = 0
      next
    }
    $column["test_accuracy"] == "" { next }
    { accuracy = $column["test_accuracy"] }
    !done && accuracy >= level {
      done = 1
      ++reached
      epoch = $column["epoch"]
      s = seconds_of_an_epoch > 0 ? epoch * seconds_of_an_epoch \
                                  : $column["seconds"]
      epoch_sum += epoch
      seconds_sum += s
      seconds_squares += s * s
    }
    END {
      Finish()
      printf "| %s | `%s` | %s | %d | %d of %d ", level, recipe, parameters,
        epochs, reached, runs
      if (reached > 0) {
        printf "| %.1f | %.1f | %.1f ", epoch_sum / reached,
          seconds_sum / reached, deviation(seconds_sum, seconds_squares,
                                           reached)
      } else {
        printf "| - | - | - "
      }
      printf "| %.4f | %.4f |\n", final / runs,
        deviation(final, final_squares, runs)
    }' "${@:6}"
}

mkdir -p "$folder"
rows=()
while read -r level recipe epochs; do
  [ -n "$level" ] || continue
  runs="$folder/$recipe-$epochs"
  mkdir -p "$runs"
  tables=()
  for ((seed = 0; seed < seeds; ++seed)); do
    train "$recipe" "$epochs" "$runs/seed-$seed" --seed="$seed" \
      --report=false > "$runs/output.txt" || {
      status=$?
      tail -n 1 "$runs/output.txt" >&2
      exit "$status"
    }
    tables+=("$runs/seed-$seed/metrics.csv")
    echo "$recipe, $epochs epochs, seed $seed:" \
      "$(grep '^loss' "$runs/output.txt" | tail -n 1)" >&2
  done
  seconds_of_an_epoch=0
  if "$retime"; then
    rm -rf "$runs/retime"
    train "$recipe" 1 "$runs/retime" --set=data.max_test_examples=1 \
      --report=false > "$runs/retime.txt"
    seconds_of_an_epoch=$(awk -F, '
      NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
      { seconds = $column["seconds"] }
      END { print seconds }' "$runs/retime/metrics.csv")
    rm -rf "$runs/retime"
  fi
  rows+=("$(row "$level" "$recipe" "$(parameters "$runs/output.txt")" \
    "$epochs" "$seconds_of_an_epoch" "${tables[@]}")")
done <<< "$board"

echo "| level | recipe | parameters | epochs | reached | at epoch | seconds |" \
  "deviation | final | deviation |"
echo "| ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |"
printf '%s\n' "${rows[@]}"
