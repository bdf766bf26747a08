#!/usr/bin/env python3
"""Compares what `sift plan` says of the memory of a process with the peak of real runs.

    tests/bench/scale/plan_check.py
    tests/bench/scale/plan_check.py --processes 1 2 4 --strategy replicas shard_parameters --optim adamw_torch sgd

The model has random weights and rows of a few tokens, so that activations hardly count. From the peak resident memory of
the largest rank, that of a run with nearly no weights is taken away: the program itself. Prints both and their ratio; status
1 if one is off by more than --tolerance.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import scale  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
FIXTURE = ROOT / "tests/fixtures/parity/models/llama"
STRATEGIES = ["replicas", "shard_optimizer", "shard_gradients", "shard_parameters"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--strategy", nargs="+", default=STRATEGIES)
    parser.add_argument("--optim", nargs="+", default=["adamw_torch"])
    parser.add_argument("--hidden-size", type=int, default=768)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--tolerance", type=float, default=0.1)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-plan"))
    return parser.parse_args()


def write_run(options, name, hidden_size):
    """A configuration that trains a model of this size; returns its path."""
    folder = options.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "model").mkdir(parents=True)
    for file in FIXTURE.iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, folder / "model")
    config = json.loads((FIXTURE / "config.json").read_text())
    config.update(hidden_size=hidden_size, intermediate_size=4 * hidden_size, num_hidden_layers=options.layers,
                  num_attention_heads=4, num_key_value_heads=4, head_dim=hidden_size // 4)
    (folder / "model/config.json").write_text(json.dumps(config))
    (folder / "rows.jsonl").write_text('{"text": "a b c"}\n' * 64)
    run = folder / "run.toml"
    run.write_text(f'[model]\npath = "{folder}/model"\ninit = "random"\n[data]\ntrain = "{folder}/rows.jsonl"\nmax_length = 16\n'
                   f'[train]\noutput_dir = "{folder}/out"\nmax_steps = 4\nper_device_train_batch_size = 1\n'
                   'save_strategy = "no"\nlogging_steps = 100\ndevice = "cpu"\n')
    return run


def settings(strategy, optim):
    return ["--set", f"parallel.strategy={strategy}", "--set", f"train.optim={optim}"]


def peak(options, run, processes, strategy, optim):
    sift = str(options.build / "bin/sift")
    launch = ["launch", "--nproc-per-node", str(processes)] if processes > 1 else []
    log = open(run.with_suffix(".log"), "w")
    process = subprocess.Popen([sift, *launch, "train", str(run), "--overwrite", *settings(strategy, optim)], stdout=log, stderr=log,
                               start_new_session=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    peak = scale.peak_of(process)
    if process.returncode != 0:
        sys.exit(f"training failed: {run.with_suffix('.log').read_text()[-2000:]}")
    return peak


def planned(options, run, processes, strategy, optim):
    """What the tensors take, and what they take with those on their way."""
    out = subprocess.run([str(options.build / "bin/sift"), "plan", str(run), "--json", "--world-size", str(processes),
                          *settings(strategy, optim)], check=True, capture_output=True, text=True).stdout
    memory = json.loads(out)["world_sizes"][0]["memory"]
    return memory["weights"] + memory["gradients"] + memory["optimizer"], memory["in_flight"]


def main():
    options = arguments()
    large, small = write_run(options, "large", options.hidden_size), write_run(options, "small", 16)
    worst = 0
    for optim in options.optim:
        for processes in options.processes:
            for strategy in options.strategy if processes > 1 else ["replicas"]:
                run = (processes, strategy, optim)
                measured = peak(options, large, *run) - peak(options, small, *run)
                held, moving = planned(options, large, *run)
                worst = max(worst, abs((held + moving) / measured - 1))
                print(f"{optim}, {strategy}, N = {processes}: held {held / 2**20:.0f} MiB and {moving / 2**20:.0f} in flight on "
                      f"paper, peak {measured / 2**20:.0f} MiB, ratio {(held + moving) / measured:.3f}", flush=True)
    return worst > options.tolerance


if __name__ == "__main__":
    sys.exit(main())
