"""A small run of Sift, and the comparison of its results with an undisturbed run."""

import difflib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

CONFIG = """
[model]
path = "{fixtures}/models/llama"
{lora}[data]
train = "{folder}/train.jsonl"
eval = "{folder}/eval.jsonl"
max_length = 64
[train]
output_dir = "{folder}/out"
max_steps = {max_steps}
per_device_train_batch_size = 2
gradient_accumulation_steps = 3
learning_rate = 1e-3
eval_strategy = "epoch"
device = "cpu"
logging_steps = 3
save_steps = {save_steps}
save_total_limit = 3
"""
LORA = '[lora]\nr = 32\nlora_dropout = 0.1\ntarget_modules = "all-linear"\n'

CLOCK = tuple(f"{of}_{key}" for of in ("train", "eval")
              for key in ("runtime", "samples_per_second", "steps_per_second"))


class Failure(Exception):
    """Sift did not behave as required."""


def require(condition, message):
    if not condition:
        raise Failure(message)


def scratch_parent():
    """A folder in memory where the system has one: each save syncs every file that it wrote, for which a busy disk takes
    longer than all else. What is tested is the same: a process that dies leaves the page cache as it is on any file system,
    and the errors are the shim's."""
    memory, needed = pathlib.Path("/dev/shm"), 256 << 20
    if not os.access(memory, os.W_OK | os.X_OK) or shutil.disk_usage(memory).free < needed:
        return None
    return memory


class Run:
    """A run in a separate folder. 20 rows in batches of 2, 3 batches per step: 4 steps per epoch, the last one partial."""

    def __init__(self, sift, folder, max_steps=16, save_steps=2, lora=False, processes=1, extra=""):
        launch = ["launch", "--nproc-per-node", str(processes)] if processes > 1 else []
        self.command = [str(sift), *launch, "train"]
        self.environment = os.environ
        self.folder = pathlib.Path(folder)
        self.out = self.folder / "out"
        self.folder.mkdir(parents=True)
        fixtures = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parity"
        rows = (fixtures / "docs.jsonl").read_text().splitlines(keepends=True)
        (self.folder / "train.jsonl").write_text("".join(rows[:20]))
        (self.folder / "eval.jsonl").write_text("".join(rows[20:24]))
        self.config = self.folder / "run.toml"
        self.config.write_text(
            CONFIG.format(fixtures=fixtures, folder=self.folder, max_steps=max_steps, save_steps=save_steps,
                          lora=LORA if lora else "") + extra)
        self.weights = "adapter_model.safetensors" if lora else "model.safetensors"

    def start(self, *arguments, shim=None, fault=None, at=None, rank=None, report=None):
        environment = dict(self.environment, OMP_NUM_THREADS="1", SIFT_CACHE=str(self.folder / "cache"))
        if shim:
            environment.update(LD_PRELOAD=str(shim), SIFT_FAULT_DIR=str(self.out), SIFT_FAULT=fault or "none")
            environment["SIFT_FAULT_AT"] = str(at) if at is not None else ""
            environment["SIFT_FAULT_RANK"] = str(rank) if rank is not None else ""
        if report:
            environment["SIFT_FAULT_REPORT"] = str(report)
        return subprocess.Popen([*self.command, str(self.config), *arguments], env=environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, **fault):
        process = self.start(*arguments, **fault)
        _, err = process.communicate(timeout=300)
        return process.returncode, err

    def resume_arguments(self):
        return ["--resume"] if self.checkpoints() else []

    def checkpoints(self):
        """Those that --resume considers, not those moved aside."""
        found = [p for p in self.out.glob("checkpoint-*") if p.is_dir()] if self.out.is_dir() else []
        found = [p for p in found if p.name.removeprefix("checkpoint-").isdigit()]
        return sorted(found, key=lambda p: int(p.name.split("-")[1]))

    def clear(self):
        shutil.rmtree(self.out, ignore_errors=True)

    def result(self):
        """The results that two runs must share: everything except times."""
        newest = self.checkpoints()[-1]
        state = json.loads((self.out / "trainer_state.json").read_text())
        for entry in state["log_history"]:
            for key in CLOCK:
                entry.pop(key, None)
        progress = json.loads((newest / "sift_state.json").read_text())
        for key in ("epoch_ended", "evaluation_due"):
            progress.pop(key)  # a signal may save the last step again, after the end of its epoch
        names = sorted(path.name for path in newest.iterdir() if path.suffix in (".safetensors", ".pt"))
        return {"log": state, "weights": (self.out / self.weights).read_bytes(), "newest": newest.name,
                "progress": progress,
                **{name: (newest / name).read_bytes() for name in names}}


def require_same(run, expected, what):
    found = run.result()
    different = [key for key in expected if found[key] != expected[key]]
    if "log" in different:
        lines = [json.dumps(result["log"], indent=1).splitlines() for result in (expected, found)]
        print("\n".join(difflib.unified_diff(*lines, "undisturbed", what, lineterm="", n=1)), file=sys.stderr)
    require(not different, f"{what}: differs from the undisturbed run in {', '.join(different)}")


def require_finished(code, err, what):
    require(code == 0, f"{what}: exit status {code}\n{err}")
    require("damaged" not in err, f"{what}: a checkpoint was damaged\n{err}")


def timed(function, *arguments):
    start = time.monotonic()
    result = function(*arguments)
    return result, time.monotonic() - start
