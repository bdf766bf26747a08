#!/usr/bin/env python3
"""Measures data preparation: tokenizing, compared with Hugging Face tokenizers, packing, and the memory of the loader.

    tests/bench/data/data.py tokenize --python VENV/bin/python              # with tokenizers installed
    tests/bench/data/data.py tokenize --python VENV/bin/python --folder /usr/include    # its text files, without repeated rows
    tests/bench/data/data.py pack
    tests/bench/data/data.py memory --megabytes 50 400 1600

tokenize runs all contestants one after the other, round after round, each in a process of its own; ratios are taken
inside a round, their medians are printed. The ids must be equal.
"""

import argparse
import hashlib
import json
import os
import pathlib
import statistics
import subprocess

import memory

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
QUICKSTART = ROOT / "examples/quickstart/train.jsonl"
SMOLLM2 = ROOT / ".deps/models/SmolLM2-135M-Instruct"
TEXT_CHARACTERS = 1500


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["tokenize", "pack", "memory"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--model", type=pathlib.Path, default=SMOLLM2)
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path("/tmp/sift-data"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100])
    parser.add_argument("--python", help="python of an environment with tokenizers")
    parser.add_argument("--folder", type=pathlib.Path, help="folder of text files, instead of the quickstart's chats")
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of rows to pack")
    return parser.parse_args()


def chat_texts():
    for line in open(QUICKSTART):
        messages = json.loads(line)["messages"]
        yield "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)


def folder_texts(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".c", ".cpp", ".h", ".md", ".py", ".rst", ".txt"} and path.is_file():
            text = path.read_text(errors="ignore")
            yield from (text[at : at + TEXT_CHARACTERS] for at in range(0, len(text), TEXT_CHARACTERS))


def write_texts(path, texts, megabytes, repeat):
    """Texts of this many megabytes in total; without `repeat`, each text occurs once."""
    texts, seen, size = list(texts), set(), 0
    with open(path, "w") as out:
        while size < megabytes * 1e6:
            for text in texts:
                key = hashlib.md5(text.encode()).digest()
                if size < megabytes * 1e6 and (repeat or key not in seen):
                    seen.add(key)
                    size += len(text.encode())
                    out.write(json.dumps(text) + "\n")
            if not repeat:
                break
    return size / 1e6


def run(command, parallel):
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "true" if parallel else "false"}
    printed = subprocess.run([str(word) for word in command], env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(printed.stdout)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tokenize(options):
    texts, ids = options.scratch / "texts.jsonl", options.scratch / "ids"
    source = folder_texts(options.folder) if options.folder else chat_texts()
    megabytes = write_texts(texts, source, options.megabytes[0], repeat=not options.folder)
    sift = [options.build / "bin/data_bench", "encode", options.model / "tokenizer.json", texts]
    hf = [options.python, HERE / "hf_tokenize.py", options.model / "tokenizer.json", texts]
    one_thread = {"sift": [*sift, "one"], "encode": [*hf, "encode"]}
    batches = {method: [*hf, method] for method in ("encode_batch", "encode_batch_fast")}
    for cores, group in {"one thread": one_thread | batches, "all cores": {"sift": [*sift, "all"]} | batches}.items():
        rounds, digests = [], set()
        for _ in range(options.rounds):
            results = {}
            for label, command in group.items():
                results[label] = run([*command, ids], parallel=cores == "all cores")
                digests.add(digest(ids))
            rounds.append(results)
        show(cores, rounds, megabytes, len(digests) == 1)


def show(cores, rounds, megabytes, equal):
    tokens = rounds[0]["sift"]["tokens"]
    print(f"{cores}: {megabytes:.0f} MB, {tokens} tokens, ids {'equal' if equal else 'DIFFERENT'}")
    for label in rounds[0]:
        speed = statistics.median(megabytes / results[label]["seconds"] for results in rounds)
        wall = [results[label]["seconds"] / results["sift"]["seconds"] for results in rounds]
        cpu = [results[label]["cpu_seconds"] / results["sift"]["cpu_seconds"] for results in rounds]
        print(f"  {label:18} {speed:7.1f} MB/s, sift is {statistics.median(wall):5.2f} x as fast ({min(wall):.2f} to "
              f"{max(wall):.2f}), {statistics.median(cpu):5.2f} x by time of the processor")


def pack(options):
    rounds = [run([options.build / "bin/data_bench", "pack", options.rows, 1024], True) for _ in range(options.rounds)]
    print(f"{options.rows} rows, {rounds[0]['tokens']} tokens, into rows of 1024")
    for name in ("bfd", "bfd_split", "wrapped"):
        plan = statistics.median(results[name]["plan"] for results in rounds)
        whole = statistics.median(results[name]["whole"] for results in rounds)
        print(f"  {name:10} {plan:.2f} CPU seconds to plan, {whole:.2f} with the tokens: {rounds[0][name]['packed_rows']} rows")


def main():
    options = arguments()
    options.scratch.mkdir(parents=True, exist_ok=True)
    {"tokenize": tokenize, "pack": pack, "memory": lambda o: memory.measure(o, QUICKSTART)}[options.what](options)


if __name__ == "__main__":
    main()
