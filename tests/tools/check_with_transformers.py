"""Loads a model folder written by Sift in transformers and compares the logits with Sift's.

Needs torch and transformers. Usage: check_with_transformers.py MODEL_DIR [BUILD_DIR]
BUILD_DIR (default: build) is a build with -DSIFT_BUILD_TESTS=ON, for its bin/print_logits.
"""
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["What is the capital of France?", "def add(a, b):\n    return a + b\n", "Zwölf Boxkämpfer jagen Viktor quer über 3 Teiche."]
TOLERANCE = 1e-4  # relative to the largest logit: the summation order differs


def main():
    folder, build = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "build"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    problems = {k: v for k, v in info.items() if v}
    if problems:
        sys.exit(f"transformers did not load the weights unchanged: {problems}")
    worst = 0.0
    for text in TEXTS:
        ids = tokenizer(text, return_tensors="pt").input_ids
        with torch.no_grad():
            theirs = model(ids).logits[0]
        with tempfile.NamedTemporaryFile() as out:
            subprocess.run([f"{build}/bin/print_logits", folder, out.name], input=" ".join(map(str, ids[0].tolist())), text=True, check=True)
            ours = torch.frombuffer(bytearray(open(out.name, "rb").read()), dtype=torch.float32).view_as(theirs)
        difference = ((ours - theirs).abs().max() / theirs.abs().max()).item()
        same = torch.equal(ours.argmax(-1), theirs.argmax(-1))
        print(f"{ids.shape[1]:4d} tokens: largest difference {difference:.1e} of the largest logit, same best tokens: {same}")
        worst = max(worst, difference if same else 1.0)
    if worst > TOLERANCE:
        sys.exit("the logits differ")
    print("the logits agree")


main()
