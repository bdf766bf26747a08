#!/usr/bin/env python3
"""Measures the memory of processes that divide the tokens of one long document (context in [parallel]).

    tests/bench/scale/context.py
    tests/bench/scale/context.py --tokens 16384 --limit 900

For each number of processes: the peak resident memory of the largest, and what of it the document takes, which is the
difference to a run on a short one. With --limit, each process may have only so many MiB of data (RLIMIT_DATA), and it is
printed whether the run succeeds.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))

import workloads  # noqa: E402
from scale import peak_of  # noqa: E402

TOKENIZER = workloads.ROOT / "tests/fixtures/parity/models/llama"
MODEL = dict(
    architectures=["LlamaForCausalLM"], model_type="llama", hidden_size=256, intermediate_size=704, num_hidden_layers=8,
    num_attention_heads=8, num_key_value_heads=2, rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=True,
    max_position_embeddings=1 << 20, hidden_act="silu", initializer_range=0.02)
SHORT = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=8192, help="of the document")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--limit", type=int, default=0, help="MiB of data of a process; 0: none")
    parser.add_argument("--build", type=pathlib.Path, default=workloads.ROOT / "build")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/sift-context"))
    return parser.parse_args()


def write_config(options, model, tokens, processes):
    """A run of two steps on one document."""
    folder = options.folder / f"{processes}x{tokens}"
    folder.mkdir(parents=True, exist_ok=True)
    rows = folder / "rows.jsonl"
    rows.write_text(json.dumps({"text": " ".join(f"{number * 7919 % 10007}" for number in range(tokens))}) + "\n")
    config = folder / "run.toml"
    config.write_text(
        workloads.section("model", path=model, init="random")
        + workloads.section("data", train=rows, max_length=tokens)
        + workloads.section("train", output_dir=folder / "out", max_steps=2, device="cpu", logging_steps=1,
                            per_device_train_batch_size=1, save_strategy="no")
        + workloads.section("loss", plugin="liger")
        + workloads.section("parallel", context=processes)
        + workloads.section("[callbacks]", plugin="logging"))
    return config


def run(options, config, processes, limit=0):
    """Peak bytes of the largest process and seconds; nothing if the run fails."""
    def restrict():
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (limit << 20, limit << 20))

    sift = str(options.build / "bin/sift")
    launch = ["launch", "--nproc-per-node", str(processes)] if processes > 1 else []
    begin = time.monotonic()
    with open(config.with_name("log"), "w") as log:
        process = subprocess.Popen([sift, *launch, "train", str(config), "--overwrite"], stdout=log, stderr=log,
                                   start_new_session=True, preexec_fn=restrict, env={**os.environ, "OMP_NUM_THREADS": "1"})
        peak = peak_of(process)
    if process.returncode != 0 and not limit:
        sys.exit(f"{config} failed:\n{config.with_name('log').read_text()[-2000:]}")
    return (peak, time.monotonic() - begin) if process.returncode == 0 else None


def main():
    options = arguments()
    model = options.folder / "model"
    model.mkdir(parents=True, exist_ok=True)
    for file in TOKENIZER.iterdir():
        if file.suffix != ".safetensors":
            (model / file.name).write_bytes(file.read_bytes())
    base = json.loads((TOKENIZER / "config.json").read_text())
    ids = {key: base.get(key) for key in ("vocab_size", "bos_token_id", "eos_token_id", "pad_token_id")}
    (model / "config.json").write_text(json.dumps({**MODEL, **ids}))
    for processes in options.processes:
        long = write_config(options, model, options.tokens, processes)
        if options.limit:
            found = run(options, long, processes, options.limit)
            print(f"context = {processes}, {options.tokens} tokens, {options.limit} MiB of data: "
                  f"{'trains' if found else 'fails'}", flush=True)
            continue
        peak, seconds = run(options, long, processes)
        empty, _ = run(options, write_config(options, model, SHORT, processes), processes)
        print(f"context = {processes}, {options.tokens} tokens: peak of a process {peak / 2**20:.0f} MiB, of which the "
              f"document takes {(peak - empty) / 2**20:.0f}; {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
