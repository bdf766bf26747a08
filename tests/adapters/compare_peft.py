#!/usr/bin/env python3
"""Compares adapters with PEFT, in both directions. By hand; needs torch, transformers and peft:

    tests/adapters/compare_peft.py --tools build/bin [--only NAME]

For each case: PEFT makes an adapter with random values on a model of tests/fixtures/parity and saves it; Sift's logits
with it, and those of `sift merge`, must equal PEFT's. Then Sift trains two steps with the same options and PEFT loads
the result, whose logits must equal Sift's.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()
warnings.simplefilter("ignore")

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parity"
IDS = [5, 17, 3, 250, 99, 8, 512, 1000, 42, 7, 7, 19]
TOLERANCE = 2e-5

CASES = {
    "default": ("llama", {}),
    "list": ("llama", dict(r=4, lora_alpha=16, target_modules=["q_proj", "down_proj"])),
    "regex": ("llama", dict(r=4, target_modules=r".*layers\.1\..*(k|up)_proj")),
    "all-linear": ("qwen3", dict(r=4, target_modules="all-linear", use_rslora=True)),
    "exclude": ("llama", dict(r=4, target_modules="all-linear", exclude_modules=["o_proj", "model.layers.0.mlp.up_proj"])),
    "layers": ("llama", dict(r=4, target_modules=["q_proj", "up_proj"], layers_to_transform=[1], layers_pattern="layers")),
    "layers-exact": ("llama", dict(r=4, target_modules=["model.layers.0.self_attn.q_proj", "up_proj"], layers_to_transform=[1])),
    "patterns": ("llama", dict(r=4, target_modules=["q_proj", "v_proj"], rank_pattern={"layers.1.*q_proj": 2}, alpha_pattern={"v_proj": 32})),
    "bias-all": ("llama-tied-bias", dict(r=4, target_modules=["q_proj"], bias="all")),
    "bias-lora": ("llama-tied-bias", dict(r=4, target_modules=["q_proj", "gate_proj"], bias="lora_only")),
    "qwen2-bias": ("qwen2", dict(r=4, target_modules=["q_proj"], bias="lora_only")),
    "dora": ("llama", dict(r=4, target_modules="all-linear", use_dora=True)),
    "dora-bias": ("llama-tied-bias", dict(r=4, target_modules=["q_proj", "down_proj"], use_dora=True)),
    "pissa": ("llama", dict(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights="pissa")),
    "gaussian": ("llama", dict(r=4, target_modules=["q_proj"], init_lora_weights="gaussian")),
    "head": ("llama", dict(r=4, target_modules=["o_proj"], modules_to_save=["lm_head"])),
    "tied-head": ("llama-tied-bias", dict(r=4, target_modules=["o_proj"], modules_to_save=["lm_head"])),
    "tied-embedding": ("llama-tied-bias", dict(r=4, target_modules=["o_proj"], modules_to_save=["embed_tokens"])),
    "norms": ("llama", dict(r=4, target_modules=["o_proj"], modules_to_save=["input_layernorm", "model.norm"])),
    "embedding": ("llama", dict(r=4, target_modules=["q_proj", "embed_tokens"])),
    "tied-embedding-lora": ("llama-tied-bias", dict(r=4, target_modules=["q_proj", "embed_tokens"])),
    "tokens": ("llama", dict(r=4, target_modules=["q_proj"], trainable_token_indices=[17, 99])),
    "tied-tokens": ("llama-tied-bias", dict(r=4, target_modules=["q_proj"], trainable_token_indices=[17, 99])),
    "mixtral": ("mixtral", dict(r=4, target_modules=["q_proj", "v_proj"])),
    "mixtral-all": ("mixtral", dict(r=4, target_modules="all-linear")),
    "experts": ("mixtral", dict(r=4, target_modules=["q_proj"], target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])),
    "experts-one": ("qwen3-moe", dict(r=4, target_parameters=["experts.down_proj"], target_modules=["v_proj"])),
    "experts-only": ("olmoe", dict(r=4, target_parameters=["experts.gate_up_proj"])),
    "router": ("mixtral", dict(r=4, target_modules=["q_proj"], target_parameters=["mlp.gate.weight"])),
    "experts-saved": ("mixtral", dict(r=4, target_modules=["q_proj"], modules_to_save=["mlp.experts"])),
}


def logits_of(model):
    with torch.no_grad():
        return model(torch.tensor([IDS])).logits[0].float()


def base_model(name):
    return AutoModelForCausalLM.from_pretrained(FIXTURES / "models" / name, dtype=torch.float32, attn_implementation="eager").eval()


def sift_logits(tools, folder, scratch):
    out = scratch / "logits"
    subprocess.run([tools / "print_logits", folder, out], input=" ".join(map(str, IDS)), text=True, check=True)
    return torch.frombuffer(bytearray(out.read_bytes()), dtype=torch.float32).reshape(len(IDS), -1)


def check(what, found, expected, faults):
    difference = (found - expected).abs().max().item() / max(1.0, expected.abs().max().item())
    if not difference <= TOLERANCE:
        faults.append(f"{what}: logits differ by {difference:.2e}")


def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def train(tools, scratch, model, options):
    rows = FIXTURES / "docs.jsonl"
    lines = "".join(f"{key} = {toml_value(value)}\n" for key, value in options.items())
    config = scratch / "run.toml"
    config.write_text(
        f'[model]\npath = "{FIXTURES / "models" / model}"\n[data]\ntrain = "{rows}"\nmax_length = 64\n[lora]\n{lines}'
        f'[train]\noutput_dir = "{scratch / "out"}"\nmax_steps = 2\nlearning_rate = 0.05\n'
        'per_device_train_batch_size = 2\nsave_strategy = "no"\n')
    subprocess.run([tools / "sift", "train", config], check=True, capture_output=True, text=True)
    return scratch / "out"


def compare(tools, name, model, options, scratch):
    faults = []
    torch.manual_seed(0)
    peft_model = get_peft_model(base_model(model), LoraConfig(task_type="CAUSAL_LM", **options)).eval()
    peft_model.peft_config["default"].base_model_name_or_path = str(FIXTURES / "models" / model)
    with torch.no_grad():
        for key, parameter in peft_model.named_parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    peft_model.save_pretrained(scratch / "peft")
    expected = logits_of(peft_model)
    reloaded = PeftModel.from_pretrained(base_model(model), scratch / "peft").eval()
    if not torch.allclose(logits_of(reloaded), expected, atol=1e-4):
        faults.append("PEFT itself reloads another adapter")
        expected = logits_of(reloaded)
    check("of PEFT's adapter", sift_logits(tools, scratch / "peft", scratch), expected, faults)
    subprocess.run([tools / "sift", "merge", scratch / "peft", "--out", scratch / "merged"], check=True, capture_output=True)
    check("of the merged model", sift_logits(tools, scratch / "merged", scratch), expected, faults)
    check("of the merged model in transformers", logits_of(AutoModelForCausalLM.from_pretrained(
        scratch / "merged", dtype=torch.float32, attn_implementation="eager").eval()), expected, faults)

    out = train(tools, scratch, model, options)
    ours = PeftModel.from_pretrained(base_model(model), out).eval()
    check("of Sift's adapter in PEFT", logits_of(ours), sift_logits(tools, out, scratch), faults)
    if torch.allclose(logits_of(ours), logits_of(base_model(model)), atol=1e-6):
        faults.append("Sift's adapter changes nothing")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    failed = 0
    for name, (model, options) in CASES.items():
        if arguments.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            try:
                faults = compare(arguments.tools, name, model, options, pathlib.Path(scratch))
            except subprocess.CalledProcessError as error:
                faults = [str(error.stderr or error)]
            except Exception as error:  # PEFT may refuse what Sift has
                faults = [f"{type(error).__name__}: {error}"]
        failed += bool(faults)
        print(f"{name}: {'; '.join(faults) or 'equal'}", flush=True)
    sys.exit(failed > 0)


main()
