"""Measures speed, memory and profile of a training step on the device."""

import gzip
import json
import shutil
import subprocess
import sys
import time

import shapes
from harness import COMPARE, DoesNotFit, Failure, OutOfTime, kill, require

STEPS, WARM_UP = 9, 4


def read_times(file):
    """A line for each finished step: begin, end, tokens of the run so far, peak bytes of the device."""
    if not file.exists():
        return []
    lines = file.read_text().split("\n")[:-1]
    return [tuple(float(word) for word in line.split()) for line in lines]


def run_until_timed(context, command, folder, what, environment=None):
    """Stops the run after its timed steps; writing the model is not measured."""
    begin = time.time()
    process = context.start(command, environment)
    try:
        while len(read_times(folder / "times")) < STEPS and process.poll() is None:
            if context.left() < 0:
                raise OutOfTime(what)
            time.sleep(0.05)
    finally:
        if process.poll() is None and len(read_times(folder / "times")) >= STEPS:
            kill(process)
            context.note(process.communicate()[0])
        elif process.poll() is None:
            kill(process)
    if len(read_times(folder / "times")) < STEPS:
        context.finish(process, what)
        raise Failure(f"{what}: ended after {len(read_times(folder / 'times'))} steps of {STEPS}")
    return begin, read_times(folder / "times")


def measured(context, model, rows_file, begin, times):
    first, last = times[WARM_UP - 1], times[-1]
    tokens_per_second = (last[2] - first[2]) / (last[1] - first[1])
    result = {"tokens_per_s": tokens_per_second, "step_s": (last[1] - first[1]) / (len(times) - WARM_UP),
              "first_step_s": times[0][1] - begin, "peak_bytes": last[3]}
    limit = max(context.measured.get(f"{dtype}_product_tflops", 0.0) for dtype in ("bf16", "float32"))
    if limit > 0:
        flops = shapes.flops_of_token(context, model, shapes.mean_seen(rows_file)) * tokens_per_second
        result["mfu"] = flops / (limit * 1e12)
    return result


def describe(name, result):
    if "failed" in result:
        return f"{name}: {result['failed']}"
    if "does_not_fit" in result:
        return f"{name}: does not fit"
    mfu = f", {result['mfu']:.1%} of the matrix product" if "mfu" in result else ""
    return (f"{name}: {result['tokens_per_s']:,.0f} tokens/s{mfu}, {result['step_s'] * 1e3:.0f} ms a step, "
            f"{result['peak_bytes'] / 1e9:.1f} GB, first step after {result['first_step_s']:.1f} s")


def fits(measure):
    try:
        return measure()
    except DoesNotFit as why:
        return {"does_not_fit": str(why)}


def run_sift(context, model, rows, batch, name, extra=""):
    folder = context.folder / name
    folder.mkdir()
    config = shapes.write_run(context, model, rows, batch, folder, STEPS, extra)
    begin, times = run_until_timed(context, [context.program("sift"), "train", config], folder, name)
    return measured(context, model, folder / "rows.jsonl", begin, times)


class Sizes:
    """Tokens per second, MFU and memory for each micro-batch size."""

    def __init__(self, model, rows):
        self.model, self.rows = model, rows

    def __call__(self, context, found):
        require(shapes.STEP_TIMES.exists(), f"{shapes.STEP_TIMES} is missing in the bundle")
        found["sizes"], found["lines"] = {}, []
        for batch in shapes.batch_sizes(context, self.model, self.rows):
            name = f"{self.model}-{self.rows}-{batch}"
            result = fits(lambda: run_sift(context, self.model, self.rows, batch, name))
            found["sizes"][batch] = result
            found["lines"].append(describe(f"{batch} rows", result))
            if "does_not_fit" in result:
                break


