#!/usr/bin/env python3
"""2,000 steps of a tiny model with evaluations and checkpoints: memory, open files and threads must not grow.

    python3 tests/faults/soak.py --sift build/bin/sift [--steps 2000]

Reads them from /proc while the run goes. The first quarter is warm-up; after it, the largest figures of the second and of
the last quarter are compared.
"""

import argparse
import os
import pathlib
import re
import sys
import tempfile
import threading
import time

from support import Run

ALLOWED_GROWTH_MB = 8.0


def figures(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {"resident MB": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024,
            "open files": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(re.search(r"Threads:\s+(\d+)", status)[1])}


def watch(process, samples):
    """Samples (finished steps, values) until the process ends; the steps come from its log."""
    step = [0]

    def follow():
        for line in process.stderr:
            found = re.search(r" step (\d+)/", line)
            if found:
                step[0] = int(found[1])

    reader = threading.Thread(target=follow)
    reader.start()
    while process.poll() is None:
        try:
            samples.append((step[0], figures(process.pid)))
        except (OSError, TypeError):
            break  # the process has ended
        time.sleep(0.02)
    reader.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sift", required=True)
    parser.add_argument("--steps", type=int, default=2000)
    arguments = parser.parse_args()
    samples, start = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sift-soak-") as folder:
        run = Run(arguments.sift, pathlib.Path(folder) / "run", max_steps=arguments.steps, save_steps=10)
        process = run.start()
        watch(process, samples)
        if process.wait() != 0:
            print(f"the run ended with status {process.returncode}", file=sys.stderr)
            return 1

    def most(first, last, key):
        return max(f[key] for step, f in samples if first <= step / arguments.steps < last)

    flat = True
    print("| value | second quarter | last quarter |\n| --- | --- | --- |")
    for key, allowed in (("resident MB", ALLOWED_GROWTH_MB), ("open files", 0), ("threads", 0)):
        before, after = most(0.25, 0.5, key), most(0.75, 1.0, key)
        flat = flat and after <= before + allowed
        print(f"| {key} (largest) | {before:.0f} | {after:.0f} |")
    print(f"{arguments.steps} steps, an evaluation every 4, a checkpoint every 10; {len(samples)} samples, "
          f"{time.monotonic() - start:.0f} s: {'flat' if flat else 'NOT FLAT'}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
