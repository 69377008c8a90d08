#!/usr/bin/env bash
# Runs a program; what it prints must be what a file holds.
#   compare_output.sh PROGRAM FILE
set -eu
"$1" >"$TEST_TMPDIR/output"
diff -u "$2" "$TEST_TMPDIR/output"
