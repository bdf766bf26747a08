# shellcheck shell=bash
# Sourced by ./run-tests: clang-tidy over Sift's own sources. A file that was found clean is not read again until it,
# a header or the configuration changes.

# tidy_one SOURCE: one compiler process is enough for a file, so files run side by side.
tidy_one() {
  local source=$1 stamp
  stamp=$TIDY_STAMPS/${source//\//-}.$( (cat "$source" && echo "$TIDY_KEY") | sha256sum | cut -c1-16)
  [[ -f $stamp ]] && return
  # shellcheck disable=SC2086
  if "$TIDY_PROGRAM" --quiet "$source" -- $TIDY_FLAGS >"$stamp.log" 2>&1; then
    mv "$stamp.log" "$stamp"
  else
    echo "----- $source"
    grep -vE '^[0-9]+ (warnings|errors)' "$stamp.log"
    return 1
  fi
}
export -f tidy_one

# check_tidy BUILD_DIR: prints what is wrong; fails when anything is.
check_tidy() {
  local build=$1 program version start=$SECONDS
  program=$(command -v clang-tidy-14 || command -v clang-tidy) || die "clang-tidy is not installed"
  version=$("$program" --version | grep -oE 'version [0-9]+' | grep -oE '[0-9]+' | head -n 1)
  if [[ $version != 14 ]]; then
    say "The sources are not checked with clang-tidy: it needs version 14, and this is $version"
    return 0
  fi
  export TIDY_PROGRAM=$program TIDY_STAMPS=$build/tidy
  export TIDY_FLAGS="-std=c++20 -Icore -isystem $build/libtorch-include \
-isystem $build/libtorch-include/torch/csrc/api/include -isystem $build/arrow-include -DSPDLOG_SHARED_LIB -DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL -DSIFT_VERSION=\"0\""
  TIDY_KEY=$(git ls-files -z '*.h' .clang-tidy | xargs -0 sha256sum | sha256sum)
  export TIDY_KEY
  mkdir -p "$TIDY_STAMPS"
  say "Checking the sources with clang-tidy (minutes the first time)"
  # core/text, core/train, plugins and examples are not free of findings yet
  local parts=(api app config data files memory model ops plugin)
  if [[ -d $build/arrow-include ]]; then parts+=(parquet); fi
  git ls-files -z "${parts[@]/#/core/}" | grep -z '\.cpp$' |
    xargs -0 -n 1 -P "$(nproc)" bash -c 'tidy_one "$1"' _ || return 1
  say "  done in $((SECONDS - start)) s"
}
