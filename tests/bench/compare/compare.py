#!/usr/bin/env python3
"""Compares Sift with the limit of its matrix products and, if available, with TRL.

    tests/bench/compare/compare.py --workload short --rounds 3
    tests/bench/compare/compare.py --workload short packed --trl VENV/bin/python --json out.json --plot out.svg
    tests/bench/compare/compare.py --install-trl VENV           # creates that environment; several gigabytes
    tests/bench/compare/compare.py --baseline OTHER_BUILD       # an earlier commit of Sift, built elsewhere

All contestants train the same rows in the same order from the same weights, one after the other, round after round,
so that what disturbs the machine disturbs all of them. Ratios are taken inside a round; medians are printed. The
first step of each process is left out of the speeds (with --compile the first five are).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import plot
import workloads
from runners import Roofline, Sift, Trl


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", nargs="+", default=["short"], choices=workloads.WORKLOADS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="steps per process, including those that are not timed")
    parser.add_argument("--build", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--baseline", type=pathlib.Path, help="build folder of another Sift")
    parser.add_argument("--checkpointing", type=int, metavar="N",
                        help="also run Sift with gradient_checkpointing of every Nth layer")
    parser.add_argument("--tokens-per-pass", type=int, metavar="N", help="also run Sift with max_tokens_per_pass")
    parser.add_argument("--lora", type=int, metavar="R", help="also run each with adapters of rank R on all linear layers")
    parser.add_argument("--model", type=pathlib.Path, default=workloads.SMOLLM2)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-compare"))
    parser.add_argument("--trl", help="python of an environment with TRL")
    parser.add_argument("--jemalloc", help="libjemalloc.so: also run TRL with it")
    parser.add_argument("--compile", action="store_true", help="that second run of TRL also uses torch.compile")
    parser.add_argument("--install-trl", metavar="VENV")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path, help="write an SVG of tokens/s and peak memory")
    return parser.parse_args()


def install_trl(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([f"{folder}/bin/pip", "install", "torch==2.15.0", "trl==1.16.0", "transformers==5.24.0"], check=True)


def contestants(options):
    chosen = [Sift(options.build), Roofline(options.build)]
    threads = len(os.sched_getaffinity(0))
    if options.baseline:
        chosen.append(Sift(options.baseline, "baseline"))
    if options.checkpointing:
        section = workloads.section("[memory]", plugin="gradient_checkpointing", every_n_layers=options.checkpointing)
        chosen.append(Sift(options.build, f"every {options.checkpointing}", section))
    if options.tokens_per_pass:
        train = dict(max_tokens_per_pass=options.tokens_per_pass)
        chosen.append(Sift(options.build, f"pass {options.tokens_per_pass}", train=train))
    adapters = dict(r=options.lora, lora_alpha=options.lora, target_modules="all-linear")
    if options.lora:
        section = workloads.section("lora", **adapters)
        chosen += [Sift(options.build, "lora", section), Roofline(options.build, "lora gemm", section)]
    if options.trl and options.lora:
        chosen.append(Trl(options.trl, threads, "lora trl", lora=adapters))
    if options.trl:
        chosen.append(Trl(options.trl, threads))
        if options.jemalloc or options.compile:
            chosen.append(Trl(options.trl, threads, "trl best", options.compile, options.jemalloc))
    return chosen


def tokens_per_second(measured, tokens, skip):
    return sum(tokens[skip:]) / sum(measured["seconds"][skip:])


def compare(name, options):
    folder = options.folder / name
    settings = workloads.prepare(name, folder, options.build / "bin/sift", options.model)
    rounds = []
    for index in range(options.rounds):
        results = {}
        for contestant in contestants(options):
            print(f"  round {index + 1}: {contestant.label}", file=sys.stderr, flush=True)
            steps, skip = options.steps, 1
            if getattr(contestant, "compile", False):
                steps, skip = options.steps + 4, 5
            measured = contestant.run(settings, folder / contestant.label.replace(" ", "-"), steps)
            results[contestant.label] = measured
            measured["skip"] = skip
        rounds.append(results)
    tokens = rounds[0]["sift"]["tokens"]
    for results in rounds:
        for measured in results.values():
            # a compiled run has more steps than the others; its last ones train on new rows of similar size
            many = [tokens[i % len(tokens)] for i in range(len(measured["seconds"]))]
            measured["tokens_per_second"] = tokens_per_second(measured, many, measured["skip"])
    return dict(workload=name, tokens=tokens, scored_part=rounds[0]["sift"]["scored_part"], rounds=rounds,
                summary=summarize(rounds))


def summarize(rounds):
    summary = {}
    for label in rounds[0]:
        mine = [results[label] for results in rounds]
        ratios = [results["sift"]["tokens_per_second"] / results[label]["tokens_per_second"] for results in rounds]
        losses = mine[0]["losses"]
        summary[label] = dict(
            tokens_per_second=statistics.median(m["tokens_per_second"] for m in mine),
            sift_is_faster=statistics.median(ratios), ratios=ratios,
            peak=statistics.median(m["peak"] for m in mine),
            first_step=statistics.median(m["first_step"] for m in mine),
            overhead=statistics.median(m["overhead"] for m in mine),
            loss=losses[len(rounds[0]["sift"]["losses"]) - 1] if losses else None)
    return summary


def show(result):
    print(f"{result['workload']}: {sum(result['tokens'])} tokens in {len(result['tokens'])} steps, "
          f"{100 * result['scored_part']:.1f} % of them scored")
    print(f"  {'':10} {'tokens/s':>9} {'sift is':>8} {'peak GB':>8} {'1st step s':>10} {'before it s':>11} {'loss':>9}")
    for label, row in result["summary"].items():
        loss = f"{row['loss']:9.5f}" if row["loss"] is not None else f"{'':9}"
        print(f"  {label:10} {row['tokens_per_second']:9.1f} {row['sift_is_faster']:7.2f}x {row['peak'] / 1e9:8.2f} "
              f"{row['first_step']:10.2f} {row['overhead']:11.2f} {loss}")


def main():
    options = arguments()
    if options.install_trl:
        return install_trl(options.install_trl)
    results = [compare(name, options) for name in options.workload]
    for result in results:
        show(result)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    if options.plot:
        options.plot.write_text(plot.svg(results))


if __name__ == "__main__":
    main()
