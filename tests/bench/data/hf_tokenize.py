"""Encodes texts with Hugging Face tokenizers: hf_tokenize.py TOKENIZER.JSON TEXTS encode|encode_batch|encode_batch_fast IDS

Prints the same line as data_bench. Only the encoding is timed, not that its ids become a Python list.
"""

import array
import json
import resource
import sys
import time

import tokenizers

BLOCK_TEXTS = 8192


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    tokenizer_json, texts_file, method, ids_file = sys.argv[1:]
    tokenizer = tokenizers.Tokenizer.from_file(tokenizer_json)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = [json.loads(line) for line in open(texts_file)]
    seconds = cpu = tokens = 0
    with open(ids_file, "wb") as out:
        for begin in range(0, len(texts), BLOCK_TEXTS):
            block = texts[begin : begin + BLOCK_TEXTS]
            start, cpu_start = time.perf_counter(), cpu_seconds()
            if method == "encode":
                encodings = [tokenizer.encode(text, add_special_tokens=False) for text in block]
            else:
                encodings = getattr(tokenizer, method)(block, add_special_tokens=False)
            seconds += time.perf_counter() - start
            cpu += cpu_seconds() - cpu_start
            for encoding in encodings:
                ids = array.array("i", encoding.ids)
                tokens += len(ids)
                ids.tofile(out)
    print(json.dumps(dict(seconds=seconds, cpu_seconds=cpu, tokens=tokens)))


if __name__ == "__main__":
    main()
