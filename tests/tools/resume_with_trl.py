"""Checks that TRL and Sift resume each other's checkpoints.

For each model folder, both ways: one of the two trains 20 steps and saves at step 10, the other resumes there, and its
steps 11-20 are compared with those of the run that was not interrupted: loss, entropy, aux_loss to 1e-5 relative,
grad_norm to 1e-4, learning_rate and mean_token_accuracy equal, num_tokens equal as counted from step 10 on (TRL begins
at 0 when it resumes).

Needs trl, transformers, torch and a build of Sift; runs on a CPU in a minute a model.
Usage: resume_with_trl.py [--build build] [--rows tests/fixtures/parity/docs.jsonl] [--freeze PATTERN ...]
       [--optim NAME ...] [--lora OPTIONS] [--models MODEL_DIR ...]
       torchrun --nproc-per-node N resume_with_trl.py ...
Under torchrun both train as N processes, Sift with even_batches, started by sift launch.
With --optim each model is trained with each of these optimizers (of bitsandbytes and schedulefree, if they are installed).
With --lora both train an adapter with these options of PEFT, as JSON: '{"r": 4, "target_modules": "all-linear"}'.
With --freeze both train without the parameters that Sift's `freeze` means by the patterns.
Without MODEL_DIR: every model of tests/fixtures/parity.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", TRANSFORMERS_VERBOSITY="error")
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parity"
SETTINGS = dict(
    per_device_train_batch_size=2, gradient_accumulation_steps=2, max_steps=20, learning_rate=1e-3, weight_decay=0.1, adam_beta2=0.95,
    lr_scheduler_type="cosine", warmup_steps=4, seed=7,
)
RATES = {"sgd": 0.1, "lion_32bit": 1e-4, "rmsprop": 1e-4}  # other optimizers' learning rates
SAVED, LAST = 10, 20
FREEZE = []
LORA = {}
TOLERANCES = {"loss": 1e-5, "entropy": 1e-5, "aux_loss": 1e-5, "grad_norm": 1e-4, "learning_rate": 0.0, "mean_token_accuracy": 0.0, "num_tokens": 0.0}


def toml(value):
    return json.dumps(value)


def frozen(name):
    return any(fnmatch.fnmatchcase(name, form) for pattern in FREEZE for form in (pattern, pattern + ".*"))


RANK, PROCESSES = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))


def shared(value):
    """The value of rank 0; all ranks have come so far."""
    if PROCESSES == 1:
        return value
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo")
    values = [value]
    torch.distributed.broadcast_object_list(values)
    return values[0]


def launcher(build):
    """The command, and an environment without torchrun's variables, which are for TRL."""
    command = [f"{build}/bin/sift", *(["launch", "--nproc-per-node", str(PROCESSES)] if PROCESSES > 1 else []), "train"]
    return command, {k: v for k, v in os.environ.items() if not k.startswith(("RANK", "WORLD", "LOCAL_", "MASTER_", "GROUP_", "ROLE_", "TORCHELASTIC"))}


def run_sift(build, model, rows, folder, resume=None):
    if RANK != 0:
        return shared(None)
    lines = ["[model]", f"path = {toml(str(model))}", "[data]", f"train = {toml(str(rows))}", "max_length = 256", "[train]",
             f"output_dir = {toml(str(folder))}", 'device = "cpu"', *(f"{k} = {toml(v)}" for k, v in SETTINGS.items()), f"freeze = {toml(FREEZE)}",
             "logging_steps = 1", f"save_steps = {SAVED}", "[parallel]", "even_batches = true", *(["[lora]"] if LORA else []), *(f"{k} = {toml(v)}" for k, v in LORA.items())]
    config = folder.with_suffix(".toml")
    config.write_text("\n".join(lines) + "\n")
    command, environment = launcher(build)
    result = subprocess.run([*command, str(config), *([f"--resume={resume}"] if resume else [])], capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"sift failed:\n{result.stderr}")
    return shared(json.loads((folder / "trainer_state.json").read_text())["log_history"])


