"""What the speed steps train: the shapes of real models with random weights, and rows of token ids."""

import json
import random
import shutil

from harness import FIXTURES, ROOT

CHAT_TURN = (40, 110)  # tokens of a turn; the quickstart's chats have 75
TURNS = (1, 6)
COMMON = dict(hidden_act="silu", initializer_range=0.02, max_position_embeddings=32768, bos_token_id=1, eos_token_id=2,
              pad_token_id=2, tie_word_embeddings=True, attention_dropout=0.0, torch_dtype="float32")
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
    """Chats of which every token is scored, as ids: their tokenizer has no part in it."""
    pick = random.Random(0)
    top = shape(context, model)["vocab_size"] - 1
    with open(file, "w") as out:
        for _ in range(count):
            length = sum(pick.randint(*CHAT_TURN) for _ in range(pick.randint(*TURNS)))
            out.write(json.dumps({"input_ids": [pick.randint(3, top) for _ in range(length)]}) + "\n")


def model_folder(context, model):
    """Made by Sift, by a step at a learning rate of 0: the same weights for all."""
    target = context.folder / f"model-{model}"
    if target.exists():
        return target
    blank, rows = context.folder / f"config-{model}", context.folder / f"one-row-{model}.jsonl"
    blank.mkdir()
    for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(FIXTURES / "models/llama" / file, blank / file)
    (blank / "config.json").write_text(json.dumps(shape(context, model)))
    write_rows(context, model, rows, 1)
    config = context.folder / f"make-{model}.toml"
    config.write_text(
        f'[model]\npath = "{blank}"\ninit = "random"\n[data]\ntrain = "{rows}"\n[train]\noutput_dir = "{target}"\n'
        f'max_steps = 1\nlearning_rate = 0.0\ndevice = "{context.device}"\n')
    context.sift("train", config, what=f"making {model}")
    return target


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
PROFILE = '[[callbacks]]\nplugin = "profile"\nstart_step = 4\n'


def write_run(context, model, rows, batch, folder, steps, extra=""):
    """The configuration of a run whose steps write their times to folder/times."""
    source = folder / "rows.jsonl"
    # a packed row holds some four chats
    write_rows(context, model, source, batch * steps * (4 if rows == "packed" else 1) + 64)
    options = "".join(f"{key} = {json.dumps(value)}\n" for key, value in ROWS[rows][0].items())
    config = folder / "run.toml"
    config.write_text(
        f'[model]\npath = "{model_folder(context, model)}"\n[data]\ntrain = "{source}"\ntoken_cache = "off"\n{options}'
        f'[train]\noutput_dir = "{folder / "out"}"\nmax_steps = {steps}\nper_device_train_batch_size = {batch}\n'
        f'learning_rate = 1e-5\nlr_scheduler_type = "constant"\nbf16 = true\ndevice = "{context.device}"\n'
        f'[plugins]\npaths = ["{STEP_TIMES}"]\n[[callbacks]]\nplugin = "step_times"\nfile = "{folder / "times"}"\n'
        f'[[callbacks]]\nplugin = "logging"\nlogging_steps = 1\n{extra}')
    return config
