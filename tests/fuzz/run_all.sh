#!/usr/bin/env bash
# run_all.sh BUILD SECONDS [TARGET...]
#
# Runs all targets of a build with SIFT_BUILD_FUZZERS, or the named ones, in turn, and prints a table row for each: wall-clock
# seconds, CPU seconds (fewer on a shared machine), executions, covered edges. Exits with status 1 if a target found a fault.
# FUZZER_OPTIONS are passed to libFuzzer, e.g. -timeout=300 on a machine that suspends processes.
set -euo pipefail
build=$1 seconds=$2
shift 2
here=$(dirname "$(realpath "$0")")
targets=("$@")
if ((${#targets[@]} == 0)); then
  for file in "$here"/*_fuzz.cpp; do targets+=("$(basename "$file" _fuzz.cpp)"); done
fi
status=0
echo "| target | seconds | CPU seconds | executions | edges | |"
echo "| --- | --- | --- | --- | --- | --- |"
for target in "${targets[@]}"; do
  log=$build/corpus/$target.log
  mkdir -p "$build/corpus"
  TIMEFORMAT='%R %U %S'
  outcome=clean
  # rows are prepared in many ways: longer inputs are slow and find nothing more
  read -ra options <<<"${FUZZER_OPTIONS:-}"
  if [[ $target == jsonl_rows ]]; then options+=(-max_len=1024); fi
  if ! times=$( (time "$here/run_fuzzer.sh" "$build" "$target" "$seconds" "${options[@]}" >"$log" 2>&1) 2>&1); then
    outcome="a fault: see $log"
    status=1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(grep -a -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)
  read -r wall user system <<<"$times"
  awk -v t="$target" -v w="$wall" -v u="$user" -v s="$system" -v e="$executions" -v c="$edges" -v o="$outcome" \
    'BEGIN { printf "| `%s` | %.0f | %.0f | %s | %s | %s |\n", t, w, u + s, e, c, o; fflush() }'
done
exit $status
