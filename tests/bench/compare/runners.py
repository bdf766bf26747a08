"""Runs a process that trains, or multiplies matrices, and measures it."""

import json
import os
import re
import subprocess
import time

import workloads


class Failed(RuntimeError):
    pass


def measure(command, log, environment=None):
    """Runs to the end; returns the wall clock at the start and the peak resident memory in bytes."""
    start = time.time()
    with open(log, "w") as out:
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT,
                                   env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        tail = "".join(open(log).readlines()[-15:])
        raise Failed(f"exit status {os.waitstatus_to_exitcode(status)}: {' '.join(map(str, command))}\n{tail}")
    return start, usage.ru_maxrss * 1024


def steps_of(lines):
    return [tuple(float(word) for word in line.split()) for line in lines if line.strip()]


def result(start, peak, steps, losses=None):
    return dict(seconds=[step[1] - step[0] for step in steps], first_step=steps[0][1] - start,
                overhead=steps[0][0] - start, peak=peak, losses=losses)


class Sift:
    def __init__(self, build, label="sift", sections="", train=None):
        self.build, self.label, self.sections, self.train = build, label, sections, train

    def run(self, settings, folder, steps):
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "run.toml"
        plugin = self.build / "tests/bench/step_times.so"
        plugins = workloads.section("plugins", paths=[str(plugin)])
        workloads.write_toml(config, settings, folder, steps, self.sections + plugins, self.train)
        start, peak = measure([self.build / "bin/sift", "train", config, "--overwrite"], folder / "log")
        state = json.loads((folder / "out/trainer_state.json").read_text())
        losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
        times = steps_of(open(folder / "times"))
        measured = result(start, peak, times, losses)
        sums = [0] + [int(step[2]) for step in times]
        measured["tokens"] = [after - before for before, after in zip(sums, sums[1:])]
        counts = re.search(r"; (\d+) tokens, (\d+) scored", (folder / "log").read_text())
        measured["scored_part"] = int(counts[2]) / int(counts[1])
        return measured


class Roofline:
    def __init__(self, build, label="gemm", sections=""):
        self.build, self.label, self.sections = build, label, sections

    def run(self, settings, folder, steps):
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "run.toml"
        plugin = self.build / "tests/bench/step_times.so"
        plugins = workloads.section("plugins", paths=[str(plugin)])
        workloads.write_toml(config, settings, folder, steps, self.sections + plugins)
        start, peak = measure([self.build / "bin/gemm_roofline", config], folder / "log")
        return result(start, peak, steps_of(open(folder / "log")))


class Trl:
    def __init__(self, python, threads, label="trl", compile=False, preload=None, lora=None):
        self.python, self.threads, self.label, self.lora = python, threads, label, lora
        self.compile, self.preload = compile, preload

    def run(self, settings, folder, steps):
        folder.mkdir(parents=True, exist_ok=True)
        job = dict(threads=self.threads, output_dir=str(folder / "out"), steps=steps, batch=settings["batch"],
                   data=settings["data"], rows_file=str(settings["rows_file"]), model=str(settings["model"]),
                   lora=self.lora, options=dict(use_cpu=True, bf16=False, torch_compile=self.compile),
                   times=str(folder / "times"), losses=str(folder / "losses"))
        (folder / "job.json").write_text(json.dumps(job))
        environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache")}
        if self.preload:
            environment["LD_PRELOAD"] = self.preload
        worker = os.path.join(os.path.dirname(__file__), "trl_worker.py")
        start, peak = measure([self.python, worker, folder / "job.json"], folder / "log", environment)
        return result(start, peak, steps_of(open(folder / "times")), json.load(open(folder / "losses")))
