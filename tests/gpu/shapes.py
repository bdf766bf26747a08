"""The models and data of the speed steps: shapes of real models with random weights, and rows of token ids."""

import json
import random

import workloads
from harness import FIXTURES, ROOT

CHAT_TURN = (40, 110)  # tokens of a turn; the quickstart's chats have 75
TURNS = (1, 6)
COMMON = dict(workloads.COMMON, tie_word_embeddings=True, attention_dropout=0.0, torch_dtype="float32")
MODELS = {
    "qwen": dict(  # Qwen2.5-0.5B
        architectures=["Qwen2ForCausalLM"], model_type="qwen2", vocab_size=151936, hidden_size=896, intermediate_size=4864,
        num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, rope_theta=1000000.0, rms_norm_eps=1e-6),
    "smollm2": dict(  # SmolLM2-135M
        architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=49152, hidden_size=576, intermediate_size=1536,
        num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, rope_theta=100000.0, rms_norm_eps=1e-5),
}
REHEARSED = dict(vocab_size=2048, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2)  # on a CPU
# [data], and micro-batches of rows, of which the largest should fill a card of 140 GB
ROWS = {"packed": (dict(max_length=1024, packing=True), dict(qwen=(16, 32, 64), smollm2=(32, 64, 128))),
        "chat": (dict(max_length=1024), dict(qwen=(64, 128, 256), smollm2=(128, 256, 512)))}


def shape(context, model):
    return {**COMMON, **MODELS[model], **(REHEARSED if context.on_cpu else {})}


def batch_sizes(context, model, rows):
    sizes = (2, 4) if context.on_cpu else ROWS[rows][1][model]
    return sizes[:1] if context.short else sizes


def write_rows(context, model, file, count):
    """Chats as token ids, all scored; no tokenizer is needed."""
    pick = random.Random(0)
    top = shape(context, model)["vocab_size"] - 1
    with open(file, "w") as out:
        for _ in range(count):
            length = sum(pick.randint(*CHAT_TURN) for _ in range(pick.randint(*TURNS)))
            out.write(json.dumps({"input_ids": [pick.randint(3, top) for _ in range(length)]}) + "\n")


def model_folder(context, model):
    """Created by the first step that needs it; all steps use the same weights."""
    rows = context.folder / f"one-row-{model}.jsonl"
    write_rows(context, model, rows, 1)
    return workloads.random_model(
        context.folder / f"model-{model}", shape(context, model), FIXTURES / "models/llama", rows,
        lambda run: context.sift("train", run, what=f"making {model}"), context.device)


def flops_of_token(context, model, mean_seen):
    """Forward and backward: 6 for each weight in a matrix product, and attention over the `mean_seen` tokens that a
    token has before it in its document."""
    s = shape(context, model)
    head_dim = s["hidden_size"] // s["num_attention_heads"]
    attention = s["hidden_size"] * head_dim * 2 * (s["num_attention_heads"] + s["num_key_value_heads"])
    layer = attention + 3 * s["hidden_size"] * s["intermediate_size"]
    weights = s["num_hidden_layers"] * layer + s["vocab_size"] * s["hidden_size"]
    return 6 * weights + 12 * s["num_hidden_layers"] * s["hidden_size"] * mean_seen


def mean_seen(file):
    lengths = [len(json.loads(line)["input_ids"]) for line in open(file)]
    return sum(length * length for length in lengths) / sum(lengths) / 2


STEP_TIMES = ROOT / "lib/bench/step_times.so"
PROFILE = workloads.section("[callbacks]", plugin="profile", start_step=4)


def rows_of_run(rows, batch, steps):
    """The number of rows needed for these steps: a packed row holds about four chats."""
    return batch * steps * (4 if rows == "packed" else 1) + 64


def write_run(context, model, rows, batch, folder, steps, extra=""):
    """The configuration of a run that writes its step times to folder/times."""
    source, config = folder / "rows.jsonl", folder / "run.toml"
    write_rows(context, model, source, rows_of_run(rows, batch, steps))
    settings = dict(model=model_folder(context, model), rows_file=source, batch=batch, loss="nll",
                    data=dict(ROWS[rows][0], token_cache="off"))
    plugins = workloads.section("plugins", paths=[str(STEP_TIMES)])
    workloads.write_toml(config, settings, folder, steps, plugins + extra, dict(bf16=True, device=context.device))
    return config
