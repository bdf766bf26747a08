#!/usr/bin/env bash
# Runs the bundle on the CPU as on a machine with only Python and torch.
#
#     rehearse.sh --site FOLDER [--name torch] [--bundle FOLDER | --build FOLDER] [OPTION OF check.py ...]
#
# The FOLDER of --site contains torch (installed, or only LibTorch), under this or another name, and its dependencies. An
# unprivileged user unpacks and runs the bundle in a root with a shell, Python and their libraries: no network, no build
# folder, a read-only bundle. Exits with status 77 if such a root cannot be created.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
site="" name=torch bundle="" build=""
options=()
while (($# > 0)); do
  case $1 in
    --site) site=$(cd "$2" && pwd); shift 2 ;;
    --name) name=$2; shift 2 ;;
    --bundle) bundle=$(cd "$2" && pwd); shift 2 ;;
    --build) build=$2; shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done
[[ -f $site/$name/lib/libtorch_cpu.so ]] || { echo "error: --site: no $name in '$site'" >&2; exit 2; }

if ! unshare --mount --net --pid --fork true 2>/dev/null; then
  echo "skipped: this user may not create namespaces (unshare --mount --net --pid)"
  exit 77
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/sift-rehearsal-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
if [[ -z $bundle ]]; then
  bundle=$scratch/bundle
  "$ROOT/tools/gpu/bundle.sh" --build "${build:?--bundle or --build}" --out "$bundle" --level 0
fi

# copy_with_libraries FILE...: copies files and their shared libraries to the same paths in the root.
copy_with_libraries() {
  local file
  for file in "$@" $(ldd "$@" 2>/dev/null | grep -oE '/[^ :]+' | sort -u); do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
  done
}

root=$scratch/root
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
mkdir -p "$root"/{bin,dev,etc,proc,tmp,bundle,site,out} "$root$stdlib"
chmod 1777 "$root/tmp" "$root/out"
copy_with_libraries "$(readlink -f "$(command -v sh)")" "$(command -v dirname)" "$(command -v mktemp)" \
  "$(command -v rm)" "$(command -v cat)" "$python"
copy_with_libraries "$stdlib"/lib-dynload/*.so
# all of libc: programs may need other parts than these
libc=$(dirname "$(ldd "$python" | grep -oE '/[^ ]+/libc\.so\.6')")
copy_with_libraries "$libc"/lib{m,rt,dl,pthread,util,resolv,anl,mvec}.so.[0-9]
ln -sf "$(readlink -f "$(command -v sh)")" "$root/bin/sh"
ln -sf "$python" "$root/bin/python3"
echo "nobody:x:65534:65534:nobody:/out:/bin/sh" >"$root/etc/passwd"
torch_option=()
[[ -f $site/$name/__init__.py ]] || torch_option=(--torch "/site/$name")
# shellcheck disable=SC2016
unshare --mount --net --pid --fork bash -c '
  set -e
  root=$1 stdlib=$2 bundle=$3 site=$4 chroot=$5
  shift 5
  mount --make-rprivate /
  for pair in "$stdlib:$stdlib" "$bundle:/bundle" "$site:/site"; do
    mount --bind "${pair%%:*}" "$root${pair#*:}"
    mount -o remount,bind,ro "$root${pair#*:}"
  done
  mount -t proc proc "$root/proc"
  for device in null zero urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  exec env -i PATH=/usr/bin:/bin PYTHONPATH=/site HOME=/out \
    "$chroot" --userspec=65534:65534 "$root" /bin/sh /bundle/run.sh "$@"
' _ "$root" "$stdlib" "$bundle" "$site" "$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)" --out /out/results "${torch_option[@]}" --device cpu "${options[@]}"
