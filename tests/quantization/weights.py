"""Weights at the edges of 4-bit quantisation, and what bitsandbytes makes of them."""

import bitsandbytes.functional as bnb
import torch

KINDS = ("nf4", "fp4")
# bitsandbytes takes a mean of more than 32,768 blocks in another order on more threads
torch.set_num_threads(1)


def edges(kind):
    """Numbers on and next to each bound between two codes; every block of 64 has absmax 1."""
    values = bnb.get_4bit_type(kind, device="cpu").sort().values
    bounds = (values[:-1] + values[1:]) / 2
    below, above = (torch.nextafter(bounds, torch.tensor(limit)) for limit in (-2.0, 2.0))
    blocks = torch.zeros(2, 64)
    blocks[:, 0] = 1.0
    numbers = torch.cat([bounds, below, above, values])
    blocks[0, 1 : 1 + len(numbers)] = numbers
    blocks[1, 1 : 1 + len(numbers)] = numbers / 8
    return blocks


def small_weights(kind):
    """By name: an odd number of numbers, blocks of zeros, a last block of zeros, tiny and huge numbers, edges, 288 blocks."""
    torch.manual_seed(7)
    zeros = torch.randn(5, 40)
    zeros.view(-1)[64:128] = 0.0
    zeros.view(-1)[192:] = 0.0
    scales = torch.randn(6, 64) * 10.0 ** torch.tensor([-40.0, -30.0, -6.0, 0.0, 6.0, 30.0]).unsqueeze(1)
    return {
        "odd": torch.randn(3, 43),
        "zeros": zeros,
        "scales": scales,
        "edges": edges(kind),
        "blocks": (torch.randn(72, 256) * torch.rand(72, 1)).to(torch.bfloat16).float(),
    }


def random_weights(kind, count):
    """Many random ones of random shapes, among them large ones."""
    weights = {}
    for i in range(count):
        rows, columns = (int(2 ** torch.empty(1).uniform_(0, 10.5)) + i % 3 for _ in range(2))
        weight = torch.randn(rows, columns) * torch.rand(rows, 1) * 10.0 ** float(torch.empty(1).uniform_(-4, 2))
        weights[f"random{i}"] = weight
    weights["large"] = torch.randn(2048, 4096) * 0.02
    return weights


def theirs(name, weight, kind, nested):
    """The tensors that bitsandbytes saves for a weight."""
    codes, state = bnb.quantize_4bit(weight, quant_type=kind, compress_statistics=nested)
    parts = {name: codes}
    parts.update({f"{name}.{key}": value for key, value in state.as_dict(packed=True).items()})
    return parts, state


def dequantized(codes, state, dtype):
    state.dtype = dtype
    return bnb.dequantize_4bit(codes, state)
