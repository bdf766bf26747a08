#!/usr/bin/env python3
"""Measures several processes on one machine: speed beside one process, memory of a rank, bytes sent in a step.

    tests/bench/scale/scale.py --rounds 3
    tests/bench/scale/scale.py --rounds 3 --json out.json

Speed: two processes of one thread each, with half the batch, beside one process of two threads, one after the other in each
round; the median of the ratios is printed. Bytes: what the loopback device of an own network namespace sends in a step (needs
root), beside 2 (N - 1) / N of the gradients for each process. Memory: the peak resident memory of the largest rank.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))

import workloads  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6, help="of each run; the first is not timed")
    parser.add_argument("--build", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--model", type=pathlib.Path, default=workloads.SMOLLM2)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-scale"))
    parser.add_argument("--strategy", nargs="+", default=["replicas"])
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def peaks_of(process):
    """Peak resident bytes of each sift that trains below this process, until it ends."""
    peaks = {}
    while process.poll() is None:
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                command = (status.parent / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"train" in command[1:2] and "VmHWM" in fields and session_of(status.parent.name) == os.getsid(process.pid):
                peaks[status.parent.name] = int(fields["VmHWM"].split()[0]) * 1024
        time.sleep(0.1)
    return list(peaks.values())


def session_of(pid):
    try:
        return os.getsid(int(pid))
    except OSError:
        return None


def run(options, settings, processes, threads, strategy="replicas", counts_bytes=False):
    """Tokens a second of the steps after the first, peak bytes of the largest rank, bytes sent in all."""
    folder = options.folder / f"{processes}x{threads}"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "run.toml"
    own = dict(settings, batch=settings["batch"] // processes)
    plugins = workloads.section("plugins", paths=[str(options.build / "tests/bench/step_times.so")])
    workloads.write_toml(config, own, folder, options.steps,
                         workloads.section("parallel", strategy=strategy) + plugins)
    sift = [str(options.build / "bin/sift")]
    launch = ["launch", "--nproc-per-node", str(processes)] if processes > 1 else []
    command = [*sift, *launch, "train", str(config), "--overwrite"]
    sent = folder / "sent"
    if counts_bytes:
        script = f'ip link set lo up && "$@" && cat /sys/class/net/lo/statistics/tx_bytes >{sent}'
        command = ["unshare", "-n", "sh", "-c", script, "sh", *command]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                   env={**os.environ, "OMP_NUM_THREADS": str(threads)})
        peaks = peaks_of(process)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{(folder / 'log').read_text()[-2000:]}")
    times = [tuple(float(word) for word in line.split()) for line in open(folder / "times")]
    seconds = sum(end - begin for begin, end, *_ in times[1:])
    tokens = times[-1][2] - times[0][2]
    return dict(speed=tokens / seconds, peak=max(peaks), sent=int(sent.read_text()) if counts_bytes else None)


def gradient_bytes(folder):
    """Of float32 gradients of all weights in the model folder."""
    with open(folder / "model.safetensors", "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    numel = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            count = 1
            for size in tensor["shape"]:
                count *= size
            numel += count
    return 4 * numel


def main():
    options = arguments()
    settings = workloads.prepare("short", options.folder, options.build / "bin/sift", options.model)
    found = {"speed": [], "peaks": {}, "sent": {}}
    for number in range(options.rounds):
        one, two = run(options, settings, 1, 2), run(options, settings, 2, 1)
        found["speed"].append(two["speed"] / one["speed"])
        print(f"round {number + 1}: one process {one['speed']:.0f} tokens/s, two {two['speed']:.0f}, "
              f"ratio {found['speed'][-1]:.3f}", flush=True)
    print(f"two processes of one thread beside one of two threads: {statistics.median(found['speed']):.3f}")
    for strategy in options.strategy:
        for processes in (1, 2, 4):
            peak = run(options, settings, processes, 1, strategy)["peak"]
            found["peaks"][f"{strategy} {processes}"] = peak
            print(f"{strategy}, N = {processes}: peak of a rank {peak / 2**20:.0f} MiB", flush=True)
        if os.geteuid() == 0:
            whole = gradient_bytes(options.model)
            for processes in (2, 4):
                sent = [run(argparse.Namespace(**{**vars(options), "steps": steps}), settings, processes, 1, strategy, True)["sent"]
                        for steps in (2, 4)]
                step = (sent[1] - sent[0]) / 2 / processes
                theory = 2 * (processes - 1) / processes * whole
                found["sent"][f"{strategy} {processes}"] = step
                print(f"{strategy}, N = {processes}: a process sends {step / 1e6:.1f} MB a step, "
                      f"{step / theory:.4f} of 2 (N - 1) / N of the gradients", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
