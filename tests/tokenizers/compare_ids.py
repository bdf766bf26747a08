"""Encodes texts with Hugging Face tokenizers and with the program data_bench, and compares the ids.

    python compare_ids.py --tool build/bin/data_bench [--every N] [--only NAME] [--verbose]

Each tokenizer of small_tokenizers.py meets every code point of Unicode alone, next to letters, spaces, digits and marks, and
random mixtures of characters that normal forms and patterns treat apart. --every takes each N-th code point.
Exit status 1 on any difference.
"""

import argparse
import array
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import small_tokenizers  # noqa: E402
import unicode_texts  # noqa: E402

BLOCK_TEXTS = 200_000
END = small_tokenizers.END


def rows_of(ids, end_id):
    """Every text ends with the same special token, which tells where the next one starts."""
    rows, row = [], []
    for token in ids:
        if token == end_id:
            rows.append(row)
            row = []
        else:
            row.append(token)
    return rows


def blocks(texts):
    block = []
    for text in texts:
        block.append(text)
        if len(block) == BLOCK_TEXTS:
            yield block
            block = []
    if block:
        yield block


def our_ids(tool, folder, texts):
    (folder / "texts").write_text("".join(json.dumps(text + END) + "\n" for text in texts))
    command = [tool, "encode", folder / "tokenizer.json", folder / "texts", "all", folder / "ids"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{tool} failed: {done.stderr.strip()}")
    ids = array.array("i")
    ids.frombytes((folder / "ids").read_bytes())
    return ids.tolist()


def their_ids(tokenizer, texts):
    encodings = tokenizer.encode_batch_fast([text + END for text in texts], add_special_tokens=False)
    return [token for encoding in encodings for token in encoding.ids]


def differences(tool, folder, tokenizer, texts):
    """The texts of a block whose ids differ, with both rows."""
    ours, theirs = our_ids(tool, folder, texts), their_ids(tokenizer, texts)
    if ours == theirs:
        return []
    end_id = tokenizer.token_to_id(END)
    pairs = zip(texts, rows_of(ours, end_id), rows_of(theirs, end_id), strict=True)
    return [(text, a, b) for text, a, b in pairs if a != b]


def compare(tool, name, tokenizer, texts, verbose):
    found = []
    count = 0
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        tokenizer.save(str(folder / "tokenizer.json"))
        for block in blocks(texts):
            found += differences(tool, folder, tokenizer, block)
            count += len(block)
    print(f"{name}: {count} texts, {len(found)} differ", flush=True)
    for text, ours, theirs in found if verbose else found[:5]:
        print(f"  {ascii(text)}")
        print(f"    sift       {[tokenizer.id_to_token(token) for token in ours]}")
        print(f"    tokenizers {[tokenizer.id_to_token(token) for token in theirs]}")
    return not found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", action="append", help="the names of tokenizers; may be given again")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    same = True
    for name, make in small_tokenizers.ALL.items():
        if options.only and name not in options.only:
            continue
        same &= compare(options.tool, name, make(), unicode_texts.all_texts(options.every), options.verbose)
    sys.exit(0 if same else 1)


main()
