#!/usr/bin/env python3
"""Injects faults into small runs of Sift and compares their results with an undisturbed run.

    python3 tests/faults/faults.py --sift build/bin/sift --shim build/tests/faults/fault_shim.so [--short] [--lora] [--only NAME]
                                   [--processes 3 --plugins build/tests/plugins/fixtures [--strategy shard_parameters]]

Prints a line for each kind of fault: what it was, how often, what happened. Ends with status 1 at the first run that
does not give the undisturbed result or a message that says what is wrong.
"""

import argparse
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

from support import Failure, Run, require, require_finished, require_same, scratch_parent, timed
from together import Together


class Harness:
    def __init__(self, arguments, folder):
        self.sift, self.shim, self.short, self.lora = arguments.sift, arguments.shim, arguments.short, arguments.lora
        self.folder = pathlib.Path(folder)
        self.random = random.Random(arguments.seed)
        self.kills = 6 if self.short else arguments.kills
        self.reference = self.new_run("reference")
        (code, err), self.seconds = timed(self.reference.run)
        require_finished(code, err, "the undisturbed run")
        self.expected = self.reference.result()
        self.operations = self.count_operations()

    def new_run(self, name, **settings):
        return Run(self.sift, self.folder / name, lora=self.lora, **settings)

    def count_operations(self):
        run, report = self.new_run("count"), self.folder / "operations"
        code, err = run.run(shim=self.shim, fault="none", report=report)
        require_finished(code, err, "a run that only counts")
        return int(report.read_text())

    def report(self, fault, times, outcome):
        print(f"| {fault} | {times} | {outcome} |", flush=True)

    def finish(self, run, what):
        """Finishes a disturbed run and compares its result."""
        code, err = run.run(*run.resume_arguments())
        require_finished(code, err, what)
        require_same(run, self.expected, what)

    # SIGKILL

    def kill_at_operation(self, run):
        at = self.random.randint(1, 3 * self.operations)
        code, err = run.run(*run.resume_arguments(), shim=self.shim, fault="kill", at=at)
        return code, err, f"killed at operation {at}"

    def kill_at_moment(self, run):
        process = run.start(*run.resume_arguments())
        time.sleep(self.random.uniform(0, 1.2 * self.seconds))
        process.kill()
        _, err = process.communicate()
        return process.returncode, err, "killed at some moment"

    def kill(self):
        counts = {"while saving": 0, "at any moment": 0}
        finished = 0
        run = self.new_run("kill")
        while sum(counts.values()) < self.kills:
            kind = min(counts, key=counts.get)
            disturb = self.kill_at_operation if kind == "while saving" else self.kill_at_moment
            code, err, what = disturb(run)
            require("damaged" not in err, f"{what}: a checkpoint was damaged\n{err}")
            require(code in (0, -signal.SIGKILL), f"{what}: exit status {code}\n{err}")
            if code == 0:
                require_same(run, self.expected, what)
                run.clear()
                finished += 1
            else:
                counts[kind] += 1
        self.finish(run, "the last of the killed runs")
        for kind, times in counts.items():
            self.report(f"SIGKILL {kind}", times, "resumed to the identical result")
        print(f"  ({finished + 1} runs finished in between; each was compared)")

    # disk errors

    def errors(self):
        stride = 40 if self.short else 1
        places = 1 + (self.operations - 1) // stride
        saves = places + 3
        undisturbed = self.new_run("every", max_steps=saves, save_steps=1)
        code, err = undisturbed.run()
        require_finished(code, err, "the undisturbed run that saves at every step")
        expected = undisturbed.result()
        for fault in ("enospc", "eio", "erofs"):
            run = self.new_run(fault, max_steps=saves, save_steps=1)
            code, err = run.run(shim=self.shim, fault=fault, at=f"each:{stride}")
            require_finished(code, err, fault)
            failed = err.count("could not be saved")
            require(failed >= places - 1, f"{fault}: only {failed} saves failed\n{err}")
            require_same(run, expected, fault)
            self.report(f"{fault.upper()} at every operation of a save, one after the other", failed,
                        "logged, training went on, identical result")
            if self.short:
                return

    def outage(self):
        for fault in ("enospc", "erofs"):
            run = self.new_run(f"outage-{fault}")
            code, err = run.run(shim=self.shim, fault=fault, at="saves:3-6")
            require_finished(code, err, fault)
            require(err.count("could not be saved") == 4 and "checkpoint-4 is kept" in err, f"{fault}:\n{err}")
            require_same(run, self.expected, fault)
            self.report(f"{fault.upper()} during four saves on end", 4,
                        "logged, the old checkpoint stayed, training went on, identical result")

    def short_writes(self):
        run = self.new_run("short-writes")
        code, err = run.run(shim=self.shim, fault="short")
        require_finished(code, err, "short writes")
        require_same(run, self.expected, "short writes")
        self.report("short write, every one", "all of a run", "written to the end, identical result")

    def slow_disk(self):
        run = self.new_run("slow", save_steps=8)
        process = run.start(shim=self.shim, fault="slow")
        seen = ""
        for line in process.stderr:
            seen += line
            if " step 15/" in line or " saved " in line:
                break
        process.kill()
        process.communicate()
        require(" step 15/" in seen and " saved " not in seen, f"training waited for the disk\n{seen}")
        self.report("every fsync of a save takes a second", 1, "the next 7 steps came before the checkpoint stood")

    def first_save(self):
        places = range(1, self.operations, self.operations // (2 if self.short else 60))
        run = self.new_run("first")
        for at in places:
            run.clear()
            code, err = run.run(shim=self.shim, fault="enospc", at=at)
            text = err.strip().splitlines()[-1]
            is_told = "could not be saved" in text and "No space left" in text and "no earlier checkpoint" in text
            # complete, but not yet synced to the disk
            require(code == 1 and is_told, f"operation {at} of the first save: {code}\n{err}")
        self.finish(run, "after a first save that failed")
        self.report("ENOSPC in the first save of a run", len(places), "one error naming file and reason")

    def no_room(self):
        run = self.new_run("no-room", max_steps=4)
        code, err = run.run(shim=self.shim, fault="full")
        require(code == 1 and " MB free, and this run will write at least" in err, f"no room: {code}\n{err}")
        require(not run.checkpoints(), "the run trained although the disk was full")
        for arguments in ([], ["--overwrite"], ["--resume"]):
            code, err = run.run(*arguments, shim=self.shim, fault="full" if arguments else "none")
            require_finished(code, err, f"no room {arguments}")
            require(("warning" in err and " MB free" in err) == bool(arguments), f"no room {arguments}:\n{err}")
        self.report("a disk without room for a checkpoint and the model", 3,
                    "one error before training; a warning where a run is to be replaced or resumed")

    def final_folder(self):
        places = [5] if self.short else range(0, self.operations, 12)
        for at in places:
            run = self.new_run(f"final-{at}")
            code, err = run.run(shim=self.shim, fault="enospc", at=f"final:{at}")
            if code != 0:
                require("No space left" in err, f"operation {at} of the final folder: {code}\n{err}")
                self.finish(run, f"operation {at} of the final folder")
            shutil.rmtree(run.folder)
        self.report("ENOSPC while the final folder is written", len(places),
                    "one error; --resume then wrote the identical result")

    # damage

    def damages(self, size):
        yield "removed", lambda data: None
        yield "emptied", lambda data: b""
        yield "cut in half", lambda data: data[: size // 2]
        yield "a byte longer", lambda data: data + b"\0"
        for _ in range(1 if self.short else 4):
            at, bit = self.random.randrange(size), 1 << self.random.randrange(8)
            flipped = lambda data, at=at, bit=bit: data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]
            yield f"bit {bit} of byte {at} flipped", flipped

    def damage_one(self, run, name, damage):
        shutil.rmtree(run.out, ignore_errors=True)
        run.out.mkdir()
        for checkpoint in self.reference.checkpoints():
            shutil.copytree(checkpoint, run.out / checkpoint.name)
        newest = run.checkpoints()[-1]
        data = damage((newest / name).read_bytes())
        (newest / name).unlink()
        if data is not None:
            (newest / name).write_bytes(data)
        return newest

    def damage(self):
        run, times = self.new_run("damage"), 0
        names = sorted(p.name for p in self.reference.checkpoints()[-1].iterdir())
        for name in names if not self.short else self.random.sample(names, 3):
            size = (self.reference.checkpoints()[-1] / name).stat().st_size
            for what, damage in list(self.damages(size))[-2 if self.short else 0:]:
                newest = self.damage_one(run, name, damage)
                code, err = run.run("--resume")
                is_told = f"{newest.name} is damaged and not used: {newest}/" in err
                require(code == 0 and is_told, f"{name} {what}: {code}\n{err}")
                require_same(run, self.expected, f"{name} {what}")
                times += 1
        self.report("a file of the newest checkpoint removed, emptied, cut, longer, or a bit flipped", times,
                    "named in the log; the checkpoint before it gave the identical result")
        newest = self.damage_one(run, "optimizer.pt", lambda data: data[:-1])
        code, err = run.run(f"--resume={newest}")
        require(code == 1 and "the checkpoint is damaged: " in err, f"--resume DIR: {code}\n{err}")
        self.report("--resume DIR of a damaged checkpoint", 1, "one error naming the file")

    # signals

    def signals(self):
        run = self.new_run("signals", max_steps=16)
        times = 0
        while times < (2 if self.short else 40):
            number = self.random.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2])
            process = run.start(*run.resume_arguments())
            for line in process.stderr:
                if line.find(" info model ") >= 0:
                    break
            time.sleep(0.05 + self.random.uniform(0, 0.7 * self.seconds))
            process.send_signal(number)
            err = process.stderr.read()
            code = process.wait()
            if code == 0:
                require_same(run, self.expected, f"{number.name} after the end")
                run.clear()
                continue
            # before the first step there is nothing to save, and the signal has its default action
            early = code == -number
            require(early or code == 128 + number, f"{number.name}: exit status {code}\n{err}")
            require(early or (run.checkpoints() and "--resume continues" in err), f"{number.name}:\n{err}")
            times += not early
        self.finish(run, "runs that signals ended")
        self.report("SIGTERM, SIGINT, SIGHUP, SIGUSR1 or SIGUSR2", times,
                    "the step ended, saved, status 128 + signal; resumed to the identical result")

    def overwrite(self):
        run, times = self.new_run("overwrite"), 0
        stride = self.operations // (3 if self.short else 30)
        for place in range(1, 2 * self.operations, stride):
            run.clear()
            shutil.copytree(self.reference.out, run.out)
            code, err = run.run("--overwrite", shim=self.shim, fault="kill", at=place)
            require(code in (0, -signal.SIGKILL), f"--overwrite killed at operation {place}: {code}\n{err}")
            if not run.checkpoints():  # all moved aside, and killed before the new one got its name
                for aside in run.out.glob("*.superseded"):
                    aside.rename(aside.with_suffix(""))
            require(run.checkpoints(), f"--overwrite killed at operation {place}: no checkpoint is left")
            self.finish(run, f"--overwrite killed at operation {place}")
            times += 1
        self.report("SIGKILL in a run that replaces another", times,
                    "the old run stayed whole until a checkpoint of the new one was; resumed to the identical result")

    def second_signal(self):
        run = self.new_run("second")
        code, err = run.run()
        require_finished(code, err, "a run")
        shutil.rmtree(run.checkpoints()[-1])
        process = run.start("--resume", shim=self.shim, fault="slow")
        for line in process.stderr:
            if "resumed from" in line:
                break
        time.sleep(0.5)  # the save is running; it takes several seconds
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        start = time.monotonic()
        process.communicate(timeout=60)
        require(process.returncode == 143 and time.monotonic() - start < 1.0, f"second signal: {process.returncode}")
        self.finish(run, "after a second signal")
        self.report("a second SIGTERM while the first one's checkpoint is written", 1,
                    "status 143 at once; resumed to the identical result")


ALL = ("kill", "errors", "outage", "short_writes", "slow_disk", "first_save", "no_room", "final_folder", "damage",
       "signals", "second_signal", "overwrite")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sift", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--short", action="store_true", help="a sample of each fault, for daily use")
    parser.add_argument("--lora", action="store_true", help="the runs train an adapter")
    parser.add_argument("--only", choices=sorted({*ALL, *Together.ALL}), action="append")
    parser.add_argument("--processes", type=int, default=1, help="run the faults of several processes instead")
    parser.add_argument("--strategy", default="replicas", help="of [parallel], of several processes")
    parser.add_argument("--plugins", help="the folder of the plugins of the tests, for several processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=120)
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sift-faults-", dir=scratch_parent() if arguments.short else None) as folder:
        try:
            harness = single = Harness(arguments, folder)
            names = arguments.only or ALL
            if arguments.processes > 1:
                harness = Together(single, arguments)
                names = arguments.only or Together.ALL
            print("| fault | times | what happened |\n| --- | --- | --- |")
            for name in names:
                getattr(harness, name)()
        except Failure as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
    print(f"seed {arguments.seed}, {single.operations} operations in a save, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