class Profile:
    """A step under LibTorch's profiler: profile-*.json.gz for Perfetto, and the longest kernels and calls."""

    def __init__(self, model, rows):
        self.model, self.rows = model, rows

    def __call__(self, context, found):
        batch = shapes.batch_sizes(context, self.model, self.rows)[0]
        name = f"profile-{self.model}-{self.rows}"
        run_sift(context, self.model, self.rows, batch, name, shapes.PROFILE)
        out = context.folder / name / "out"
        with open(out / "profile.json", "rb") as trace, gzip.open(context.out / f"{name}.json.gz", "wb") as packed:
            shutil.copyfileobj(trace, packed)
        table = (out / "profile.txt").read_text()
        (context.out / f"{name}.txt").write_text(table)
        found["events"] = count_events(out / "profile.json")
        found["lines"] = [f"{key}: {value}" for key, value in found["events"].items()]
        for section in table.split("\n\n"):
            found["lines"] += section.splitlines()[:14]


def count_events(trace):
    events = json.loads(trace.read_text())["traceEvents"]
    names = [(event.get("cat", ""), event.get("name", "")) for event in events if event.get("ph") == "X"]
    waits = [name for category, name in names if category == "cuda_runtime" and "Synchronize" in name]
    return {"kernels": sum(category == "kernel" for category, _ in names),
            "copies": sum(category == "gpu_memcpy" for category, _ in names),
            "synchronisations": {name: waits.count(name) for name in sorted(set(waits))},
            "operators": sum(category == "cpu_op" for category, _ in names)}


class AgainstTrl:
    """Sift, TRL, and TRL with use_liger_kernel on the same rows and weights, in turn."""

    ROUNDS = 2

    def __init__(self, model, rows):
        self.model, self.rows = model, rows

    def __call__(self, context, found):
        importing = subprocess.run([sys.executable, "-c", "import datasets, trl"], capture_output=True, text=True,
                                   env=context.python_environment())
        if importing.returncode != 0:
            why = importing.stderr.strip().splitlines()[-1:]
            raise NotImplementedError(f"TRL cannot be imported ({' '.join(why)}); make the bundle with --trl")
        batch = shapes.batch_sizes(context, self.model, self.rows)[0]
        runners = {"sift": lambda name: run_sift(context, self.model, self.rows, batch, name),
                   "trl": lambda name: self.run_trl(context, batch, name, False),
                   "trl, liger": lambda name: self.run_trl(context, batch, name, True)}
        found["batch"], found["rounds"], found["lines"] = batch, [], []
        for number in range(1 if context.short else self.ROUNDS):
            found["rounds"].append({})
            for label, run in runners.items():
                name = f"{label.replace(', ', '-')}-{self.model}-{self.rows}-{number}"
                try:
                    result = fits(lambda: run(name))
                except Failure as failure:  # of one runner; the others are still useful
                    result = {"failed": str(failure)}
                found["rounds"][-1][label] = result
                found["lines"].append(describe(f"{label}, {batch} rows", result))
        require("failed" not in found["rounds"][0]["sift"], "Sift's run failed")

    def run_trl(self, context, batch, name, liger):
        if liger and context.on_cpu:
            raise Failure("Liger's kernels need a GPU")
        folder = context.folder / name
        folder.mkdir()
        rows = folder / "rows.jsonl"
        shapes.write_rows(context, self.model, rows, shapes.rows_of_run(self.rows, batch, STEPS))
        options = dict(bf16=True, use_cpu=context.on_cpu, use_liger_kernel=liger)
        job = dict(model=str(shapes.model_folder(context, self.model)), rows_file=str(rows),
                   data=shapes.ROWS[self.rows][0], batch=batch, steps=STEPS, options=options,
                   output_dir=str(folder / "out"), times=str(folder / "times"), losses=str(folder / "losses"))
        (folder / "job.json").write_text(json.dumps(job))
        environment = context.python_environment(HF_HUB_OFFLINE="1", HF_HOME=str(folder / "cache"))
        command = [sys.executable, COMPARE / "trl_worker.py", folder / "job.json"]
        begin, times = run_until_timed(context, command, folder, name, environment)
        return measured(context, self.model, rows, begin, times)
