"""Quantises weights with bitsandbytes on the CPU and with the program quantize_tensors, and compares every bit.

    python compare_bitsandbytes.py --tool build/bin/quantize_tensors [--count 60]

nf4 and fp4, with and without double quantisation, from float32, bfloat16 and float16: codes, absmax and everything else
that is saved, and the dequantised numbers in float32 and bfloat16. What bitsandbytes saved is also read by Sift and
written again. Exit status 1 on any difference.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import weights  # noqa: E402

FILE = "model.safetensors"


def run(tool, source, kind, nested):
    """What Sift makes of the tensors `source`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        save_file(source, folder / FILE)
        (folder / "out").mkdir()
        done = subprocess.run([tool, folder, folder / "out", kind] + ["nested"] * nested, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{tool} failed: {done.stderr.strip()}")
        return load_file(folder / "out" / FILE)


def bits(tensor):
    return tensor.contiguous().view(-1).view(torch.uint8)


def differences(ours, expected):
    if ours.keys() != expected.keys():
        yield f"tensors: {sorted(ours.keys() ^ expected.keys())}"
        return
    for name, tensor in expected.items():
        if ours[name].shape != tensor.shape or ours[name].dtype != tensor.dtype:
            yield f"{name}: {ours[name].dtype} {list(ours[name].shape)}, expected {tensor.dtype} {list(tensor.shape)}"
        elif not torch.equal(bits(ours[name]), bits(tensor)):
            yield f"{name}: {(ours[name] != tensor).sum()} of {tensor.numel()} numbers differ"


def compare(tool, kind, nested, dtype, count):
    sources = {**weights.small_weights(kind), **weights.random_weights(kind, count)}
    inputs, expected, saved = {}, {}, {}
    for name, weight in sources.items():
        name += ".weight"
        limit = torch.finfo(dtype).max
        inputs[name] = weight.clamp(-limit, limit).to(dtype)
        parts, state = weights.theirs(name, inputs[name], kind, nested)
        expected.update(parts)
        saved.update({**parts, name.removesuffix(".weight") + ".shape": torch.zeros(weight.shape, dtype=torch.bool)})
        for other in (torch.float32, torch.bfloat16):
            numbers = weights.dequantized(parts[name], state, other)
            expected[f"{name}.{str(other).removeprefix('torch.')}"] = numbers + 0.0  # without -0
    failures = 0
    for what, source in (("quantised", inputs), ("read again", saved)):
        ours = run(tool, source, kind, nested)
        ours = {name: tensor + 0.0 if tensor.is_floating_point() else tensor for name, tensor in ours.items()}
        found = list(differences(ours, expected))
        failures += len(found)
        print(f"{kind}{' nested' * nested}, {dtype}, {what}: {len(inputs)} weights, {len(found)} differences")
        for line in found[:10]:
            print("  " + line)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    failures = 0
    for kind in weights.KINDS:
        for nested in (False, True):
            for dtype in (torch.float32, torch.bfloat16, torch.float16):
                failures += compare(options.tool, kind, nested, dtype, options.count)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
