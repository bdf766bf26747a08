"""Rows, model and settings of each workload, always generated identically."""

import json
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
SMOLLM2 = ROOT / ".deps/models/SmolLM2-135M-Instruct"

# name: turns of the quickstart's chats in a row (about 75 tokens each), rows, [data] and [train], other sections
WORKLOADS = {
    "short": dict(turns=(1, 6), rows=200, data=dict(max_length=512), batch=8),
    "packed": dict(turns=(1, 6), rows=200, data=dict(max_length=1024, packing=True), batch=2),
    "long": dict(turns=(60, 60), rows=16, data=dict(max_length=4096), batch=1),
    "vocabulary": dict(turns=(1, 6), rows=200, data=dict(max_length=512), batch=8, model="vocabulary"),
    "moe": dict(turns=(1, 6), rows=200, data=dict(max_length=512), batch=8, model="moe"),
    "deep": dict(turns=(1, 6), rows=200, data=dict(max_length=512), batch=8, model="deep"),
}

# Qwen2.5-0.5B's head and layers, four of them; OLMoE's proportions in 100 M parameters; SmolLM2-135M's layers, three times as many.
MODELS = {
    "vocabulary": dict(
        architectures=["Qwen2ForCausalLM"], model_type="qwen2", vocab_size=151936, hidden_size=896,
        intermediate_size=4864, num_hidden_layers=4, num_attention_heads=14, num_key_value_heads=2,
        rope_theta=1000000.0, rms_norm_eps=1e-6, tie_word_embeddings=True),
    "moe": dict(
        architectures=["OlmoeForCausalLM"], model_type="olmoe", vocab_size=49152, hidden_size=384,
        intermediate_size=192, num_hidden_layers=8, num_attention_heads=6, num_key_value_heads=6, num_experts=32,
        num_experts_per_tok=8, norm_topk_prob=False, router_aux_loss_coef=0.01, rms_norm_eps=1e-5,
        tie_word_embeddings=False),
    "deep": dict(
        architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=49152, hidden_size=576, intermediate_size=1536,
        num_hidden_layers=90, num_attention_heads=9, num_key_value_heads=3, rope_theta=100000.0, rms_norm_eps=1e-5,
        tie_word_embeddings=True),
}
COMMON = dict(max_position_embeddings=32768, hidden_act="silu", initializer_range=0.02, bos_token_id=1,
              eos_token_id=2, pad_token_id=2)


def write_rows(path, turns, rows):
    chats = [json.loads(line)["messages"] for line in open(ROOT / "examples/quickstart/train.jsonl")]
    pick = random.Random(0)
    with open(path, "w") as out:
        for _ in range(rows):
            messages = [m for _ in range(pick.randint(*turns)) for m in pick.choice(chats)]
            out.write(json.dumps({"messages": messages}) + "\n")


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(str(value)) if isinstance(value, (str, pathlib.Path)) else repr(value)


def section(name, **values):
    return f"[{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in values.items()) + "\n"


def write_toml(path, settings, folder, steps, extra="", train_options=None):
    train = {**dict(output_dir=folder / "out", max_steps=steps, learning_rate=1e-5, lr_scheduler_type="constant", seed=42,
                    per_device_train_batch_size=settings["batch"], device="cpu", logging_steps=1, save_strategy="no"), **(train_options or {})}
    path.write_text(
        section("model", path=settings["model"])
        + section("data", train=settings["rows_file"], **settings["data"])
        + section("train", **train)
        + section("loss", plugin=settings.get("loss", "liger"))
        + section("[callbacks]", plugin="step_times", file=folder / "times")
        + section("[callbacks]", plugin="logging") + extra)


def random_model(target, config, base, rows_file, train, device="cpu"):
    """Creates the folder `target`: random weights for this config.json, the tokenizer of `base`. Sift generates the weights
    in a step with learning rate 0 on one of the rows: `train` gets the TOML file for it."""
    if (target / "model.safetensors").exists():
        return target
    blank = target.with_name(f"{target.name}-config")
    blank.mkdir(parents=True, exist_ok=True)
    for file in base.iterdir():
        if file.name.startswith(("tokenizer", "chat_template", "special", "generation")):
            (blank / file.name).write_bytes(file.read_bytes())
    (blank / "config.json").write_text(json.dumps(config))
    run = target.with_name(f"{target.name}.toml")
    run.write_text(section("model", path=blank, init="random") + section("data", train=rows_file)
                   + section("train", output_dir=target, max_steps=1, learning_rate=0.0, device=device))
    train(run)
    return target


def prepare(name, folder, sift, base):
    """Writes the rows of a workload and locates its model; returns the settings."""
    settings = dict(WORKLOADS[name])
    folder.mkdir(parents=True, exist_ok=True)
    settings["rows_file"] = folder / f"{name}.jsonl"
    write_rows(settings["rows_file"], settings["turns"], settings["rows"])
    if "model" not in settings:
        settings["model"] = base
        return settings
    one_row, target = folder / "one-row.jsonl", folder / f"model-{settings['model']}"
    write_rows(one_row, (1, 1), 1)
    settings["model"] = random_model(
        target, {**COMMON, **MODELS[settings["model"]]}, base, one_row,
        lambda run: subprocess.run([sift, "train", run], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return settings
