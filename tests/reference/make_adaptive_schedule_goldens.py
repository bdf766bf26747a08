"""Writes tests/fixtures/adaptive_schedules: the learning rates of transformers' schedules that follow a metric, one
evaluation after the other, and the state_dict() of each halfway.

Needs transformers and torch. Usage: make_adaptive_schedule_goldens.py FIXTURES
"""
import json
import math
import pathlib
import sys

import torch
from transformers.optimization import get_scheduler

FALLING = [5.0, 4.0, 3.5, 3.4, 3.39, 3.38, 3.379, 3.5, 3.6, 3.4, 3.2, 3.1999999, 3.3, 3.4, 3.5, 3.6, 2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.6, 1.7, 1.8, 1.9]
FLAT = [1.0] * 24 + [0.9, 0.8]
RISING = [0.1 * n for n in range(12)] + [0.5, 0.6, 1.2, 1.2, 1.1, 1.0, 0.9, 1.3, 1.3, 1.3]
ODD = [1.0, math.nan, 0.9, math.inf, math.nan, 0.8, 0.8, -1.0, -1.00005, -1.1]
CASES = [
    ("reduce_lr_on_plateau", {}, FALLING),
    ("reduce_lr_on_plateau", {"patience": 1}, FLAT),
    ("reduce_lr_on_plateau", {"factor": 0.5, "patience": 1, "threshold": 0.01, "cooldown": 2, "min_lr": 2e-4}, FALLING),
    ("reduce_lr_on_plateau", {"mode": "max", "patience": 0, "factor": 0.7}, RISING),
    ("reduce_lr_on_plateau", {"mode": "max", "patience": 0, "threshold": 0.15, "threshold_mode": "abs", "eps": 1e-5}, RISING),
    ("reduce_lr_on_plateau", {"threshold_mode": "abs", "threshold": 0.2, "patience": 1}, FALLING),
    ("reduce_lr_on_plateau", {"patience": 0}, ODD),
    ("greedy", {}, FALLING),
    ("greedy", {"patience": 1, "min_lr": 1e-4}, FALLING),
    ("greedy", {"patience": 0, "factor": 0.5, "min_lr": 1e-4, "max_lr": 4e-3, "cooldown": 2, "warmup": 1}, FALLING),
    ("greedy", {"patience": 0, "factor": 0.5, "min_lr": 5e-4, "reset_start": 3}, FLAT),
    ("greedy", {"patience": 1, "mode": "max", "min_lr": 1e-5, "threshold": 0.05, "threshold_mode": "rel"}, RISING),
    ("greedy", {"patience": 1, "min_lr": 1e-5, "smooth": True, "window_size": 3}, FALLING),
    ("greedy", {"patience": 0, "factor": 0.5, "min_lr": 5e-4, "reset_start": 2, "smooth": True, "window_size": 2}, FLAT),
    ("greedy", {"patience": 0, "min_lr": 1e-5, "eps": 1e-4}, FALLING),
    ("greedy", {"patience": 0, "min_lr": 1e-5}, ODD),
]
RATE = 1e-3


def shown(metric):
    return metric if math.isfinite(metric) else str(metric)


def golden(number, kind, kwargs, metrics, folder):
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))]} for _ in range(2)]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    scheduler = get_scheduler(kind, optimizer, scheduler_specific_kwargs=dict(kwargs))
    rates, halfway = [], len(metrics) // 2
    for step, metric in enumerate(metrics):
        if step == halfway:
            torch.save(scheduler.state_dict(), folder / f"scheduler-{number}.pt")
        scheduler.step(metric)
        rates.append(optimizer.param_groups[0]["lr"])
    return dict(type=kind, kwargs=kwargs, learning_rate=RATE, metrics=[shown(m) for m in metrics], halfway=halfway, rates=rates)


fixtures = pathlib.Path(sys.argv[1])
folder = fixtures / "adaptive_schedules"
folder.mkdir(exist_ok=True)
cases = [golden(number, *case, folder) for number, case in enumerate(CASES)]
(fixtures / "adaptive_schedules" / "rates.json").write_text(json.dumps(cases, indent=1) + "\n")
