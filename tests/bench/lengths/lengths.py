#!/usr/bin/env python3
"""Measures the peak memory of a step on one document of several lengths.

    tests/bench/lengths/lengths.py
    tests/bench/lengths/lengths.py --lengths 1024 16384 --memory gradient_checkpointing activation_offload

Prints the peak resident memory of each length and the straight line through them: memory that grows with the square
of the length would leave it far behind at the longest.
"""

import argparse
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))
import workloads
from runners import measure, steps_of

STRATEGIES = {"gradient_checkpointing": {}, "activation_offload": dict(target="disk")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[1024, 2048, 4096, 8192, 16384])
    parser.add_argument("--memory", nargs="*", default=[], choices=STRATEGIES)
    parser.add_argument("--build", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--model", type=pathlib.Path, default=workloads.SMOLLM2)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-lengths"))
    return parser.parse_args()


def train_one(length, options):
    """Peak resident bytes and seconds of a step on a document truncated to `length` tokens."""
    folder = options.folder
    extra = workloads.section("plugins", paths=[str(options.build / "tests/bench/step_times.so")])
    for name in options.memory:
        settings = dict(STRATEGIES[name])
        if "target" in settings:
            settings["folder"] = folder
        extra += workloads.section("[memory]", plugin=name, **settings)
    settings = dict(rows_file=folder / "rows.jsonl", model=options.model, data=dict(max_length=length), batch=1)
    config = folder / "run.toml"
    workloads.write_toml(config, settings, folder, 1, extra)
    _, peak = measure([options.build / "bin/sift", "train", config, "--overwrite"], folder / "log")
    begin, end, tokens = steps_of(open(folder / "times"))[0]
    if int(tokens) != length:
        raise RuntimeError(f"the document has {int(tokens)} tokens, not {length}")
    return peak, end - begin


def main():
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    workloads.write_rows(options.folder / "rows.jsonl", (max(options.lengths) // 40,) * 2, 1)
    peaks = []
    print(f"{'tokens':>7} {'peak GB':>8} {'seconds':>8}")
    for length in options.lengths:
        peak, seconds = train_one(length, options)
        peaks.append(peak / 1e9)
        print(f"{length:7} {peaks[-1]:8.2f} {seconds:8.1f}", flush=True)
    if len(peaks) > 2:
        slope, start = statistics.linear_regression(options.lengths, peaks)
        off = max(abs(start + slope * length - peak) / peak for length, peak in zip(options.lengths, peaks))
        print(f"{start:.2f} GB + {1000 * slope:.3f} GB per thousand tokens; largest deviation "
              f"{100 * off:.1f} % from that line")


if __name__ == "__main__":
    main()
