# shellcheck shell=bash
# Sourced by ./run-tests: clang-tidy over Sift's own sources. A clean source is not checked again until it,
# a header or the configuration changes.
#
# LibTorch's headers take nearly all of the time, so many sources are checked as one file that includes them all.

tidy_stamp() { echo "$TIDY_STAMPS/${1//\//-}.$( (cat "$1" && echo "$TIDY_KEY") | sha256sum | cut -c1-16)"; }

# tidy_sources SOURCE...
tidy_sources() {
  local unit source status=0 report apart=() together=()
  unit=$(mktemp --suffix .cpp "$TIDY_STAMPS/unit-XXXXXX")
  for source in "$@"; do
    # every plugin defines the same entry point
    printf '#undef sift_plugin_info\n#define sift_plugin_info sift_plugin_info_%s\n' "${source//[^a-z0-9]/_}"
    printf '#include "%s"  // NOLINT\n' "$PWD/$source"
  done >"$unit"
  # shellcheck disable=SC2086
  report=$("$TIDY_PROGRAM" --quiet --config-file=.clang-tidy "$unit" -- $TIDY_FLAGS 2>&1) || status=1
  rm -f "$unit"
  if ((status == 0)); then
    for source in "$@"; do touch "$(tidy_stamp "$source")"; done
    return
  fi
  if (($# == 1)) || [[ $report != *"[clang-diagnostic-error]"* ]]; then
    grep -vE '^[0-9]+ (warnings|errors)' <<<"${report//"$PWD/"/}"
    return 1
  fi
  # If two sources define the same name, the later one is checked separately; if the culprit is unknown, half of them.
  for source in "$@"; do
    if [[ $report =~ "$PWD/$source":[0-9:]*" error: "[^$'\n']*"[clang-diagnostic-error]" ]]; then
      apart+=("$source")
    else
      together+=("$source")
    fi
  done
  if ((${#together[@]} == 0 || ${#apart[@]} == 0)); then
    together=("${@:1:$# / 2}")
    apart=("${@:$# / 2 + 1}")
  fi
  tidy_sources "${together[@]}" || status=2
  tidy_sources "${apart[@]}" || status=2
  return $((status == 2))
}
export -f tidy_stamp tidy_sources

# clang-tidy checks these only in the main file, which here contains only includes.
unused_using_declarations() {
  local source name status=0
  while IFS=: read -r source _ name; do
    name=${name%;} name=${name##*::}
    if (($(grep -ow "$name" "$source" | wc -l) > 1)); then continue; fi
    echo "$source: error: using declaration of '$name' is unused"
    status=1
  done < <(git grep -nE '^ *using [A-Za-z_0-9:]+::[A-Za-z_0-9]+;' -- '*.cpp')
  return $status
}

# check_tidy BUILD_DIR: prints the findings; fails if there are any.
check_tidy() {
  local build=$1 program version start=$SECONDS status=0 name source sources=() parquet=()
  program=$(command -v clang-tidy-14 || command -v clang-tidy) || die "clang-tidy is not installed"
  version=$("$program" --version | grep -oE 'version [0-9]+' | grep -oE '[0-9]+' | head -n 1)
  if [[ $version != 14 ]]; then
    say "The sources are not checked with clang-tidy: it requires version 14, found $version"
    return 0
  fi
  export TIDY_PROGRAM=$program TIDY_STAMPS=$build/tidy
  export TIDY_FLAGS="-std=c++20 -Icore -Icore/include -Itests -Iplugins/optimizers -Icore/parallel/without_python -isystem $build/libtorch-include \
-isystem $build/libtorch-include/torch/csrc/api/include -isystem $build/arrow-include -DSPDLOG_SHARED_LIB -DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL -DUSE_C10D_GLOO"
  for name in $(grep -oE '^  SIFT_[A-Z_]+=' tests/CMakeLists.txt | tr -d ' ='); do
    TIDY_FLAGS+=" -D$name=\"\""
  done
  TIDY_KEY=$(git ls-files -z '*.h' .clang-tidy | xargs -0 sha256sum | sha256sum)
  export TIDY_KEY
  mkdir -p "$TIDY_STAMPS"
  while read -r source; do
    [[ ! -f $source || -f $(tidy_stamp "$source") ]] && continue
    # forward declarations of Arrow conflict with names in the other sources
    if [[ $source == core/data/parquet/* ]]; then parquet+=("$source"); else sources+=("$source"); fi
  done < <(git ls-files {core,plugins,examples,tests/support}'/*.cpp')
  [[ -d $build/arrow-include ]] || parquet=()
  say "Checking $((${#sources[@]} + ${#parquet[@]})) sources with clang-tidy"
  unused_using_declarations || status=1
  if ((${#parquet[@]} > 0)); then tidy_sources "${parquet[@]}" || status=1; fi
  if ((${#sources[@]} > 0)); then
    printf '%s\0' "${sources[@]}" | xargs -0 -n 24 -P "$(nproc)" bash -c 'tidy_sources "$@"' _ || status=1
  fi
  say "  done in $((SECONDS - start)) s"
  return $status
}
