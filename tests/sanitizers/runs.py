#!/usr/bin/env python3
"""Trains with a program built with SIFT_SANITIZE: small runs that together use every background thread of Sift.

    python3 tests/sanitizers/runs.py --sift build-tsan/bin/sift

Rows are prepared in parallel, or come from the token cache; all runs write checkpoints in the background; one is ended by a
signal meanwhile. Ends with status 1 when a run fails or a sanitizer reports anything.
"""

import argparse
import os
import pathlib
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))
from support import Failure, Run, require  # noqa: E402

CHECKPOINTING = '[[memory]]\nplugin = "gradient_checkpointing"\n'
OFFLOAD = '[[memory]]\nplugin = "activation_offload"\ntarget = "disk"\nmin_bytes = 1\n'
MEMORY = {"no strategy": "", "checkpointing": CHECKPOINTING, "offload": OFFLOAD, "both": CHECKPOINTING + OFFLOAD}


def require_quiet(code, expected, err, what):
    require("Sanitizer" not in err, f"{what}:\n{err}")
    require(code == expected, f"{what}: exit status {code}\n{err}")


def stop_and_resume(run):
    """A signal while a checkpoint is written, then the rest of the run."""
    process = run.start("--set", "train.max_steps=400")
    saved = 0
    for line in process.stderr:
        saved += " info saved " in line
        if saved == 3:
            break
    process.send_signal(signal.SIGTERM)
    err = process.stderr.read()
    require_quiet(process.wait(), 128 + signal.SIGTERM, err, "a signal")
    code, err = run.run("--resume", "--set", f"train.max_steps={int(run.checkpoints()[-1].name.split('-')[1]) + 4}")
    require_quiet(code, 0, err, "a resumed run")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sift", required=True)
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).resolve().parent
    os.environ.setdefault("TSAN_OPTIONS", "ignore_noninstrumented_modules=1")
    os.environ.setdefault("LSAN_OPTIONS", f"suppressions={here / 'lsan.supp'}:print_suppressions=0")
    runs = 0
    with tempfile.TemporaryDirectory(prefix="sift-sanitized-") as folder:
        try:
            for name, text in MEMORY.items():
                run = Run(arguments.sift, pathlib.Path(folder) / name.replace(" ", "-"))
                run.config.write_text(run.config.read_text() + text)
                for again in ("rows prepared", "rows from the cache"):
                    run.clear()
                    code, err = run.run()
                    require_quiet(code, 0, err, f"{name}, {again}")
                    runs += 1
            stop_and_resume(Run(arguments.sift, pathlib.Path(folder) / "signal"))
        except Failure as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
    print(f"{runs + 2} runs without reports")
    return 0


if __name__ == "__main__":
    sys.exit(main())
