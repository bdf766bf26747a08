"""Trains a workload with TRL: `trl_worker.py SETTINGS.json`. Writes a line for each step as step_times does."""

import json
import sys
import time

import torch
from datasets import load_dataset
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer


class StepTimes(TrainerCallback):
    def __init__(self, file):
        self.out = open(file, "w")

    def on_step_begin(self, args, state, control, **kwargs):
        self.begin = time.time()

    def on_step_end(self, args, state, control, **kwargs):
        self.out.write(f"{self.begin:.6f} {time.time():.6f}\n")
        self.out.flush()


def main():
    settings = json.load(open(sys.argv[1]))
    torch.set_num_threads(settings["threads"])
    config = SFTConfig(
        output_dir=settings["output_dir"], max_steps=settings["steps"], learning_rate=1e-5,
        lr_scheduler_type="constant", seed=42, logging_steps=1,
        per_device_train_batch_size=settings["batch"], save_strategy="no", report_to="none", use_cpu=True, bf16=False,
        gradient_checkpointing=False, torch_compile=settings["compile"], **settings["data"])
    rows = load_dataset("json", data_files=settings["rows_file"], split="train")
    trainer = SFTTrainer(model=settings["model"], args=config, train_dataset=rows,
                         callbacks=[StepTimes(settings["times"])])
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    json.dump(losses, open(settings["losses"], "w"))


main()
