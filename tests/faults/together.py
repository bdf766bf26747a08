"""Faults in a run of several processes: of one of them, of the launcher, or of the disk that one writes to."""

import collections
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from support import Failure, Run, require, require_finished, require_same, timed

MOST_SECONDS = 15.0  # from a fault to the end of every process


def lives(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Watched:
    """A started run: what it prints, by lines, and its processes."""

    def __init__(self, process):
        self.process = process
        self.lines, self.members, self.struck_at = [], [], None
        self.printed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.printed:
                if line.startswith("sift: "):
                    self.struck_at = self.struck_at or time.monotonic()
                self.lines.append(line)
                self.printed.notify_all()
        with self.printed:
            self.printed.notify_all()

    def wait_for(self, *texts):
        """Whether a line with one of the texts came before the end."""
        seen = 0
        with self.printed:
            while True:
                for line in self.lines[seen:]:
                    if any(text in line for text in texts):
                        return True
                seen = len(self.lines)
                if not self.reader.is_alive():
                    return False
                self.printed.wait(0.05)

    def ranks(self, number):
        """The IDs of the processes by rank, once all are there; None if the run has ended."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while self.process.poll() is None:
            found = {}
            try:
                for child in children.read_text().split():
                    environment = pathlib.Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
                    rank = [int(entry[5:]) for entry in environment if entry.startswith(b"RANK=")]
                    found.update({value: int(child) for value in rank})
            except OSError:
                continue  # one ended just now
            if len(found) == number:
                self.members = list(found.values())
                return found
            time.sleep(0.01)
        return None

    def end(self, fault):
        """Exit status and errors, with which all processes have ended soon enough."""
        start = time.monotonic()
        try:
            self.process.wait(timeout=2 * MOST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"{fault}: the run did not end\n{self.text()}") from None
        while any(map(lives, self.members)):
            require(time.monotonic() - start < 2 * MOST_SECONDS, f"{fault}: a process outlived the launcher")
            time.sleep(0.02)
        self.reader.join()
        self.seconds = time.monotonic() - min(start, self.struck_at or start)
        require(self.seconds <= MOST_SECONDS, f"{fault}: the run took {self.seconds:.1f} s to end\n{self.text()}")
        return self.process.returncode

    def text(self):
        return "".join(self.lines)

    def errors(self):
        return [line for line in self.lines if line.startswith("sift: ")]


class Together:
    """The faults of runs of several processes. `base` is the harness, with its folder, its random numbers and report()."""

    ALL = ("kill", "stop", "terminate", "launcher", "disk", "nan", "exception")

    def __init__(self, base, arguments):
        self.base, self.random, self.short = base, base.random, base.short
        self.size, self.plugins, self.strategy = arguments.processes, arguments.plugins, arguments.strategy
        self.kills = 3 if self.short else max(arguments.kills // 2, 3)
        self.reference = self.new_run("reference-together")
        watched = Watched(self.reference.start())
        watched.wait_for(" info model ")
        self.seconds = timed(watched.process.wait)[1]  # of training
        watched.reader.join()
        require_finished(watched.process.returncode, watched.text(), "the undisturbed run")
        self.expected = self.reference.result()
        self.slowest = 0.0

    def new_run(self, name, extra="", **options):
        extra += f'[parallel]\nstrategy = "{self.strategy}"\n'
        return Run(self.base.sift, self.base.folder / name, processes=self.size, extra=extra, **options)

    def a_writer(self):
        """A process that writes checkpoints: with shards, each."""
        return 0 if self.strategy == "replicas" else self.random.randrange(self.size)

    def again(self, run):
        return self.random.choice([["--resume-if-possible"], run.resume_arguments()])

    def finish(self, run, what):
        code, err = run.run(*self.again(run))
        require_finished(code, err, what)
        require_same(run, self.expected, what)
        left = [path.name for path in run.out.iterdir() if path.name.startswith(".") and path.name != ".sift-lock"]
        require(not left, f"{what}: left half written: {left}")

    def end(self, watched, what):
        code = watched.end(what)
        self.slowest = max(self.slowest, watched.seconds)
        require("damaged" not in watched.text(), f"{what}: a checkpoint was damaged\n{watched.text()}")
        return code

    def require_one_error(self, watched, what, *parts):
        errors = watched.errors()
        require(len(errors) == 1, f"{what}: {len(errors)} errors\n{watched.text()}")
        host = socket.gethostname()
        for part in (f" of {self.size} on {host} (process ", *parts):
            require(part in errors[0], f"{what}: the error lacks '{part}'\n{watched.text()}")
        trained = watched.text().count(" step ") > 3  # others hear of the first step a moment later
        require(not trained or re.search(r", at step \d+: ", errors[0]), f"{what}: the error names no step\n{errors[0]}")

    def strike(self, watched, number, rank, slowly=False):
        """Sends a signal to a process while the run loads, trains or ends; its ID, or None if the run ended before."""
        ranks = watched.ranks(self.size)
        if slowly or self.random.random() < 0.8:
            watched.wait_for(" info model ")
            time.sleep(self.random.uniform(0.05, 1.1) * self.seconds)
        else:
            time.sleep(self.random.uniform(0, 1.0))
        watched.struck_at = time.monotonic()
        return self.send(number, ranks, rank)

    def send(self, number, ranks, rank):
        try:
            os.kill(ranks[rank], number)
        except (ProcessLookupError, TypeError):
            return None
        return ranks[rank]

    # SIGKILL

    def kill_at_moment(self, run):
        rank = self.random.randrange(self.size)
        watched = Watched(run.start(*self.again(run)))
        return watched, rank, self.strike(watched, signal.SIGKILL, rank)

    def kill_the_writer(self, run):
        rank = self.a_writer()
        at = self.random.randint(1, (3 if rank == 0 else 1) * self.base.operations)
        watched = Watched(run.start(*self.again(run), shim=self.base.shim, fault="kill", at=at, rank=rank))
        ranks = watched.ranks(self.size) or {rank: None}
        watched.process.wait()
        return watched, rank, ranks[rank]

    def kill_beside_the_writer(self, run):
        rank = self.random.randrange(1, self.size)
        watched = Watched(run.start(*self.again(run), shim=self.base.shim, fault="slow"))
        ranks = watched.ranks(self.size)
        while watched.process.poll() is None and not list(run.out.glob(".checkpoint-*")):
            time.sleep(0.02)
        time.sleep(self.random.uniform(0, 0.5))
        return watched, rank, self.send(signal.SIGKILL, ranks, rank)

    def kill(self):
        kinds = {f"a process of {self.size} at any moment": self.kill_at_moment,
                 "a process while it saves": self.kill_the_writer,
                 "another rank while rank 0 saves": self.kill_beside_the_writer}
        counts, ended = collections.Counter({kind: 0 for kind in kinds}), 0
        run = self.new_run("kill-together")
        while sum(counts.values()) < self.kills:
            kind = min(counts, key=counts.get)
            watched, rank, process = kinds[kind](run)
            code = self.end(watched, kind)
            require(code in (0, 128 + signal.SIGKILL), f"{kind}: exit status {code}\n{watched.text()}")
            if code == 0:
                require_same(run, self.expected, kind)
                run.clear()
                ended += 1
                continue
            counts[kind] += 1
            print(f"{sum(counts.values())} of {self.kills} kills", file=sys.stderr, flush=True)
            self.require_one_error(watched, kind, f"sift: rank {rank} of ", f"(process {process})", "killed by SIGKILL")
        self.finish(run, "the last of the killed runs")
        for kind, times in counts.items():
            self.report(f"SIGKILL to {kind}", times, "one error, all ended; resumed to the identical result")
        print(f"  ({ended + 1} runs finished in between; each was compared)")

    def report(self, fault, times, outcome):
        self.base.report(fault, times, f"{outcome} (at most {self.slowest:.0f} s to the end of all)")
        self.slowest = 0.0

    # other signals

    def stop(self):
        times, wanted = 0, 1 if self.short else 2 * self.size
        run = self.new_run("stop-together")
        while times < wanted:
            rank = times % self.size
            watched = Watched(run.start(*self.again(run)))
            process = self.strike(watched, signal.SIGSTOP, rank, slowly=True)
            time.sleep(1.0)
            if process and " finished at step " in watched.text():  # all is written; the process itself must end
                self.send(signal.SIGCONT, {rank: process}, rank)
            code = self.end(watched, "SIGSTOP")
            if code == 0:
                run.clear()
                continue
            require(code == 1, f"SIGSTOP: exit status {code}\n{watched.text()}")
            self.require_one_error(watched, "SIGSTOP", f"sift: rank {rank} of ", f"(process {process})",
                                   "has not answered for ")
            times += 1
        self.finish(run, "after a stopped process")
        self.report(f"SIGSTOP of a process of {self.size}", times,
                    "one error, all ended; resumed to the identical result")

    def terminate(self):
        times, wanted = 0, 2 if self.short else 20
        run = self.new_run("terminate-together")
        while times < wanted:
            to_launcher = self.random.random() < 0.3
            watched = Watched(run.start(*self.again(run)))
            if to_launcher:
                watched.wait_for(" info model ")
                time.sleep(self.random.uniform(0.05, 1.0) * self.seconds)
                watched.process.send_signal(signal.SIGTERM)
            else:
                self.strike(watched, signal.SIGTERM, self.random.randrange(self.size), slowly=True)
            code = self.end(watched, "SIGTERM")
            if code == 0:
                require_same(run, self.expected, "SIGTERM after the end")
                run.clear()
                continue
            require(code == 143, f"SIGTERM: exit status {code}\n{watched.text()}")
            # before the first step there is nothing to save, and the signal has its default action
            if "stopped by SIGTERM" not in watched.text():
                require(len(watched.errors()) <= 1, f"SIGTERM before the first step\n{watched.text()}")
                continue
            require(not watched.errors() and watched.text().count("stopped by SIGTERM") == 1 and run.checkpoints(),
                    f"SIGTERM:\n{watched.text()}")
            times += 1
        self.finish(run, "runs that SIGTERM ended")
        self.report(f"SIGTERM to a process of {self.size}, or to the launcher", times,
                    "the step ended, saved once, status 143; resumed to the identical result")

    def launcher(self):
        times, wanted = 0, 1 if self.short else 6
        run = self.new_run("launcher-together")
        while times < wanted:
            watched = Watched(run.start(*self.again(run)))
            watched.ranks(self.size)
            watched.wait_for(" info model ")
            time.sleep(self.random.uniform(0.05, 1.0) * self.seconds)
            watched.process.kill()
            code = self.end(watched, "SIGKILL of the launcher")
            if code == 0:
                run.clear()
                continue
            times += 1
        self.finish(run, "after the launcher was killed")
        self.report("SIGKILL to the launcher", times, "all ended; resumed to the identical result")

    # the disk

    def disk(self):
        run = self.new_run("outage-together")
        rank = 0 if self.strategy == "replicas" else self.size - 1
        code, err = run.run(shim=self.base.shim, fault="enospc", at="saves:3-4", rank=rank)
        require_finished(code, err, "a full disk")
        require(err.count("could not be saved") == 2, f"a full disk:\n{err}")
        require_same(run, self.expected, "a full disk")
        self.report(f"ENOSPC during two saves of {self.size} processes", 2,
                    "logged once, training went on, identical result")
        middle = self.base.operations // 2 if rank == 0 else 3
        for what, at, writer in (("the first save", middle, rank), ("the final folder", "final:5", 0)):
            run.clear()
            watched = Watched(run.start(shim=self.base.shim, fault="enospc", at=at, rank=writer))
            watched.process.wait()
            require(self.end(watched, what) == 1, f"a full disk in {what}\n{watched.text()}")
            self.require_one_error(watched, what, "sift: rank 0 of ", "No space left")
            self.finish(run, f"a full disk in {what}")
            self.report(f"ENOSPC in {what} of {self.size} processes", 1,
                        "one error, all ended; resumed to the identical result")

    # errors of one process

    def fixture(self, name, options):
        return (f'[plugins]\npaths = ["{self.plugins}/{name}.so"]\n[loss]\nplugin = "{name}"\n' +
                "".join(f"{key} = {value}\n" for key, value in options.items()))

    def nan(self):
        results = []
        for rank in (self.size - 1, -1):
            run = self.new_run(f"nan-{rank}", extra=self.fixture("nan_at_step", {"from": 3, "to": 3, "rank": rank}))
            code, err = run.run()
            require_finished(code, err, f"a NaN of rank {rank}")
            warnings = [line for line in err.splitlines() if "the weights are unchanged" in line]
            require(len(warnings) == 1, f"a NaN of rank {rank}:\n{err}")
            results.append((run.result()["weights"], warnings[0]))
        (alone, warning), (all_together, _) = results
        named = re.findall(r"train\.jsonl:\d+[^(]*\(rank (\d+)\)", warning)
        require(named == [str(self.size - 1)], f"a NaN: the warning does not name the rows of the rank\n{warning}")
        require(alone == all_together, "a NaN on one rank: not all skipped the step")
        self.report("NaN on one rank", 1, "its rows were named, and all skipped the step")

    def exception(self):
        calm = self.new_run("calm", extra=self.fixture("throws_at_step", {"step": 100000}))
        code, err = calm.run()
        require_finished(code, err, "the loss that throws, left alone")
        rank = self.random.randrange(self.size)
        run, times = self.new_run("throws", extra=self.fixture("throws_at_step", {"step": 14, "rank": rank})), 0
        while True:
            watched = Watched(run.start(*self.again(run)))
            watched.wait_for("sift: rank")
            code = self.end(watched, "an exception")
            if code == 0:
                break
            require(code == 1 and times < 8, f"an exception: exit status {code}\n{watched.text()}")
            self.require_one_error(watched, "an exception", f"sift: rank {rank} of ", "the fixture throws here")
            times += 1
        require_same(run, calm.result(), "after exceptions")
        self.report("an exception on one rank", times, "one error, all ended; resumed to the identical result")
