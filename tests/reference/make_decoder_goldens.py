"""Write fixtures/decoder/*.json: logits and gradients of tiny models from transformers.

The weights are not stored: both sides make them from the same integer formula (see `fill`).
Needs: pip install torch transformers. Usage: make_decoder_goldens.py OUT
"""
import copy
import json
import os
import sys

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func

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
MOE = dict(num_experts_per_tok=2, router_aux_loss_coef=0.5)
FAMILIES = {
    "mistral": dict(model_type="mistral", sliding_window=3, head_dim=6),
    "qwen2": dict(model_type="qwen2", use_sliding_window=True, sliding_window=2, max_window_layers=1, tie_word_embeddings=True),
    "qwen3": dict(model_type="qwen3", head_dim=6),
    "qwen3_bias": dict(model_type="qwen3", head_dim=6, attention_bias=True, use_sliding_window=True, sliding_window=4,
                       layer_types=["sliding_attention", "full_attention"]),
    "mixtral": dict(model_type="mixtral", num_local_experts=4, sliding_window=3, **MOE),
    "qwen2_moe": dict(model_type="qwen2_moe", num_experts=4, moe_intermediate_size=10, shared_expert_intermediate_size=12,
                      use_sliding_window=True, sliding_window=2, max_window_layers=2, **MOE),
    "qwen2_moe_dense": dict(model_type="qwen2_moe", num_experts=4, moe_intermediate_size=10, shared_expert_intermediate_size=12,
                            decoder_sparse_step=2, qkv_bias=False, norm_topk_prob=True, **MOE),
    "qwen3_moe": dict(model_type="qwen3_moe", num_experts=8, moe_intermediate_size=10, norm_topk_prob=True, head_dim=6, **MOE),
    "qwen3_moe_dense": dict(model_type="qwen3_moe", num_experts=4, moe_intermediate_size=10, norm_topk_prob=False,
                            mlp_only_layers=[1], head_dim=4, **MOE),
    "olmoe": dict(model_type="olmoe", num_experts=8, norm_topk_prob=False, clip_qkv=0.8, **MOE),
    "olmo2": dict(model_type="olmo2"),
    "granite": dict(model_type="granite", embedding_multiplier=1.5, residual_multiplier=0.7, attention_multiplier=0.3,
                    logits_scaling=1.25, tie_word_embeddings=True, mlp_bias=True),
    "gemma2": dict(model_type="gemma2", head_dim=6, sliding_window=3, query_pre_attn_scalar=10, attn_logit_softcapping=1.5,
                   final_logit_softcapping=3.0, tie_word_embeddings=True, pad_token_id=0),
    "gemma2_plain": dict(model_type="gemma2", head_dim=4, sliding_window=2, attn_logit_softcapping=None,
                         final_logit_softcapping=None, attention_bias=True, rope_theta=300.0,
                         layer_types=["full_attention", "sliding_attention"]),
    "gemma3": dict(model_type="gemma3_text", head_dim=6, sliding_window=3, query_pre_attn_scalar=7, tie_word_embeddings=True,
                   pad_token_id=0, layer_types=["sliding_attention", "full_attention"],
                   rope_parameters=dict(full_attention=dict(rope_type="linear", factor=4.0, rope_theta=5000.0),
                                        sliding_attention=dict(rope_type="default", rope_theta=20.0))),
    "gemma3_old": dict(model_type="gemma3_text", head_dim=8, sliding_window=2, sliding_window_pattern=2, num_hidden_layers=3,
                       rope_theta=900.0, rope_local_base_freq=30.0, rope_scaling=dict(rope_type="linear", factor=2.0),
                       final_logit_softcapping=4.0, attention_bias=True),
    "phi3": dict(model_type="phi3", sliding_window=3, tie_word_embeddings=True, rope_theta=300.0),
    "phi3_partial": dict(model_type="phi3", hidden_size=32, partial_rotary_factor=0.75),
    "phi3_short": dict(model_type="phi3", original_max_position_embeddings=16, hidden_size=32, partial_rotary_factor=0.75, rope_theta=50.0,
                       rope_scaling=dict(type="longrope", short_factor=[1.0, 1.2, 1.5], long_factor=[2.0, 4.0, 9.0])),
    "phi3_long": dict(model_type="phi3", original_max_position_embeddings=5,
                      rope_parameters=dict(rope_type="longrope", rope_theta=50.0, short_factor=[1.0, 1.3], long_factor=[1.5, 4.0],
                                           partial_rotary_factor=1.0)),
    "phi3_factor": dict(model_type="phi3", original_max_position_embeddings=4,
                        rope_scaling=dict(type="su", original_max_position_embeddings=9, factor=2.0, attention_factor=1.25,
                                          short_factor=[1.0, 1.3], long_factor=[1.5, 4.0])),
}
CLASSES = {
    "llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM",
    "mixtral": "MixtralForCausalLM", "qwen2_moe": "Qwen2MoeForCausalLM", "qwen3_moe": "Qwen3MoeForCausalLM",
    "olmoe": "OlmoeForCausalLM", "olmo2": "Olmo2ForCausalLM", "granite": "GraniteForCausalLM",
    "gemma2": "Gemma2ForCausalLM", "gemma3_text": "Gemma3ForCausalLM", "phi3": "Phi3ForCausalLM",
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
    config["architectures"] = [CLASSES[config["model_type"]]]
    parsed = AutoConfig.for_model(**copy.deepcopy(config))  # it modifies dictionaries in place
    attention = "eager" if config["model_type"] == "gemma2" else "sdpa"  # sdpa has no softcap
    model = AutoModelForCausalLM.from_config(parsed, dtype=torch.float32, attn_implementation=attention)
    is_moe = "router_aux_loss_coef" in config
    if is_moe:
        model.set_experts_implementation("eager")  # grouped_mm needs larger sizes
    fill(model)
    longest = max(map(len, DOCUMENTS))
    ids = torch.tensor([d + [0] * (longest - len(d)) for d in DOCUMENTS])
    mask = torch.tensor([[1] * len(d) + [0] * (longest - len(d)) for d in DOCUMENTS])
    out = model(input_ids=ids, attention_mask=mask, use_cache=False, **(dict(output_router_logits=True) if is_moe else {}))
    logits = out.logits
    flat, loss = [], 0.0
    for row, document in zip(logits, DOCUMENTS):
        row = row[: len(document)]
        flat.append(row)
        loss = loss + torch.nn.functional.cross_entropy(row[:-1], torch.tensor(document[1:]), reduction="sum")
    aux = {}
    if is_moe:
        aux_loss = load_balancing_loss_func(out.router_logits, parsed.num_experts, parsed.num_experts_per_tok, mask)
        aux = dict(aux_loss=aux_loss.item())
        loss = loss + config["router_aux_loss_coef"] * aux_loss
    loss.backward()
    return dict(
        config=config, documents=DOCUMENTS, loss=loss.item(), **aux,
        logits=[[float(f"{x:.7g}") for x in token] for token in torch.cat(flat).tolist()],
        gradient_norms=[[name, float(f"{p.grad.norm().item():.8g}")] for name, p in model.named_parameters()],
    )


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, changes in {**CASES, **FAMILIES}.items():
        with open(os.path.join(out, name + ".json"), "w") as file:
            json.dump(golden({**BASE, **changes}), file)
            file.write("\n")


main()
