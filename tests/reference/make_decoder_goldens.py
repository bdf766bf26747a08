"""Write fixtures/decoder/*.json: logits and gradients of tiny Llama models as transformers computes them.

The weights are not stored: both sides make them from the same integer formula (see `fill`).
Needs: pip install torch transformers. Usage: make_decoder_goldens.py OUT
"""
import json
import os
import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM

BASE = dict(
    model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=24, hidden_size=16, intermediate_size=20,
    num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
    hidden_act="silu", tie_word_embeddings=False, bos_token_id=None, eos_token_id=2, pad_token_id=None,
)
CASES = {
    "default": dict(rope_parameters=dict(rope_type="default", rope_theta=500.0)),
    "old_theta": dict(rope_theta=777.0),
    "linear": dict(rope_scaling=dict(type="linear", factor=4.0), rope_theta=10000.0),
    "dynamic_short": dict(rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=2.0)),
    "dynamic_long": dict(rope_scaling=dict(rope_type="dynamic", factor=2.0), max_position_embeddings=4),
    "llama3": dict(rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                     original_max_position_embeddings=16), rope_theta=50.0, head_dim=12),
    "yarn": dict(rope_parameters=dict(rope_type="yarn", rope_theta=50.0, factor=4.0,
                                      original_max_position_embeddings=16), head_dim=12),
    "yarn_mscale": dict(rope_parameters=dict(rope_type="yarn", rope_theta=50.0, factor=4.0, beta_fast=8.0, beta_slow=2.0,
                                             mscale=0.7, mscale_all_dim=0.3, truncate=False,
                                             original_max_position_embeddings=16), head_dim=12),
    "tied_bias_padding": dict(tie_word_embeddings=True, attention_bias=True, mlp_bias=True, pad_token_id=7,
                              num_key_value_heads=4, head_dim=6),
    "one_kv_head": dict(num_key_value_heads=1),
}
DOCUMENTS = [[1, 9, 7, 14, 3, 22, 7], [5, 11, 2, 19]]


def fill(model):
    """Element i of parameter p: u = ((i * 2654435761 + p * 40503) mod 2^16) / 2^16 - 1/2; 1 + u for norms, else u."""
    with torch.no_grad():
        for p, (name, tensor) in enumerate(model.named_parameters()):
            i = torch.arange(tensor.numel(), dtype=torch.int64)
            u = ((i * 2654435761 + p * 40503) % 65536).double() / 65536 - 0.5
            tensor.copy_((1 + u if "norm" in name else u).float().view_as(tensor))


def golden(config):
    model = LlamaForCausalLM._from_config(LlamaConfig(**config), dtype=torch.float32, attn_implementation="sdpa")
    fill(model)
    longest = max(map(len, DOCUMENTS))
    ids = torch.tensor([d + [0] * (longest - len(d)) for d in DOCUMENTS])
    mask = torch.tensor([[1] * len(d) + [0] * (longest - len(d)) for d in DOCUMENTS])
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    flat, loss = [], 0.0
    for row, document in zip(logits, DOCUMENTS):
        row = row[: len(document)]
        flat.append(row)
        loss = loss + torch.nn.functional.cross_entropy(row[:-1], torch.tensor(document[1:]), reduction="sum")
    loss.backward()
    return dict(
        config=config, documents=DOCUMENTS, loss=loss.item(),
        logits=[[float(f"{x:.7g}") for x in token] for token in torch.cat(flat).tolist()],
        gradient_norms=[[name, float(f"{p.grad.norm().item():.8g}")] for name, p in model.named_parameters()],
    )


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, changes in CASES.items():
        with open(os.path.join(out, name + ".json"), "w") as file:
            json.dump(golden({**BASE, **changes}), file)
            file.write("\n")


main()
