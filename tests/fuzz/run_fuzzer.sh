#!/usr/bin/env bash
# run_fuzzer.sh BUILD TARGET SECONDS [libFuzzer options...]
#
# Runs a target of a build with SIFT_BUILD_FUZZERS on its seeds and on the earlier findings in BUILD/corpus/TARGET. A failing input is
# saved in BUILD/corpus as TARGET-crash-..., TARGET-timeout-... or TARGET-oom-....
set -euo pipefail
build=$1 target=$2 seconds=$3
shift 3
here=$(dirname "$(realpath "$0")")
corpus=$build/corpus/$target
mkdir -p "$corpus" "$here/regressions/$target"
options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2500 -max_len=16384 -print_final_stats=1
  -artifact_prefix="$build/corpus/$target-")
dictionary=$here/dictionaries/$target.dict
if [[ -f $dictionary ]]; then options+=(-dict="$dictionary"); fi
# LibTorch is not instrumented: AddressSanitizer does not see it fill its containers, and its caches look like leaks
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=0:handle_abort=1
export UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=1
exec "$build/bin/${target}_fuzzer" "${options[@]}" "$@" "$corpus" "$build/tests/fuzz/seeds/$target" "$here/regressions/$target"
