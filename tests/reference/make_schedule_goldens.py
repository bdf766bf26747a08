"""Writes tests/fixtures/schedules.json: the learning rates of transformers' get_scheduler, step by step.

Needs transformers and torch. Usage: make_schedule_goldens.py OUT.json
"""
import json
import sys

import torch
from transformers.optimization import get_scheduler

CASES = [
    ("linear", 2, {}), ("linear", 0, {}), ("cosine", 3, {}), ("cosine", 0, {"num_cycles": 1.5}),
    ("cosine_with_restarts", 2, {}), ("cosine_with_restarts", 0, {"num_cycles": 3}),
    ("polynomial", 2, {}), ("polynomial", 0, {"lr_end": 1e-5, "power": 2.0}),
    ("constant", 0, {}), ("constant_with_warmup", 4, {}),
    ("inverse_sqrt", 3, {}), ("inverse_sqrt", 0, {}), ("inverse_sqrt", 2, {"timescale": 5}),
    ("cosine_with_min_lr", 2, {"min_lr": 1e-4}), ("cosine_with_min_lr", 0, {"min_lr_rate": 0.2}),
    ("cosine_warmup_with_min_lr", 3, {"min_lr_rate": 0.1}),
    ("cosine_warmup_with_min_lr", 3, {"min_lr": 1e-4, "warmup_lr_rate": 0.25}),
    ("warmup_stable_decay", 3, {"num_decay_steps": 5}),
    ("warmup_stable_decay", 3, {"num_decay_steps": 4, "num_stable_steps": 2, "min_lr_ratio": 0.1}),
    ("warmup_stable_decay", 3, {"num_decay_steps": 5, "warmup_type": "cosine", "decay_type": "linear"}),
    ("warmup_stable_decay", 3, {"num_decay_steps": 5, "warmup_type": "1-sqrt", "decay_type": "1-sqrt", "min_lr_ratio": 0.2}),
]
MAX_STEPS, RATE = 14, 1e-3


def rates(kind, warmup, kwargs):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = get_scheduler(kind, optimizer, num_warmup_steps=warmup, num_training_steps=MAX_STEPS, scheduler_specific_kwargs=dict(kwargs))
    out = []
    for _ in range(MAX_STEPS + 1):
        out.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return out


cases = [dict(type=k, warmup_steps=w, kwargs=kw, learning_rate=RATE, max_steps=MAX_STEPS, rates=rates(k, w, kw)) for k, w, kw in CASES]
json.dump(cases, open(sys.argv[1], "w"), indent=1)
