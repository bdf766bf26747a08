"""Trains with TRL: `trl_worker.py JOB.json`. Writes a line per step like step_times, and the losses."""

import json
import sys
import time

import torch
from datasets import load_dataset
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer


class StepTimes(TrainerCallback):
    """`on_log` follows `on_step_end` and has the tokens so far."""

    def __init__(self, file):
        self.out = open(file, "w")

    def on_step_begin(self, args, state, control, **kwargs):
        self.begin = time.time()

    def on_step_end(self, args, state, control, **kwargs):
        self.end = time.time()

    def on_log(self, args, state, control, logs, **kwargs):
        if "num_tokens" not in logs:
            return
        peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
        self.out.write(f"{self.begin:.6f} {self.end:.6f} {logs['num_tokens']:.0f} {peak}\n")
        self.out.flush()


def main():
    job = json.load(open(sys.argv[1]))
    if "threads" in job:
        torch.set_num_threads(job["threads"])
    config = SFTConfig(
        output_dir=job["output_dir"], max_steps=job["steps"], per_device_train_batch_size=job["batch"],
        learning_rate=1e-5, lr_scheduler_type="constant", seed=42, logging_steps=1, save_strategy="no",
        report_to="none", gradient_checkpointing=False, **job["data"], **job["options"])
    rows = load_dataset("json", data_files=job["rows_file"], split="train")
    adapter = None
    if job.get("lora"):
        from peft import LoraConfig
        adapter = LoraConfig(task_type="CAUSAL_LM", **job["lora"])
    trainer = SFTTrainer(model=job["model"], args=config, train_dataset=rows, callbacks=[StepTimes(job["times"])],
                         peft_config=adapter)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    json.dump(losses, open(job["losses"], "w"))


main()
