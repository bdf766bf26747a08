#!/bin/sh
# Unpacks the bundle that contains this file, finds the installed torch, and runs the check. See docs/gpu.md.
#
#     run.sh [--out FOLDER] [--torch FOLDER] [OPTION OF check.py ...]      run.sh --help lists them
#
# Needs python3 with torch, but no privileges; the folder of the bundle may be read-only. FOLDER defaults to sift-gpu-results.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$PWD/sift-gpu-results
torch=""
set -- "$@" --end-of-options
while [ "$1" != --end-of-options ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    --torch) torch=$2; shift 2 ;;
    *) set -- "$@" "$1"; shift ;;
  esac
done
shift

if [ -z "$torch" ]; then
  torch=$(python3 -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").origin))') || {
    echo "error: $(command -v python3) has no torch; put a python3 with torch first in PATH, or give its folder with --torch" >&2
    exit 1
  }
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/sift-gpu-bundle-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Python's lzma, since xz may not be installed
python3 - "$here" "$work" <<'PY'
import pathlib, sys, tarfile, zipfile
here, work = map(pathlib.Path, sys.argv[1:])
with tarfile.open(here / "payload.tar.xz") as payload:
    payload.extractall(work / "sift", filter="data")
for wheel in sorted((here / "wheels").glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "site")
PY

libraries=$torch/lib:$work/sift/lib:$work/sift/lib/deps
if ! LD_LIBRARY_PATH=$libraries "$work/sift/bin/sift" plugins >/dev/null 2>&1; then
  SIFT_GPU_FALLBACK=$work/sift/lib/fallback
  export SIFT_GPU_FALLBACK
  if ! LD_LIBRARY_PATH=$libraries:$SIFT_GPU_FALLBACK "$work/sift/bin/sift" plugins >"$work/problem" 2>&1; then
    cat "$work/problem" >&2
    echo "error: Sift cannot load the torch in $torch; its version must be the one that the bundle was built for" >&2
    exit 1
  fi
fi
PYTHONPATH=$work/site${PYTHONPATH:+:$PYTHONPATH} python3 "$work/sift/tests/gpu/check.py" --torch "$torch" --out "$out" "$@"
