"""Writes tests/fixtures/parity/runs/NAME.json: runs of the real SFTTrainer with options of the Trainer, step by step.

Needs trl and transformers; runs on a CPU in a minute. Usage: make_option_runs.py [NAME ...]
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", TRANSFORMERS_VERBOSITY="error")
import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

PARITY = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parity"
TRAIN_ROWS, SHOWN_ROWS = 400, 2
COMMON = dict(learning_rate=1e-3, max_length=256, logging_steps=1, bf16=False, gradient_checkpointing=False, seed=42, save_strategy="no")
ADAPTIVE = dict(per_device_train_batch_size=4, max_steps=20, eval_strategy="steps", eval_steps=1, per_device_eval_batch_size=8)
RUNS = {
    "llama-data-seed": dict(per_device_train_batch_size=24, max_steps=20, data_seed=7, dataloader_drop_last=True, eval_strategy="steps",
                            eval_steps=6, eval_delay=7, per_device_eval_batch_size=8, include_num_input_tokens_seen="non_padding"),
    "llama-group-by-length": dict(per_device_train_batch_size=16, gradient_accumulation_steps=2, max_steps=28, eval_strategy="steps",
                                  eval_steps=7, eval_on_start=True, per_device_eval_batch_size=8, data_seed=7,
                                  train_sampling_strategy="group_by_length"),
    "llama-label-smoothing": dict(per_device_train_batch_size=32, num_train_epochs=2, train_sampling_strategy="sequential",
                                  label_smoothing_factor=0.1, eval_strategy="epoch", eval_delay=1.5, per_device_eval_batch_size=8),
    "llama-log-epochs": dict(per_device_train_batch_size=32, num_train_epochs=2.5, logging_strategy="epoch", logging_first_step=True),
    "llama-plateau": dict(**ADAPTIVE, lr_scheduler_type="reduce_lr_on_plateau",
                          lr_scheduler_kwargs=dict(factor=0.5, patience=1, threshold=0.002, cooldown=1, min_lr=1e-4)),
    "llama-greedy": dict(**ADAPTIVE, lr_scheduler_type="greedy",
                         lr_scheduler_kwargs=dict(factor=0.8, patience=1, threshold=0.01, warmup=1, min_lr=1e-4, max_lr=3e-3, smooth=True, window_size=3)),
}


def plain(row):
    return {key: row[key] for key in ("messages", "input_ids", "labels") if key in row}


def run(name, settings, folder):
    settings = {**settings, **{key: value for key, value in COMMON.items() if key not in settings}}
    rows = [json.loads(line) for line in (PARITY / "docs.jsonl").read_text().splitlines()]
    model = PARITY / "models" / "llama"
    trainer = SFTTrainer(model=str(model), args=SFTConfig(output_dir=folder, report_to=[], use_cpu=True, disable_tqdm=True, **settings),
                         train_dataset=Dataset.from_list(rows[:TRAIN_ROWS]), eval_dataset=Dataset.from_list(rows[TRAIN_ROWS:]),
                         processing_class=AutoTokenizer.from_pretrained(model))
    output = trainer.train()
    shown = [plain(trainer.train_dataset[i]) for i in range(SHOWN_ROWS)]
    for row in shown:
        row.setdefault("labels", row["input_ids"])
    return dict(name=name, model="llama", data_format="messages", settings=settings,
                versions=dict(trl=trl.__version__, transformers=transformers.__version__, torch=torch.__version__),
                dataset_rows=len(trainer.train_dataset), first_rows=shown, log=trainer.state.log_history,
                output=dict(global_step=output.global_step, training_loss=output.training_loss))


for name in sys.argv[1:] or RUNS:
    with tempfile.TemporaryDirectory() as folder:
        result = run(name, RUNS[name], folder)
    (PARITY / "runs" / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(name, "done")
