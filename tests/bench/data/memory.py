"""Measures the memory of the loader: runs `sift inspect` on files of several sizes."""

import json
import os
import subprocess
import time


def statuses(pid):
    with open(f"/proc/{pid}/status") as file:
        values = dict(line.split(":", 1) for line in file)
    return {key: int(values[key].split()[0]) / 1024 for key in ("VmHWM", "RssAnon", "RssFile", "RssShmem")}


def watch(command, environment):
    """Peak MiB of each kind of resident memory, and seconds."""
    start = time.time()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                               env={**os.environ, **environment})
    peaks = {}
    while process.poll() is None:
        try:
            now = statuses(process.pid)
        except (KeyError, OSError):  # the process is ending
            break
        peaks = {key: max(value, peaks.get(key, 0)) for key, value in now.items()}
        time.sleep(0.005)
    if process.wait() != 0:
        raise SystemExit(f"exit status {process.returncode}: {command}")
    return peaks, time.time() - start


def write_rows(path, source, megabytes):
    rows = source.read_text()
    with open(path, "w") as out:
        while out.tell() < megabytes * 1e6:
            out.write(rows)
    return path.stat().st_size / 1e6, sum(1 for _ in open(path))


def config(options, rows, packing):
    data = dict(train=str(rows), max_length=1024, packing=packing, shuffle_dataset=packing)
    lines = ["[model]", f"path = {json.dumps(str(options.model))}", "[data]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in data.items()]
    path = options.scratch / "memory.toml"
    path.write_text("\n".join([*lines, "[train]", 'output_dir = "never-made"', ""]))
    return path


def measure(options, source):
    print("MB of rows, number of rows, packed and shuffled: peak MiB resident, of it anonymous, of it files; seconds")
    for packing in (False, True):
        for megabytes in options.megabytes:
            path = options.scratch / "rows.jsonl"
            size, count = write_rows(path, source, megabytes)
            command = [options.build / "bin/sift", "inspect", config(options, path, packing), "--rows", "0"]
            peaks, seconds = watch(command, {"SIFT_CACHE": str(options.scratch / "cache")})
            print(f"{size:6.0f} {count:9} {packing!s:6} {peaks['VmHWM']:7.0f} {peaks['RssAnon']:7.0f} "
                  f"{peaks['RssFile'] + peaks['RssShmem']:7.0f} {seconds:7.1f}")
            path.unlink()
