"""Writes tests/fixtures/packing.json: the result of trl.pack_dataset for rows of random lengths.

Needs trl, transformers, datasets. Usage: make_packing_goldens.py OUT.json
"""
import json
import random
import sys

import datasets.fingerprint
from datasets import Dataset
from trl.data_utils import pack_dataset

datasets.fingerprint.Hasher.hash = classmethod(lambda cls, value: "unused")  # hashing functions is fragile and unnecessary here
ROWS = 1300  # more than one block of 1000
CASES = [(48, 60), (64, 20), (7, 30)]  # max_length, longest row


def pieces(packed, starts, lengths):
    """Each packed row as a list of [row, begin, length]; token ids are consecutive numbers."""
    owner = [row for row, length in enumerate(lengths) for _ in range(length)]
    result = []
    for ids in packed["input_ids"]:
        found = []
        for token in ids:
            row = owner[token]
            if found and found[-1][0] == row and found[-1][1] + found[-1][2] == token - starts[row]:
                found[-1][2] += 1
            else:
                found.append([row, token - starts[row], 1])
        result.append(found)
    return result


def case(max_length, longest, strategy):
    rng = random.Random(longest)
    lengths = [rng.choice([0, rng.randint(1, longest), rng.randint(1, longest)]) for _ in range(ROWS)]
    starts = [sum(lengths[:row]) for row in range(ROWS)]
    rows = [list(range(start, start + length)) for start, length in zip(starts, lengths)]
    packed = pack_dataset(Dataset.from_dict({"input_ids": rows}), max_length, strategy)
    found = pieces(packed, starts, lengths)
    if strategy != "wrapped":
        assert [[p[2] for p in row] for row in found] == list(packed["seq_lengths"])
    return {"max_length": max_length, "strategy": strategy, "lengths": lengths, "rows": found}


json.dump([case(m, n, s) for m, n in CASES for s in ("bfd", "bfd_split", "wrapped")], open(sys.argv[1], "w"),
          separators=(",", ":"))
