#!/usr/bin/env bash
# Computes the scores of Fashion-MNIST's test images by exported C code, for
# several compilers and CPUs, and prints their SHA-256 digests beside that of
# lenslet certify, as a table:
#   benchmarks/deployed/certificate_table.sh NAME RECIPE [TRAIN_FLAGS...]
# trains RECIPE first. Needs //tools:lenslet built, and the packages that
# .ci/check_c installs. IMAGES=N, 10,000 unless given, is how many of the images
# emulated CPUs compute: with fewer, their digests are compared with that of gcc
# -O1. The Cortex-M boards run the self-test, of 16 images.
set -eu -o pipefail
cd "$(dirname "$0")/../.."

name=$1
shift
emulated=${IMAGES:-10000}
lenslet=bazel-bin/tools/lenslet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$lenslet" train "$@" --output="$work/net.ckpt" >/dev/null
"$lenslet" export "$work/net.ckpt" --c="$work/net" >/dev/null
mkdir "$work/rows"
"$lenslet" export "$work/net.ckpt" --c="$work/rows/net" --c_rows >/dev/null
"$lenslet" certify "$work/net.ckpt" --json="$work/net.json" >/dev/null

# What the certificate has under a name.
certified() { sed -n "s/.*\"$1\": \"\\(.*\\)\".*/\\1/p" "$work/net.json"; }
digest() { sha256sum "$@" | cut -c 1-64; }

zcat /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz |
  tail -c +17 >"$work/images"
[ "$(digest "$work/images")" = "$(certified test_inputs)" ] || {
  echo "the images are not those of the certificate" >&2
  exit 1
}
head -c $((784 * emulated)) "$work/images" >"$work/first_images"

failed=0
row() {
  printf '| %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4"
}
# scores LABEL IMAGES EXPECTED RUNNER COMPILER...: a row of the table, of the
# scores of so many images. EXPECTED is their digest.
scores() {
  local label=$1 images=$2 expected=$3 runner=$4 file=$work/images
  shift 4
  "$@" benchmarks/deployed/test_scores.c "$work/source/net.c" \
    -o "$work/program"
  [ "$images" -eq 10000 ] || file=$work/first_images
  local status=0 found
  $runner "$work/program" <"$file" >"$work/scores" || status=$?
  found=$(digest "$work/scores")
  [ -n "$expected" ] || expected=$found
  if [ "$found" = "$expected" ] && [ "$status" -eq 0 ]; then
    row "$label" "$images" "\`${found:0:16}\`" passes
  elif [ "$status" -eq 0 ]; then
    row "$label" "$images" "\`${found:0:16}\`, DIFFERS" passes
    failed=1
  else
    row "$label" "$images" "\`${found:0:16}\`, differs" fails
    case "$label" in *ffast-math*) ;; *) failed=1 ;; esac
  fi
}
# board LABEL RUNNER COMPILER...: a row of the self-test.
board() {
  local label=$1 runner=$2
  shift 2
  "$@" tests/codegen/cortex_m.c "$work/net.c" -o "$work/program"
  if $runner "$work/program"; then
    row "$label" "16, the self-test" "\`$(certified self_test | cut -c 1-16)\`" \
      passes
  else
    row "$label" "16, the self-test" differs fails
    failed=1
  fi
}

echo "$name: lenslet train $*"
echo "parameters   $(certified parameters)"
echo "test scores  $(certified test_scores)"
echo "self-test    $(certified self_test)"
echo
row "$name" images "SHA-256 of the scores" self-test
row --- ---: --- ---
all=$(certified test_scores)
row "lenslet certify" 10000 "\`${all:0:16}\`" ""
ln -s . "$work/source"
for flags in -O0 -O1 -O2 "-O3 -march=native"; do
  for compiler in gcc clang-14; do
    # shellcheck disable=SC2086
    scores "$compiler $flags" 10000 "$all" "" $compiler $flags -I"$work"
  done
done
ln -sfn rows "$work/source"
scores "gcc -O3 -march=native, \`--c_rows\`" 10000 "$all" "" \
  gcc -O3 -march=native -I"$work/rows"
ln -sfn . "$work/source"
first=$all
if [ "$emulated" -ne 10000 ]; then
  scores "gcc -O1" "$emulated" "" "" gcc -O1 -I"$work"
  first=$(digest "$work/scores")
fi
scores "WebAssembly SIMD, clang -O2, node" 10000 "$all" \
  "node --no-warnings tests/codegen/run_wasm.mjs" \
  clang-14 --target=wasm32-wasi -O2 -msimd128 -I"$work"
for cpu in aarch64 riscv64; do
  scores "$cpu, gcc -O2, QEMU" "$emulated" "$first" \
    "qemu-$cpu -L /usr/$cpu-linux-gnu" "$cpu-linux-gnu-gcc" -O2 -I"$work"
done
qemu="qemu-system-arm -nographic -semihosting"
arm="arm-none-eabi-gcc -mthumb -O2 -nostartfiles -T tests/codegen/cortex_m.ld"
# shellcheck disable=SC2086
board "Cortex-M7, hardware floats, gcc -O2, QEMU" \
  "$qemu -M mps2-an500 -kernel" \
  $arm -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-sp-d16 -I"$work"
# shellcheck disable=SC2086
board "Cortex-M3, software floats, gcc -O2, QEMU" \
  "$qemu -M mps2-an385 -kernel" \
  $arm -mcpu=cortex-m3 -mfloat-abi=soft -I"$work"
scores "gcc -O3 -march=native -ffast-math" 10000 "$all" "" \
  gcc -O3 -march=native -ffast-math -I"$work"
exit "$failed"