def run_trl(model, rows, folder, resume=None):
    # the weights come from the checkpoint, except experts, which transformers does not restore (transformers#48805): they come from the model
    has_experts = "experts" in (model / "config.json").read_text()
    source = resume if resume and has_experts and not LORA else model
    args = SFTConfig(output_dir=str(folder), report_to=[], use_cpu=True, disable_tqdm=True, bf16=False, gradient_checkpointing=False, max_length=256,
                     logging_steps=1, save_strategy="steps", save_steps=SAVED, ddp_backend="gloo" if PROCESSES > 1 else None, **SETTINGS)
    loaded = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="sdpa")
    for name, parameter in loaded.named_parameters():
        parameter.requires_grad_(not frozen(name))
    adapter = None
    if LORA:
        from peft import LoraConfig
        adapter = LoraConfig(task_type="CAUSAL_LM", **LORA)
    trainer = SFTTrainer(model=loaded, args=args, peft_config=adapter,
                         train_dataset=Dataset.from_list(rows), processing_class=AutoTokenizer.from_pretrained(model))
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return shared(trainer.state.log_history)


def by_step(log):
    return {entry["step"]: entry for entry in log if "loss" in entry}


def compare(what, resumed, whole, counts_from_zero):
    """Prints the largest difference of each value; returns whether all are within tolerance."""
    worst = {}
    resumed, whole = by_step(resumed), by_step(whole)
    for step in range(SAVED + 1, LAST + 1):
        for key in TOLERANCES:
            if key not in whole[step]:
                continue
            expected = whole[step][key]
            if key == "num_tokens" and counts_from_zero:
                expected -= whole[SAVED][key]
            worst[key] = max(worst.get(key, 0.0), abs(resumed[step][key] - expected) / max(abs(expected), 1e-300))
    fits = all(value <= TOLERANCES[key] for key, value in worst.items())
    if RANK != 0:
        return fits
    print(f"  {what}: " + ", ".join(f"{key} {value:.1e}" for key, value in worst.items()) + ("" if fits else "   DIFFERS"), flush=True)
    return fits


def check(model, rows_file, build, temp):
    rows = [json.loads(line) for line in open(rows_file)]
    if RANK == 0:
        print(f"{model.name}, {SETTINGS['optim']}: largest relative differences of steps {SAVED + 1}-{LAST} from the uninterrupted run", flush=True)
    sift = run_sift(build, model, rows_file, temp / "sift")
    trl = run_trl(model, rows, temp / "trl")
    fits = compare("TRL continues Sift ", run_trl(model, rows, temp / "trl-resumed", temp / "sift" / f"checkpoint-{SAVED}"), sift, True)
    resumed = run_sift(build, model, rows_file, temp / "sift-resumed", temp / "trl" / f"checkpoint-{SAVED}")
    return compare("Sift continues TRL ", resumed, trl, False) and fits


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--rows", default=FIXTURES / "docs.jsonl", type=pathlib.Path)
    parser.add_argument("--freeze", nargs="+", default=[])
    parser.add_argument("--optim", nargs="+", default=["adamw_torch_fused"])
    parser.add_argument("--lora", type=json.loads, default={})
    parser.add_argument("--models", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    FREEZE.extend(options.freeze)
    LORA.update(options.lora)
    failed = []
    for model in options.models or sorted((FIXTURES / "models").iterdir()):
        for optim in options.optim:
            SETTINGS.update(optim=optim, learning_rate=RATES.get(optim, 1e-3))
            temp = shared(pathlib.Path(tempfile.mkdtemp()) if RANK == 0 else None)
            if not check(model.resolve(), options.rows.resolve(), options.build, temp):
                failed.append(f"{model.name} with {optim}")
            shared(None)
            shutil.rmtree(temp, ignore_errors=True)
    if failed:
        sys.exit(f"these runs differ: {', '.join(failed)}")
    if RANK == 0:
        print("all runs continue as if uninterrupted")


main()
