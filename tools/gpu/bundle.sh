#!/usr/bin/env bash
# Packs Sift and its check for a machine that has a GPU, Python with torch, and nothing else. docs/gpu.md.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SIFT_BUILD_DIR=${SIFT_GPU_BUILD_DIR:-$ROOT/build-gpu}
# shellcheck source=tools/setup.sh
source "$ROOT/tools/setup.sh"

readonly GPU_TORCH_VERSION=2.11.0
readonly GPU_CUDA_WHEELS=("nvidia-cuda-runtime==13.0.*" "nvidia-cuda-cupti==13.0.*")
# What TRL needs beyond transformers and accelerate.
readonly TRL_WHEELS=("trl==1.16.0" "liger-kernel==0.8.5" "datasets==5.2.0" "dill==0.4.1" "multiprocess==0.70.19")
readonly MAX_MEGABYTES=32
# Part of every system, or of none but the one that they were made for.
readonly SYSTEM_LIBRARIES='^(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|anl|mvec))\.so'
# Newer ones may be there already, which torch then needs.
readonly COMPILER_LIBRARIES='^lib(stdc\+\+|gcc_s)\.so'

usage() {
  cat <<'TEXT'
usage: tools/gpu/bundle.sh [--out FOLDER] [--trl] [--build FOLDER] [--level N]

Builds Sift for a CUDA LibTorch in build-gpu (the PyPI wheel torch==2.11.0, or the one that CMAKE_PREFIX_PATH names) and packs
FOLDER (runs/gpu-bundle): copy it to the machine with the GPU and run run.sh in it. A second call reuses what is built.

  --trl            with the wheels that TRL and liger-kernel need there, to compare with them
  --build FOLDER   pack this build, which has the tests' programs, and build nothing
  --level N        how hard to compress, 0 to 9 (9)

Environment: SIFT_GPU_BUILD_DIR (build-gpu), SIFT_DEPS (.deps).
TEXT
}

out=$SIFT_ROOT/runs/gpu-bundle
build=""
with_trl=false
level=9
while (($# > 0)); do
  case $1 in
    --out) out=$(absolute "${2:?--out needs a folder}"); shift 2 ;;
    --build) build=$(absolute "${2:?--build needs a folder}"); shift 2 ;;
    --trl) with_trl=true; shift ;;
    --level) level=${2:?--level needs a number}; shift 2 ;;
    -h | --help) usage; exit ;;
    *) usage >&2; exit 2 ;;
  esac
done

build_for_gpu() {
  setup_packages xz-utils binutils
  local given
  given=$(libtorch_of_environment)
  if [[ -n $given ]]; then
    LIBTORCH_PREFIX=$given
  else
    fetch_library "libtorch-$GPU_TORCH_VERSION" "LibTorch $GPU_TORCH_VERSION" 530 "torch==$GPU_TORCH_VERSION" \
      "${GPU_CUDA_WHEELS[@]}"
    LIBTORCH_PREFIX=$SIFT_DEPS/libtorch-$GPU_TORCH_VERSION
  fi
  # Parquet is left out: Arrow is larger than all the rest, and nothing of the check reads it.
  SIFT_BUILD_TARGETS=gpu_bundle build_sift -DSIFT_BUILD_TESTS=ON -DCMAKE_DISABLE_FIND_PACKAGE_Arrow=ON
  build=$SIFT_BUILD_DIR
}

# The folder that the program of the build finds LibTorch in.
libtorch_of_build() { sed -n 's/^LibTorch_CPU_LIBRARY:[^=]*=\(.*\)\/lib\/libtorch_cpu\.so$/\1/p' "$build/CMakeCache.txt"; }

# stage FOLDER: what the payload unpacks to, laid out as the repository is.
stage() {
  local stage=$1 libtorch
  libtorch=$(libtorch_of_build)
  [[ -n $libtorch ]] || die "$build is no build of Sift: its CMakeCache.txt names no LibTorch"
  mkdir -p "$stage"/{bin,lib/sift/plugins,lib/bench,lib/deps,lib/fallback,tests/{gpu,faults,bench/compare,fixtures/parity}}
  cp "$build"/bin/{sift,op_check,device_rates} "$stage/bin"
  cp "$build"/tests/lib/libsift.so "$stage/lib"  # for the programs of the tests as well, which need its insides
  cp "$build"/lib/sift/plugins/*.so "$stage/lib/sift/plugins"
  cp "$build"/tests/bench/step_times.so "$stage/lib/bench"
  find "$stage" -type f -exec strip --strip-unneeded {} +
  cp "$SIFT_ROOT"/tests/gpu/*.py "$stage/tests/gpu"
  cp "$SIFT_ROOT/tests/faults/support.py" "$stage/tests/faults"
  cp "$SIFT_ROOT"/tests/bench/compare/{workloads,trl_worker}.py "$stage/tests/bench/compare"
  cp -r "$SIFT_ROOT"/tests/fixtures/parity/{models,runs,adapters,docs.jsonl} "$stage/tests/fixtures/parity"
  "$build/bin/write_reference_runs" "$stage/reference" || die "the runs of TRL could not be written"
  copy_libraries "$stage" "$libtorch/lib"
}

# copy_libraries STAGE LIBTORCH: every shared library that the staged files need and another system may lack.
copy_libraries() {
  local stage=$1 libtorch=$2 name path
  while read -r name path; do
    if [[ $name =~ $SYSTEM_LIBRARIES || $path == "$stage"/* || $path == "$(dirname "$libtorch")"/* ]]; then continue; fi
    if [[ $path != /lib/* && $path != /usr/lib/* ]]; then continue; fi  # LibTorch's own, out of other wheels
    if [[ $name =~ $COMPILER_LIBRARIES ]]; then cp -L "$path" "$stage/lib/fallback/$name"; else cp -L "$path" "$stage/lib/deps/$name"; fi
  done < <(find "$stage/bin" "$stage/lib" -type f -print0 | LD_LIBRARY_PATH=$libtorch:$stage/lib xargs -0 -n 1 ldd |
    awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u)
}

pack() {
  local stage
  stage=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$stage'" EXIT
  stage "$stage/sift"
  rm -rf "$out"
  mkdir -p "$out"
  cp "$SIFT_ROOT/tests/gpu/run.sh" "$out"
  say "Packing"
  tar -C "$stage/sift" --sort=name --owner=0 --group=0 --mtime=@0 -cf - . | xz "-$level" -T1 >"$out/payload.tar.xz"
  if $with_trl; then
    run_step "Fetching the wheels that TRL needs" trl-wheels download_wheels "$out/wheels" "${TRL_WHEELS[@]}"
  fi
  local megabytes
  megabytes=$(du -s --apparent-size --block-size=1M "$out" | cut -f 1)
  ((megabytes <= MAX_MEGABYTES)) || die "$out has $megabytes MB, more than the $MAX_MEGABYTES that it may have"
  say "The bundle is in $out ($megabytes MB): on the machine with the GPU, run.sh in it"
}

if [[ -z $build ]]; then build_for_gpu; fi
pack
