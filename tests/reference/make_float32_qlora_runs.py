"""Writes the runs qlora-*-float32 of tests/fixtures/parity: TRL on a 4-bit base with adapters that stay float32.

SFTTrainer casts the adapters of a quantised base to bfloat16. These runs are those of qlora-*, from the same adapters, but
for that cast, which is undone after the trainer is made. So they show how far Sift is from TRL apart from the rounding.

Needs trl, peft and bitsandbytes; runs on a CPU in a minute. Usage: make_float32_qlora_runs.py [NAME ...]
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", TRANSFORMERS_VERBOSITY="error")
import peft
import torch
import transformers
import trl
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer

PARITY = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parity"
TRAIN_ROWS = 400


def trained(model):
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def run(name, folder):
    original = json.loads((PARITY / "runs" / f"{name}.json").read_text())
    rows = [json.loads(line) for line in (PARITY / "docs.jsonl").read_text().splitlines()]
    path, start = PARITY / "models" / original["model"], PARITY / "adapters" / name / "adapter"
    quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float32, **original["quantization"])
    base = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="sdpa",
                                                quantization_config=quantization, device_map={"": "cpu"})
    model = PeftModel.from_pretrained(base, start, is_trainable=True)
    initial = {key: parameter.detach().clone() for key, parameter in trained(model).items()}
    trainer = SFTTrainer(model=model, args=SFTConfig(output_dir=folder, report_to=[], use_cpu=True, disable_tqdm=True, **original["settings"]),
                         train_dataset=Dataset.from_list(rows[:TRAIN_ROWS]), processing_class=AutoTokenizer.from_pretrained(path))
    for key, parameter in trained(trainer.model).items():
        assert parameter.dtype == torch.bfloat16 and initial[key].dtype == torch.float32
        parameter.data = initial[key]
    output = trainer.train()
    new_name = name + "-float32"
    new = PARITY / "adapters" / new_name
    trainer.model.save_pretrained(new / "adapter_trained")
    shutil.copytree(start, new / "adapter", dirs_exist_ok=True)
    (new / "adapter_trained" / "README.md").unlink(missing_ok=True)
    (new / "adapter_trained" / "adapter_config.json").write_bytes((start / "adapter_config.json").read_bytes())
    return {**original, "name": new_name, "adapter_dtype": "float32",
            "versions": dict(trl=trl.__version__, transformers=transformers.__version__, torch=torch.__version__, peft=peft.__version__),
            "log": trainer.state.log_history,
            "output": dict(global_step=output.global_step, training_loss=output.training_loss)}


for name in sys.argv[1:] or ("qlora-nf4", "qlora-nf4-double"):
    with tempfile.TemporaryDirectory() as folder:
        result = run(name, folder)
    (PARITY / "runs" / f"{result['name']}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(name, "done")
