"""Shared by the steps of check.py: paths, processes with a time limit, results written immediately."""

import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]  # root of the bundle, which has the layout of the repository
FIXTURES = ROOT / "tests/fixtures/parity"
COMPARE = ROOT / "tests/bench/compare"
sys.path[:0] = [str(ROOT / "tests/faults"), str(COMPARE)]
import support  # noqa: E402
from support import Failure, require  # noqa: E402, F401

OUT_OF_MEMORY = re.compile(r"out of memory|bad_alloc|can't allocate memory", re.IGNORECASE)


class OutOfTime(Exception):
    """The time limit of a step, or of the check, is exceeded."""


class DoesNotFit(Exception):
    """The device has too little memory; this is a result, not a failure."""


class Context:
    """One run of check.py. `torch` is the folder of the installed torch; steps write to `folder`."""

    def __init__(self, device, torch, folder, out, seconds):
        self.device, self.torch, self.folder, self.out = device, pathlib.Path(torch), folder, out
        self.end = time.monotonic() + seconds
        self.deadline = self.end
        self.log = open(out / "log.txt", "w")
        self.measured = {}  # results of earlier steps, for later ones

    @property
    def on_cpu(self):
        return self.device == "cpu"

    def left(self):
        return self.deadline - time.monotonic()

    def environment(self, **more):
        """Environment of Sift's programs, without Python's own libraries."""
        paths = [self.torch / "lib", ROOT / "lib", ROOT / "lib/deps", *os.environ.get("SIFT_GPU_FALLBACK", "").split()]
        given = os.environ.get("LD_LIBRARY_PATH")
        environment = dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, paths + ([given] if given else []))),
                           SIFT_CACHE=str(self.folder / "cache"), HOME=str(self.folder))
        if self.on_cpu:
            environment.setdefault("OMP_NUM_THREADS", "1")
        return {**environment, **more}

    def python_environment(self, **more):
        """For Python's own work, which lacks the compiler's library where Sift does."""
        fallback = os.environ.get("SIFT_GPU_FALLBACK")
        return {**os.environ, **({"LD_LIBRARY_PATH": fallback} if fallback else {}), **more}

    def program(self, name):
        return ROOT / "bin" / name

    def note(self, text):
        self.log.write(text.rstrip() + "\n")
        self.log.flush()

    def start(self, command, environment=None):
        self.note(f"$ {' '.join(map(str, command))}")
        return subprocess.Popen([str(word) for word in command], env=environment or self.environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", start_new_session=True)

    def finish(self, process, what):
        """Waits for the process; returns its output. Raises if it failed or exceeded its time."""
        try:
            output, _ = process.communicate(timeout=max(0.1, self.left()))
        except subprocess.TimeoutExpired:
            kill(process)
            self.note(process.communicate()[0])
            raise OutOfTime(what) from None
        self.note(output)
        if process.returncode == 0:
            return output
        last = " | ".join(output.strip().splitlines()[-3:])
        if OUT_OF_MEMORY.search(last):
            raise DoesNotFit(last)
        raise Failure(f"{what}: exit status {process.returncode}: {last}")

    def run(self, command, what, environment=None):
        return self.finish(self.start(command, environment), what)

    def sift(self, *arguments, what="sift"):
        return self.run([self.program("sift"), *arguments], what)


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Results:
    """results.json and table.txt, rewritten after each step."""

    def __init__(self, context, arguments):
        self.context = context
        self.data = {"device": context.device, "arguments": arguments, "host": describe_host(context.torch), "steps": []}
        self.write()

    def add(self, name, status, seconds, found, message=""):
        self.data["steps"].append(
            {"step": name, "status": status, "seconds": round(seconds, 1), "message": message, "found": found})
        self.write()
        print(f"{status:<12} {seconds:6.1f} s  {name}{': ' + message if message else ''}", flush=True)

    def write(self):
        replace(self.context.out / "results.json", json.dumps(self.data, indent=1) + "\n")
        replace(self.context.out / "table.txt", self.table())

    def table(self):
        lines = [f"{key}: {value}" for key, value in self.data["host"].items()]
        for step in self.data["steps"]:
            lines.append(f"\n{step['status']:<12} {step['seconds']:6.1f} s  {step['step']}  {step['message']}".rstrip())
            lines += [f"    {line}" for line in step["found"].get("lines", [])]
        return "\n".join(lines) + "\n"


def replace(file, text):
    staging = file.with_suffix(".tmp")
    staging.write_text(text)
    staging.replace(file)


def first_line(command):
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "not there"
    return (found.stdout.strip().splitlines() or ["no answer"])[0]


def describe_host(torch):
    version = re.search(r"__version__ = '([^']+)'", (torch / "version.py").read_text()) \
        if (torch / "version.py").is_file() else None
    return {
        "gpu": first_line(["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]),
        "system": f"{platform.platform()}, {os.cpu_count()} cores, {platform.libc_ver()[1]}",
        "python": sys.version.split()[0], "torch": version[1] if version else "unknown", "torch_folder": str(torch),
        "date": time.strftime("%Y-%m-%d %H:%M:%S")}
