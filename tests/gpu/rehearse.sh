#!/usr/bin/env bash
# Runs the bundle on the CPU as it will run on a machine that has Python with torch and nothing else.
#
#     rehearse.sh --site FOLDER [--name torch] [--bundle FOLDER | --build FOLDER] [OPTION OF check.py ...]
#
# FOLDER of --site holds the folder torch, an installed one or LibTorch alone, under this or another name, and what it
# needs. The bundle is unpacked and run by a user without rights in a root that has a shell, Python and the libraries of
# these two: no network, no build folder, a bundle that is read-only. Exit status 77 where such a root cannot be made.
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
  echo "skipped: this user may not make namespaces (unshare --mount --net --pid)"
  exit 77
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/sift-rehearsal-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
if [[ -z $bundle ]]; then
  bundle=$scratch/bundle
  "$ROOT/tools/gpu/bundle.sh" --build "${build:?--bundle or --build}" --out "$bundle" --level 0
fi

# copy_with_libraries FILE...: into the root, at the same place, with the shared libraries that they need.
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
# all of libc, of which a program may need parts that these do not
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
