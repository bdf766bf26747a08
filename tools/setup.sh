# shellcheck shell=bash
# Sourced by ./quickstart and ./run-tests: installs the dependencies of Sift and builds it.
# Every finished step leaves a stamp: the next run skips it and needs no network.
set -euo pipefail

readonly TORCH_VERSION=2.15.0
# The CUDA release of that wheel: libtorch_cpu loads these two libraries even without a GPU.
readonly CUDA_WHEELS=("nvidia-cuda-runtime==13.2.*" "nvidia-cuda-cupti==13.2.*")
# Each of its wheels contains the C++ libraries and headers of Arrow, for Parquet and CSV.
readonly PYARROW_VERSION=26.0.1
readonly OLDEST_PYTHON=3.11
# A build with tests; most of it is LibTorch's precompiled headers.
readonly BUILD_MEGABYTES=1500

absolute() { [[ $1 == /* ]] && echo "$1" || echo "$PWD/$1"; }

SIFT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SIFT_DEPS=$(absolute "${SIFT_DEPS:-$SIFT_ROOT/.deps}")
SIFT_BUILD_DIR=$(absolute "${SIFT_BUILD_DIR:-$SIFT_ROOT/build}")
readonly SIFT_ROOT SIFT_DEPS SIFT_BUILD_DIR
readonly LOGS=$SIFT_DEPS/logs
readonly TOOLS_PYTHON=$SIFT_DEPS/tools/bin/python

# Without this, ccache does not cache files that use a precompiled header, because of its time stamp.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { echo "[setup] $*"; }

die() {
  echo "error: $*" >&2
  exit 1
}

# Shows the progress of a long step: the elapsed time and the last line of its log.
watch_log() {
  local log=$1 start=$SECONDS width tick=0 line
  width=$(($(tput cols 2>/dev/null || echo 100) - 1))
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    tick=$((tick + 1))
    line="[setup]   $((SECONDS - start)) s: $(tail -n 1 "$log" 2>/dev/null | tr -d '\r\033' || true)"
    if [[ -t 1 ]]; then
      printf '\r\033[K%s' "${line:0:width}"
    elif ((tick % 10 == 0)); then
      echo "$line"
    fi
  done
}

# run_step TITLE LOG_NAME COMMAND...: runs a command with its output in a log, which is shown on failure.
run_step() {
  local title=$1 log=$LOGS/$2.log start=$SECONDS status=0 watcher
  shift 2
  mkdir -p "$LOGS"
  : >"$log"
  say "$title"
  watch_log "$log" &
  watcher=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
  if ((status != 0)); then
    echo "----- end of $log" >&2
    tail -n 40 "$log" >&2
    echo "-----" >&2
    die "this step failed with exit status $status: $title"
  fi
  say "  done in $((SECONDS - start)) s"
}

# need_space FOLDER MEGABYTES TITLE: fails before the work starts if the disk is too full.
need_space() {
  local folder=$1 megabytes=$2 title=$3 free
  mkdir -p "$folder"
  free=$(df --output=avail --block-size=1M "$folder" | tail -n 1)
  if ((free < megabytes)); then
    die "$title needs $megabytes MB, but the disk of $folder has $((free)) MB free;" \
      "free some, or name folders on another disk: SIFT_DEPS (what is fetched), SIFT_BUILD_DIR (the build)"
  fi
}

# --- Debian packages ---------------------------------------------------------------------------------------------

python_has() { python3 -c "import $1" >/dev/null 2>&1; }

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || echo "$package"
  done
}

# setup_packages [EXTRA...]
setup_packages() {
  local wanted=(g++ cmake ninja-build ccache git pkg-config libboost-dev libboost-filesystem-dev
    libboost-program-options-dev libtomlplusplus-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libgtest-dev
    libgmock-dev libbenchmark-dev libpcre2-dev libicu-dev zlib1g-dev liblzma-dev libzstd-dev
    libgloo-dev
    "$@")
  # Python may come from elsewhere, so check that it works instead of checking for its packages.
  command -v python3 >/dev/null || wanted+=(python3)
  python_has pip || wanted+=(python3-pip)
  python_has "venv, ensurepip" || wanted+=(python3-venv)

  if ! command -v dpkg-query >/dev/null; then
    say "Not a Debian system: packages are not checked. Sift needs: ${wanted[*]}"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if ((${#missing[@]} > 0)); then
    say "Missing Debian packages: ${missing[*]}"
    if ((EUID != 0)); then
      die "install these packages as root: apt-get install ${missing[*]}"
    fi
    export DEBIAN_FRONTEND=noninteractive
    run_step "Reading the package lists" apt-update apt-get update
    run_step "Installing ${#missing[@]} Debian packages" apt-install \
      apt-get install -y --no-install-recommends "${missing[@]}"
  fi
  hash -r
  python_has "pip, venv, ensurepip" ||
    die "$(command -v python3) lacks pip or venv; install them for it, or put another python3 first in PATH"
  python3 -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$OLDEST_PYTHON'.split('.'))))" ||
    die "$(command -v python3) is $(python3 --version); Python $OLDEST_PYTHON or newer is required"
}

# download_wheels FOLDER REQUIREMENT...: wheels for any Python version, since only their C++ part is used; the
# installed version may have none.
download_wheels() {
  local folder=$1 machine platform
  shift
  machine=$(uname -m)
  local options=(--no-deps --no-cache-dir --dest "$folder" --only-binary=:all: --implementation cp --python-version 3.12)
  for platform in manylinux_2_28 manylinux_2_27 manylinux_2_26 manylinux_2_25 manylinux_2_17 manylinux2014; do
    options+=(--platform "${platform}_$machine")
  done
  python3 -m pip download "${options[@]}" "$@"
}

# fetch_library NAME TITLE MEGABYTES WHEEL...: unpacks wheels with unpack_NAME into $SIFT_DEPS/NAME. NAME may end with
# -VERSION, which is not part of the name of the function.
fetch_library() {
  local name=$1 title=$2 megabytes=$3 target=$SIFT_DEPS/$1 scratch
  shift 3
  if [[ -f $target/.complete && $(<"$target/.complete") == "$*" ]]; then
    say "$title is installed"
    return
  fi
  rm -rf "$SIFT_DEPS/.$name".*
  need_space "$SIFT_DEPS" $((megabytes * 5 / 2)) "Fetching and unpacking $title"
  scratch=$(mktemp -d "$SIFT_DEPS/.$name.XXXXXX")
  run_step "Fetching $title (a download of about $megabytes MB)" "$name-download" download_wheels "$scratch/wheels" "$@"
  run_step "Unpacking $title" "$name-unpack" \
    bash -c '"unpack_$1" "${@:2}"' _ "${name%%-*}" "$scratch/$name" "$scratch"/wheels/*.whl
  echo "$*" >"$scratch/$name/.complete"
  rm -rf "$target"
  mv "$scratch/$name" "$target"
  rm -rf "$scratch"
}

# --- LibTorch ----------------------------------------------------------------------------------------------------

# Prints the part of CMAKE_PREFIX_PATH that holds LibTorch: an unpacked zip or wheel, or a Python environment.
libtorch_of_environment() {
  local prefixes prefix candidate
  IFS=':;' read -r -a prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    for candidate in "$prefix" "$prefix"/torch "$prefix"/lib{,64}/python3.*/site-packages/torch "$prefix"/../..; do
      if [[ -n $prefix && -e $candidate/lib/libtorch_cpu.so && -e $candidate/include/ATen/ATen.h ]]; then
        echo "$prefix"
        return
      fi
    done
  done
}

# Keeps the C++ part for CPUs: the GPU libraries need several gigabytes of other wheels.
unpack_libtorch() {
  python3 - "$@" <<'PY'
import pathlib, re, subprocess, sys, zipfile

target, *wheels = sys.argv[1:]
keep = re.compile(
    r"torch/(include|share)/|(torch|nvidia/.+)/lib/[^/]+\.so[.\d]*$|[^/]+\.dist-info/(licenses/|L)"
)
drop = re.compile(
    r"torch/lib/lib(torch_cuda|torch_nvshmem|torch_python|torch_global_deps|torch\.|c10_cuda|caffe2_nvrtc|shm)"
)
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [n for n in archive.namelist() if keep.match(n) and not drop.match(n)])
library = pathlib.Path(target, "torch/lib/libtorch_cpu.so")
if not library.is_file():
    sys.exit(f"the wheels do not contain {library.name}")
needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
lost = [line.split()[0] for line in needed.splitlines() if "not found" in line]
if lost:
    sys.exit(f"{library.name} needs missing libraries: {', '.join(lost)}")
PY
}
export -f unpack_libtorch

# Sets LIBTORCH_PREFIX.
setup_libtorch() {
  local given
  given=$(libtorch_of_environment)
  if [[ -n $given ]]; then
    say "Using LibTorch from CMAKE_PREFIX_PATH: $given"
    LIBTORCH_PREFIX=$given
    return
  fi
  fetch_library libtorch "LibTorch $TORCH_VERSION" 550 "torch==$TORCH_VERSION" "${CUDA_WHEELS[@]}"
  LIBTORCH_PREFIX=$SIFT_DEPS/libtorch
  if [[ -e /dev/nvidiactl ]]; then
    say "This LibTorch supports only the CPU. For a GPU, set CMAKE_PREFIX_PATH to a Python environment with torch."
  fi
}

# --- Arrow -------------------------------------------------------------------------------------------------------

# Whether CMAKE_PREFIX_PATH contains Arrow, which cmake/FindArrow.cmake will find.
arrow_is_given() {
  local prefixes prefix candidate
  IFS=':;' read -r -a prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  for prefix in "${prefixes[@]}"; do
    for candidate in "$prefix" "$prefix"/pyarrow "$prefix"/lib{,64}/python3.*/site-packages/pyarrow; do
      if [[ -n $prefix && -e $candidate/include/parquet/arrow/reader.h ]]; then return; fi
    done
  done
  return 1
}

unpack_arrow() {
  python3 - "$@" <<'PY'
import re, sys, zipfile

target, wheel = sys.argv[1:]
keep = re.compile(r"pyarrow/(include/(arrow|parquet)/|lib(arrow|parquet)\.so)|[^/]+\.dist-info/(licenses/|L)")
drop = re.compile(r"pyarrow/include/arrow/python/")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(target, [n for n in archive.namelist() if keep.match(n) and not drop.match(n)])
PY
}
export -f unpack_arrow

# Downloads the libraries for Parquet and CSV, the only parts of Sift that need them.
setup_arrow() {
  if arrow_is_given; then
    say "Using Arrow from CMAKE_PREFIX_PATH"
    return
  fi
  fetch_library arrow "Arrow $PYARROW_VERSION" 55 "pyarrow==$PYARROW_VERSION"
}

# --- Python tools ------------------------------------------------------------------------------------------------

# setup_tools REQUIREMENTS_FILE...
setup_tools() {
  local venv=$SIFT_DEPS/tools file stamp wanted
  if [[ ! -f $venv/.complete ]] || ! "$TOOLS_PYTHON" -c "" 2>/dev/null; then
    rm -rf "$venv"
    mkdir -p "$SIFT_DEPS"
    run_step "Making a Python environment for the tools" tools-venv python3 -m venv "$venv"
    touch "$venv/.complete"
  fi
  for file in "$@"; do
    stamp=$venv/.installed-${file//\//-}
    wanted=$(sha256sum <"$SIFT_ROOT/$file")
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then continue; fi
    run_step "Installing the Python packages of $file" tools-install \
      "$TOOLS_PYTHON" -m pip install --no-deps --requirement "$SIFT_ROOT/$file"
    echo "$wanted" >"$stamp"
  done
  say "The Python tools are installed"
}

# --- Build -------------------------------------------------------------------------------------------------------

# Compiling a file that includes LibTorch takes up to 2 GB: limit the parallel jobs to the memory of the machine.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 1024 / 1024 / 2) }' /proc/meminfo)
  echo $((memory < 1 ? 1 : memory < cores ? memory : cores))
}

# build_sift CMAKE_OPTION...: builds SIFT_BUILD_TARGETS, or everything.
build_sift() {
  local prefix_path=$LIBTORCH_PREFIX
  if [[ -f $SIFT_DEPS/arrow/.complete ]] && ! arrow_is_given; then prefix_path+=";$SIFT_DEPS/arrow"; fi
  local options=(-G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=$prefix_path" "$@")
  local stamp=$SIFT_BUILD_DIR/.sift-configured wanted
  if command -v ccache >/dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  wanted=$(printf '%s\n' "$SIFT_ROOT" "${options[@]}")
  if [[ ! -f $stamp || ! -f $SIFT_BUILD_DIR/build.ninja || $(<"$stamp") != "$wanted" ]]; then
    # Discard cached results of another configuration, above all another LibTorch.
    if [[ -f $SIFT_BUILD_DIR/CMakeCache.txt ]]; then options+=(--fresh); fi
    rm -f "$stamp"
    run_step "Configuring" configure cmake -S "$SIFT_ROOT" -B "$SIFT_BUILD_DIR" "${options[@]}"
    echo "$wanted" >"$stamp"
  fi
  local jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(build_jobs)} note=""
  if [[ ! -f $SIFT_BUILD_DIR/.ninja_log ]]; then
    need_space "$SIFT_BUILD_DIR" "$BUILD_MEGABYTES" "The first build"
    note="; the first build takes several minutes"
  fi
  run_step "Building Sift in $SIFT_BUILD_DIR ($jobs at a time$note)" build \
    cmake --build "$SIFT_BUILD_DIR" --parallel "$jobs" ${SIFT_BUILD_TARGETS:+--target $SIFT_BUILD_TARGETS}
}
