"""Hashes of the normal forms that Hugging Face tokenizers gives the code points that have one of their own.

    python3 tests/reference/make_normal_form_goldens.py

Writes tests/fixtures/normal_forms.json: for each form the hash (FNV-1a of 64 bits) of the normal forms of the texts of
text_of(), one after the other, in UTF-8.
"""

import json
import pathlib

import tokenizers
from tokenizers import normalizers

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
# the rest are ideographs, private use and nothing
RANGES = [(0, 0x3400), (0xA000, 0xD800), (0xF900, 0x17000), (0x1B000, 0x20000), (0x2F800, 0x2FA20), (0xE0000, 0xE0200)]
BLOCK = 256


def text_of(first, last):
    """Each code point alone, after a letter with a mark, and before marks that it may have to change places with."""
    return "".join(f"\n{chr(c)}\na\u0301{chr(c)}\n{chr(c)}\u0301\u0316\u0338" for c in range(first, last))


def hash_of(form):
    value = 0xCBF29CE484222325
    for first, last in RANGES:
        for block in range(first, last, BLOCK):
            for byte in form.normalize_str(text_of(block, min(block + BLOCK, last))).encode():
                value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def main():
    forms = {name: hash_of(getattr(normalizers, name)()) for name in ("NFC", "NFD", "NFKC", "NFKD")}
    output = {"tokenizers": tokenizers.__version__, "forms": forms}
    (FIXTURES / "normal_forms.json").write_text(json.dumps(output, indent=1) + "\n")


if __name__ == "__main__":
    main()
