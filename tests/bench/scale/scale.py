#!/usr/bin/env python3
"""Measures several processes on one machine.

    tests/bench/scale/scale.py speed --rounds 3     two processes of one thread beside one of two threads
    tests/bench/scale/scale.py memory               peak of a process beside the formula
    tests/bench/scale/scale.py bytes                what a process sends in a step beside the theory
    tests/bench/scale/scale.py hidden               the part of the communication that costs no time

speed: both with the same global batch, one after the other in each round; the median of the ratios is printed. memory: the largest
resident memory of any process, each with one short row; the formula subtracts from that of one process what the strategy
divides. bytes and hidden need root: the processes run in a network namespace of their own, whose loopback device counts bytes and has
a limited rate. hidden: at this rate a step takes longer than at full speed; the theory is the time that its bytes take.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))

import workloads  # noqa: E402

SHARDED = ("shard_optimizer", "shard_gradients", "shard_parameters")
# float32 weights, gradients and the two moments of AdamW: so many of the four are divided in a step with one pass
DIVIDED = {"replicas": 0, "shard_optimizer": 3, "shard_gradients": 3, "shard_parameters": 4}


def sent_in_theory(strategy, processes):
    """By each process in a step with one pass, in parts of the bytes of the weights."""
    return {"replicas": 2, "shard_optimizer": 2, "shard_gradients": 2, "shard_parameters": 3}[strategy] * (
        processes - 1) / processes


def session_of(pid):
    try:
        return os.getsid(int(pid))
    except OSError:
        return None


def peak_of(process):
    """The largest resident memory of a sift that trains below this process, in bytes, until it ends."""
    peak = 0
    while process.poll() is None:
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                command = (status.parent / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"train" in command[1:2] and "VmHWM" in fields and session_of(status.parent.name) == os.getsid(process.pid):
                peak = max(peak, int(fields["VmHWM"].split()[0]) * 1024)
        time.sleep(0.05)
    return peak


class Bench:
    def __init__(self, options):
        self.options = options
        self.sift = options.build / "bin/sift"
        self.settings = workloads.prepare(options.workload, options.folder, self.sift, options.model)

    def run(self, processes, threads, strategy="replicas", batch=None, steps=None, megabits=None, network=False, train=None):
        """One run: seconds of a step after the first, tokens/s, the peak, the bytes that all have sent."""
        folder = self.options.folder / f"{processes}x{threads}-{strategy}"
        folder.mkdir(parents=True, exist_ok=True)
        config, sent = folder / "run.toml", folder / "sent"
        settings = dict(self.settings, batch=batch or self.options.batch)
        workloads.write_toml(config, settings, folder, steps or self.options.steps,
                             workloads.section("parallel", strategy=strategy, even_batches=True)
                             + workloads.section("plugins", paths=[str(self.options.build / "tests/bench/step_times.so")]), train)
        launch = ["launch", "--nproc-per-node", str(processes)] if processes > 1 else []
        command = [str(self.sift), *launch, "train", str(config), "--overwrite"]
        if network or megabits:
            limit = f"tc qdisc add dev lo root tbf rate {megabits}mbit burst 256kb limit 64mb && " if megabits else ""
            command = ["unshare", "-n", "sh", "-c", f"ip link set lo up && {limit}{shlex.join(command)} && "
                       f"cat /sys/class/net/lo/statistics/tx_bytes >{sent}"]
        with open(folder / "log", "w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                       env={**os.environ, "OMP_NUM_THREADS": str(threads)})
            peak = peak_of(process)
        if process.returncode != 0:
            sys.exit(f"{shlex.join(command)} failed:\n{(folder / 'log').read_text()[-2000:]}")
        times = [tuple(float(word) for word in line.split()) for line in open(folder / "times")]
        seconds = [end - begin for begin, end, *_ in times[1:]]
        return dict(seconds=statistics.median(seconds), speed=(times[-1][2] - times[0][2]) / sum(seconds), peak=peak,
                    sent=int(sent.read_text()) if network or megabits else None)

    def bytes_per_step(self, processes, strategy):
        """Sent by each process."""
        few, many = (self.run(processes, 1, strategy, steps=steps, network=True)["sent"] for steps in (2, 4))
        return (many - few) / 2 / processes

    def weight_bytes(self):
        """Of float32 weights."""
        with open(pathlib.Path(self.settings["model"]) / "model.safetensors", "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        numel = 0
        for name, tensor in header.items():
            if name != "__metadata__":
                count = 1
                for size in tensor["shape"]:
                    count *= size
                numel += count
        return 4 * numel

    def speed(self):
        ratios = []
        for number in range(self.options.rounds):
            one = self.run(1, 2, batch=2 * self.options.batch)
            two = self.run(2, 1)
            ratios.append(two["speed"] / one["speed"])
            print(f"round {number + 1}: one process {one['speed']:.0f} tokens/s, two {two['speed']:.0f}, ratio {ratios[-1]:.3f}",
                  flush=True)
        print(f"two processes of one thread beside one of two threads: {statistics.median(ratios):.3f}")

    def memory(self):
        whole, mebibyte = self.weight_bytes(), 2**20
        # activations are not divided: short rows, and checkpointing
        self.settings["data"] = dict(max_length=64)
        few = dict(batch=1, train=dict(gradient_checkpointing=True))
        alone = self.run(1, 1, **few)["peak"]
        print(f"weights {whole / mebibyte:.0f} MiB; one process {alone / mebibyte:.0f} MiB\n\n"
              "| strategy | processes | peak of a process, MiB | formula, MiB | ratio |\n| --- | --- | --- | --- | --- |")
        for strategy in self.options.strategy:
            for processes in (2, 4):
                peak = self.run(processes, 1, strategy, **few)["peak"]
                formula = alone - DIVIDED[strategy] * whole * (1 - 1 / processes)
                print(f"| `{strategy}` | {processes} | {peak / mebibyte:.0f} | {formula / mebibyte:.0f} | {peak / formula:.2f} |",
                      flush=True)

    def bytes(self):
        whole = self.weight_bytes()
        print("| strategy | processes | sent by a process in a step, MB | theory, MB | ratio |\n| --- | --- | --- | --- | --- |")
        for strategy in self.options.strategy:
            for processes in (2, 4):
                step, theory = self.bytes_per_step(processes, strategy), sent_in_theory(strategy, processes) * whole
                print(f"| `{strategy}` | {processes} | {step / 1e6:.1f} | {theory / 1e6:.1f} | {step / theory:.4f} |", flush=True)

    def hidden(self):
        rate = self.options.megabits
        print("| strategy | seconds of a step | at the limited rate | of its bytes alone | hidden |\n| --- | --- | --- | --- | --- |")
        for strategy in self.options.strategy:
            parts = []
            for _ in range(self.options.rounds):
                free, limited = self.run(2, 1, strategy, network=True), self.run(2, 1, strategy, megabits=rate)
                alone = 2 * self.bytes_per_step(2, strategy) * 8 / (rate * 1e6)  # loopback has one rate for both directions
                parts.append((1 - (limited["seconds"] - free["seconds"]) / alone, free["seconds"], limited["seconds"], alone))
            part, free, limited, alone = sorted(parts)[len(parts) // 2]
            print(f"| `{strategy}` | {free:.2f} | {limited:.2f} | {alone:.2f} | {part:.0%} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "memory", "bytes", "hidden"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6, help="of each run; the first is not timed")
    parser.add_argument("--batch", type=int, default=4, help="rows of each process in a step")
    parser.add_argument("--megabits", type=int, default=2000, help="rate of the loopback device, per second")
    parser.add_argument("--workload", default="short", choices=workloads.WORKLOADS)
    parser.add_argument("--build", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--model", type=pathlib.Path, default=workloads.SMOLLM2)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-scale"))
    parser.add_argument("--strategy", nargs="+", choices=DIVIDED, default=list(DIVIDED))
    options = parser.parse_args()
    getattr(Bench(options), options.what)()


if __name__ == "__main__":
    main()
