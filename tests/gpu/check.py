#!/usr/bin/env python3
"""Checks the correctness of Sift on this machine's device and measures its speed. Called by run.sh of the bundle.

    check.py --torch TORCH_FOLDER --out FOLDER [--device cuda] [--seconds 480] [--only NAME ...] [--seed N]

Steps come in the order of their importance, each with a time limit of its own. FOLDER gets results.json and table.txt,
written anew after each step, log.txt with the output of every process, and the profile of a step: what is there when the
machine is taken away stays useful. Status 1 when a step found something wrong.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import correctness
import speed
from harness import Context, DoesNotFit, Failure, OutOfTime, Results

# name, seconds, function
STEPS = [
    ("device", 60, correctness.device),
    ("step", 40, correctness.one_step),
    ("operators", 90, correctness.operators),
    ("parity", 120, correctness.parity),
    ("memory", 90, correctness.memory_strategies),
    ("resume", 60, correctness.killed_and_resumed),
    ("speed.qwen.packed", 90, speed.Sizes("qwen", "packed")),
    ("profile.qwen.packed", 40, speed.Profile("qwen", "packed")),
    ("trl.qwen.packed", 120, speed.AgainstTrl("qwen", "packed")),
    ("speed.qwen.chat", 60, speed.Sizes("qwen", "chat")),
    ("speed.smollm2.packed", 60, speed.Sizes("smollm2", "packed")),
    ("trl.qwen.chat", 90, speed.AgainstTrl("qwen", "chat")),
    ("speed.smollm2.chat", 60, speed.Sizes("smollm2", "chat")),
    ("trl.smollm2.packed", 90, speed.AgainstTrl("smollm2", "packed")),
]


def run_step(context, results, name, limit, function):
    start = time.monotonic()
    context.deadline = min(context.end, start + limit)
    found, status, message = {}, "passed", ""
    try:
        function(context, found)
    except Failure as failure:
        status, message = "FAILED", str(failure)
    except OutOfTime as what:
        status, message = "out of time", str(what)
    except DoesNotFit as why:
        status, message = "does not fit", str(why)
    except NotImplementedError as why:
        status, message = "skipped", str(why)
    except Exception as error:  # an error in a check must not prevent the following steps
        status, message = "FAILED", f"{type(error).__name__}: {error}"
    results.add(name, status, time.monotonic() - start, found, message)
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", required=True, help="folder of the installed torch")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=480, help="time limit for all steps together")
    parser.add_argument("--only", nargs="+", default=[], help="names of steps, or prefixes of them")
    parser.add_argument("--short", action="store_true", help="a rehearsal: a third of the runs of TRL, one size, one round")
    parser.add_argument("--seed", help="seed of the operators' random inputs; default: a new one each time")
    arguments = parser.parse_args()
    wanted = [step for step in STEPS if not arguments.only or any(
        step[0] == name or step[0].startswith(name + ".") for name in arguments.only)]
    if not wanted:
        parser.error(f"--only names no step; there are: {', '.join(step[0] for step in STEPS)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sift-gpu-", ignore_cleanup_errors=True) as folder:
        context = Context(arguments.device, arguments.torch, pathlib.Path(folder), arguments.out.resolve(),
                          arguments.seconds)
        context.seed, context.short = arguments.seed, arguments.short
        results = Results(context, sys.argv[1:])
        statuses = []
        for name, limit, function in wanted:
            if context.end - time.monotonic() < 5:
                results.add(name, "out of time", 0, {}, "no seconds were left")
                continue
            statuses.append(run_step(context, results, name, limit, function))
    print(f"\n{results.table()}")
    failed = statuses.count("FAILED")
    print(f"{len(statuses)} steps, {failed} failed; {arguments.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
