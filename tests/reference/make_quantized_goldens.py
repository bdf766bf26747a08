"""Writes tests/fixtures/quantized: small weights as bitsandbytes 0.50.2 quantises them on a CPU.

    python make_quantized_goldens.py

model.safetensors holds, for each case KIND.NAME, KIND a type of 4 bits with "_nested" for double quantisation: the
tensors that bitsandbytes saves for "KIND.NAME.weight", the weight itself as "KIND.NAME.input" and what it is after
quantisation as "KIND.NAME.float32". All weights are float32, except that "bfloat16" in the name of a case says so.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "quantization"))

import weights  # noqa: E402


def main():
    tensors = {}
    for kind in weights.KINDS:
        for nested in (False, True):
            sources = weights.small_weights(kind)
            sources["odd_bfloat16"] = sources["odd"].to(torch.bfloat16)
            for name, weight in sources.items():
                if name == "blocks" and not nested:
                    continue
                case = f"{kind}{'_nested' * nested}.{name}"
                parts, state = weights.theirs(f"{case}.weight", weight, kind, nested)
                tensors.update(parts)
                # the numbers of the largest are those of bfloat16
                tensors[f"{case}.input"] = weight.to(torch.bfloat16) if name == "blocks" else weight
                if name != "blocks":
                    tensors[f"{case}.float32"] = weights.dequantized(parts[f"{case}.weight"], state, torch.float32)
    folder = TESTS / "fixtures" / "quantized"
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / "model.safetensors")


if __name__ == "__main__":
    main()
