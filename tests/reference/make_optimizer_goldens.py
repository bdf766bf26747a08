"""Writes tests/fixtures/optimizers: weights after each of a few steps of the real optimizers, and the form of their state.

Needs torch, transformers, bitsandbytes and schedulefree. Usage: make_optimizer_goldens.py FIXTURES
goldens.safetensors has the first weights of three parameters, the gradients of each step, and for each case the
weights after the last step. goldens.json has each case: the name of the optimizer in Sift, its options, and for each
parameter the state's keys with dtype and shape, as optimizer.state_dict() has them.
"""
import json
import pathlib
import sys

import bitsandbytes
import torch
from safetensors.torch import save_file
from schedulefree import AdamWScheduleFree
from transformers.optimization import Adafactor

RATES = [0.01, 0.02, 0.005, 0.01]
WARMUP_STEPS = 2  # of those optimizers that have one of their own
SHAPES = {"model.layers.0.mlp.up_proj.weight": (17, 241), "model.embed_tokens.weight": (20, 12), "model.norm.weight": (5,)}
DECAY = 0.1
BETAS = (0.9, 0.95)
EPS = 1e-8
ADAFACTOR = dict(scale_parameter=False, relative_step=False)


def groups_of(weights):
    norm = [w for n, w in weights.items() if "norm" in n]
    return [{"params": [w for n, w in weights.items() if "norm" not in n], "weight_decay": DECAY}, {"params": norm, "weight_decay": 0.0}]


class MuonAndAdamW:
    """torch's Muon for the hidden matrix, and AdamW for the rest."""

    def __init__(self, weights, lr, **options):
        hidden = [w for n, w in weights.items() if "up_proj" in n]
        self.parts = [
            torch.optim.Muon(hidden, lr=lr, weight_decay=DECAY, **options),
            torch.optim.AdamW(groups_of({n: w for n, w in weights.items() if "up_proj" not in n}), lr=lr, betas=BETAS, eps=EPS, fused=True),
        ]
        self.param_groups = [group for part in self.parts for group in part.param_groups]

    def step(self):
        for part in self.parts:
            part.step()


def torch_optimizer(make, **fixed):
    return lambda weights, lr, **options: make(groups_of(weights), lr=lr, **fixed, **options)


# name in Sift, its options, how Python makes it with them
CASES = {
    "sgd": ("sgd", {}, torch_optimizer(torch.optim.SGD)),
    "sgd_nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}, torch_optimizer(torch.optim.SGD)),
    "sgd_dampening": ("sgd", {"momentum": 0.8, "dampening": 0.25}, torch_optimizer(torch.optim.SGD)),
    "rmsprop": ("rmsprop", {}, torch_optimizer(torch.optim.RMSprop)),
    "rmsprop_centered": ("rmsprop", {"centered": True, "momentum": 0.5, "alpha": 0.9, "eps": 1e-6}, torch_optimizer(torch.optim.RMSprop)),
    "adafactor": ("adafactor", {}, torch_optimizer(Adafactor, **ADAFACTOR)),
    "adafactor_beta1": ("adafactor", {"beta1": 0.9, "clip_threshold": 0.5, "decay_rate": -0.7}, torch_optimizer(Adafactor, **ADAFACTOR)),
    "adafactor_scaled": ("adafactor", {"scale_parameter": True}, torch_optimizer(Adafactor, relative_step=False)),
    "lion_32bit": ("lion_32bit", {}, torch_optimizer(bitsandbytes.optim.Lion, betas=BETAS, optim_bits=32)),
    "adamw_8bit": ("adamw_8bit", {}, torch_optimizer(bitsandbytes.optim.AdamW, betas=BETAS, eps=EPS, optim_bits=8)),
    "muon": ("muon", {}, MuonAndAdamW),
    "muon_rms": ("muon", {"adjust_lr_fn": "match_rms_adamw", "nesterov": False, "momentum": 0.9, "ns_steps": 3}, MuonAndAdamW),
    "schedule_free_adamw": ("schedule_free_adamw", {"r": 0.5}, torch_optimizer(AdamWScheduleFree, betas=BETAS, eps=EPS, warmup_steps=WARMUP_STEPS)),
}


def form_of(value):
    if isinstance(value, dict):
        return {key: form_of(entry) for key, entry in value.items()}
    if isinstance(value, torch.Tensor):
        return [str(value.dtype).removeprefix("torch."), list(value.shape)]
    return type(value).__name__


def run(make, options, first, grads):
    weights = {name: torch.nn.Parameter(tensor.clone()) for name, tensor in first.items()}
    optimizer = make(weights, RATES[0], **options)
    for rate, step in zip(RATES, grads):
        for group in optimizer.param_groups:
            group["lr"] = rate
        if hasattr(optimizer, "train"):
            optimizer.train()
        for name, weight in weights.items():
            weight.grad = step[name].clone()
        optimizer.step()
        if hasattr(optimizer, "eval"):
            optimizer.eval()
    state = optimizer.state_dict() if hasattr(optimizer, "state_dict") else None
    return {name: weight.detach().clone() for name, weight in weights.items()}, state


def main():
    fixtures = pathlib.Path(sys.argv[1]) / "optimizers"
    fixtures.mkdir(exist_ok=True)
    torch.manual_seed(7)
    first = {name: torch.randn(shape) * 0.1 for name, shape in SHAPES.items()}
    grads = [{name: torch.randn(shape) * torch.rand(shape) ** 4 for name, shape in SHAPES.items()} for _ in RATES]
    tensors = {f"first.{name}": tensor for name, tensor in first.items()}
    tensors |= {f"grad.{i}.{name}": tensor for i, step in enumerate(grads) for name, tensor in step.items()}
    cases = []
    for case, (optim, options, make) in CASES.items():
        weights, state = run(make, options, first, grads)
        tensors |= {f"{case}.{name}": tensor for name, tensor in weights.items()}
        entry = {"case": case, "optim": optim, "options": options}
        if state is not None:
            entry["state"] = {str(number): form_of(kept) for number, kept in state["state"].items()}
            entry["group_keys"] = sorted(state["param_groups"][0])
        cases.append(entry)
    save_file(tensors, str(fixtures / "goldens.safetensors"))
    text = json.dumps({"rates": RATES, "weight_decay": DECAY, "betas": BETAS, "eps": EPS, "warmup_steps": WARMUP_STEPS, "cases": cases}, indent=1)
    (fixtures / "goldens.json").write_text(text + "\n")


main()
