"""Writes tests/fixtures/length_groups.json: the orders of transformers' LengthGroupedSampler, as a DataLoader visits them.

Needs transformers and torch. Usage: make_length_group_goldens.py OUT.json
"""
import json
import sys

import torch
from torch.utils.data import DataLoader
from transformers.trainer_pt_utils import LengthGroupedSampler

CASES = [(7, 2, 42), (40, 3, 42), (100, 4, 7), (1, 8, 0), (250, 1, 1)]


def golden(num_rows, batch_size, seed):
    lengths = [(37 * n * n + 11 * n) % 23 + 1 for n in range(num_rows)]
    torch.manual_seed(seed)
    loader = DataLoader(range(num_rows), batch_size=batch_size, sampler=LengthGroupedSampler(batch_size, lengths=lengths))
    evaluation = DataLoader(range(3))
    orders = [[row for batch in loader for row in batch.tolist()]]
    list(evaluation)
    orders += [[row for batch in loader for row in batch.tolist()] for _ in range(2)]
    own = list(LengthGroupedSampler(batch_size, lengths=lengths, generator=torch.Generator().manual_seed(seed)))
    return dict(lengths=lengths, batch_size=batch_size, seed=seed, orders=orders, evaluation=own)


json.dump([golden(*case) for case in CASES], open(sys.argv[1], "w"))
