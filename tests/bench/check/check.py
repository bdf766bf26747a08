#!/usr/bin/env python3
"""Compares two builds of Sift and reports which workloads changed by more than their noise.

    tests/bench/check/check.py --before OTHER/build --after build
    tests/bench/check/check.py --before OTHER/build --workload short moe --rounds 8 --steps 3

Both builds train the same rows from the same weights, in turn, and change places every round. A figure has moved
when the 95 % interval of the mean of its ratios (Student's t over the logarithms of the rounds' ratios) leaves out
1 and the mean is further from 1 than --least. Ends with status 1 when a figure got worse.
"""

import argparse
import math
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))
import workloads
from runners import Sift

# 97.5 % points of Student's t for n - 1 degrees of freedom
STUDENT_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=pathlib.Path, required=True, help="build folder of the Sift to compare with")
    parser.add_argument("--after", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--workload", nargs="+", default=["short", "moe"], choices=workloads.WORKLOADS)
    parser.add_argument("--rounds", type=int, default=5, choices=STUDENT_T)
    parser.add_argument("--steps", type=int, default=3, help="steps per process; the first is not timed")
    parser.add_argument("--least", type=float, default=0.01, help="smallest relative change to report")
    parser.add_argument("--model", type=pathlib.Path, default=workloads.SMOLLM2)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-check"))
    return parser.parse_args()


def interval(ratios):
    """Mean ratio and its 95 % confidence interval."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.mean(logs)
    half = STUDENT_T[len(logs)] * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def figures(measured):
    """Name: value; less is better."""
    return {"seconds of a step": sum(measured["seconds"][1:]) / len(measured["seconds"][1:]),
            "seconds until the first step": measured["overhead"], "peak resident bytes": measured["peak"]}


def run_rounds(settings, folder, options):
    builds = [Sift(options.before, "before"), Sift(options.after, "after")]
    rounds = []
    for index in range(options.rounds):
        results = {}
        for build in builds if index % 2 == 0 else reversed(builds):
            print(f"  round {index + 1}: {build.label}", file=sys.stderr, flush=True)
            results[build.label] = build.run(settings, folder / build.label, options.steps)
        rounds.append((results["before"], results["after"]))
    return rounds


def check(name, options):
    """Prints the table of a workload; returns whether a value got worse."""
    folder = options.folder / name
    settings = workloads.prepare(name, folder, options.after / "bin/sift", options.model)
    rounds = run_rounds(settings, folder, options)
    worse = False
    print(name)
    for key in figures(rounds[0][0]):
        mean, low, high = interval([figures(after)[key] / figures(before)[key] for before, after in rounds])
        moved = (low > 1 or high < 1) and abs(mean - 1) > options.least
        worse |= moved and mean > 1
        verdict = ("worse" if mean > 1 else "better") if moved else "no change beyond the noise"
        print(f"  {key:29} x {mean:.3f}  ({low:.3f} to {high:.3f})  {verdict}")
    losses = [(before["losses"], after["losses"]) for before, after in rounds]
    if any(before != after for before, after in losses):
        print(f"  the losses differ: {losses[0][0][-1]!r} before, {losses[0][1][-1]!r} after")
    return worse


def main():
    options = arguments()
    results = [check(name, options) for name in options.workload]
    return 1 if any(results) else 0


if __name__ == "__main__":
    sys.exit(main())
