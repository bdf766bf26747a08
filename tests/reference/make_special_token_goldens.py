"""What transformers' AutoTokenizer makes of the files beside a tokenizer.json.

    python3 tests/reference/make_special_token_goldens.py

Writes tests/fixtures/special_tokens.json: for each case the files to lay over the tokenizer of the parity models
(null removes one; "base" names another of tests/fixtures/tokenizers), and the special tokens, ids and texts that
transformers 5.24 gives then.
"""

import json
import pathlib
import shutil
import tempfile

import transformers

TESTS = pathlib.Path(__file__).parent.parent
MODEL = TESTS / "fixtures/parity/models/llama"
TEXTS = ["a <X> b<X>c", "<y>ant <|im_end|> x", "Hello <|endoftext|> <|im_start|>user", "</s> <image>", "plain text"]


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False} | flags


def typed(content, **flags):
    return {"__type": "AddedToken", **token(content, **flags)}


CODE_LLAMA = {"tokenizer_class": "CodeLlamaTokenizer"}
PLAIN = {"tokenizer_class": "PreTrainedTokenizerFast"}
KNOWN = {
    str(1021 + i): token(text, normalized=False, special=True)
    for i, text in enumerate(["<|im_end|>", "<|endoftext|>", "<|im_start|>"])
}

CASES = {
    "no config": {"tokenizer_config.json": None},
    "eos of the config": {"tokenizer_config.json": {**PLAIN, "eos_token": "<|im_end|>"}},
    "eos of the map": {
        "tokenizer_config.json": PLAIN,
        "special_tokens_map.json": {"eos_token": "<|endoftext|>", "bos_token": token("<|im_start|>", normalized=False)},
    },
    "the map counts before the config": {
        "tokenizer_config.json": {**PLAIN, "eos_token": "<|im_end|>"},
        "special_tokens_map.json": {"eos_token": "<|endoftext|>"},
    },
    "the map does not count beside a decoder": {
        "tokenizer_config.json": {**PLAIN, "eos_token": "<|im_end|>", "added_tokens_decoder": KNOWN},
        "special_tokens_map.json": {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"},
    },
    "a null of the map": {
        "tokenizer_config.json": {**PLAIN, "eos_token": "<|im_end|>"},
        "special_tokens_map.json": {"eos_token": None},
    },
    "decoder with flags": {
        "tokenizer_config.json": {
            **PLAIN,
            "eos_token": "<|im_end|>",
            "added_tokens_decoder": {
                **KNOWN,
                "1021": token("<|im_end|>", lstrip=True, rstrip=True, normalized=False, special=True) | {"lstrip": True, "rstrip": True},
                "1025": token("<y>", normalized=True, special=False) | {"single_word": True},
                "1024": token("<X>", normalized=False, special=False) | {"lstrip": True},
            },
        }
    },
    "decoder with other ids": {
        "tokenizer_config.json": {**PLAIN, "added_tokens_decoder": {"5000": token("<X>", special=True), "7": token("<y>")}}
    },
    "extra special tokens": {
        "tokenizer_config.json": {**PLAIN, "eos_token": "<|im_end|>", "extra_special_tokens": ["<X>", "<y>"]}
    },
    "additional special tokens": {
        "tokenizer_config.json": {**PLAIN, "additional_special_tokens": ["<y>", typed("<X>", rstrip=True, special=True)]}
    },
    "both lists": {
        "tokenizer_config.json": {**PLAIN, "additional_special_tokens": ["<y>"], "extra_special_tokens": ["<X>"]}
    },
    "lists of map and config": {
        "tokenizer_config.json": {**PLAIN, "extra_special_tokens": ["<X>"]},
        "special_tokens_map.json": {"extra_special_tokens": ["<y>"], "additional_special_tokens": ["<image>"]},
    },
    "added_tokens.json": {
        "tokenizer_config.json": {**PLAIN, "pad_token": "<X>"},
        "added_tokens.json": {"<X>": 1024, "<y>": 1025},
    },
    "added_tokens.json beside a decoder": {
        "tokenizer_config.json": {**PLAIN, "added_tokens_decoder": KNOWN},
        "added_tokens.json": {"<X>": 1024},
    },
    "new named tokens": {
        "tokenizer_config.json": {**PLAIN, "eos_token": "</s>", "pad_token": typed("<X>", lstrip=True)}
    },
    "a named token of the vocabulary": {"tokenizer_config.json": {**PLAIN, "sep_token": "the"}},
    "named tokens of a model": {
        "tokenizer_config.json": {**PLAIN, "image_token": "<image>", "extra_special_tokens": {"boi_token": "<X>"}}
    },
    "named tokens beside the older list": {
        "tokenizer_config.json": {
            **PLAIN, "extra_special_tokens": {"image_token": "<image>"}, "additional_special_tokens": ["<X>", "<y>"],
        }
    },
    "named tokens beside the list of the map": {
        "tokenizer_config.json": {**PLAIN, "extra_special_tokens": {"image_token": "<image>"}},
        "special_tokens_map.json": {"extra_special_tokens": ["<X>"], "additional_special_tokens": ["<y>"]},
    },
    "an object without its type": {
        "tokenizer_config.json": {**PLAIN, "image_token": token("<image>"), "audio_token": typed("<X>")}
    },
    "the last flags of a token count": {
        "tokenizer_config.json": {
            **PLAIN, "pad_token": "<X>", "mask_token": typed("<X>", lstrip=True),
            "extra_special_tokens": [typed("<y>"), typed("<y>", single_word=True)],
        }
    },
    "a token of tokenizer.json stays special": {
        "tokenizer_config.json": {
            **PLAIN, "split_special_tokens": True,
            "added_tokens_decoder": {**KNOWN, "1021": {**KNOWN["1021"], "special": False}},
        }
    },
    "a named token is not normalised": {
        "tokenizer_config.json": {**PLAIN, "pad_token": typed("<X>", rstrip=True), "extra_special_tokens": [typed("<y>")]},
        "tokenizer.json": {"normalizer": {"type": "Lowercase"}},
    },
    "split special tokens": {
        "tokenizer_config.json": {**PLAIN, "split_special_tokens": True, "extra_special_tokens": ["<y>"]}
    },
    "a space before the text": {
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True}
    },
    "padding of tokenizer.json": {
        "tokenizer_config.json": PLAIN,
        "tokenizer.json": {
            "padding": {
                "strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None,
                "pad_id": 1022, "pad_type_id": 0, "pad_token": "<|endoftext|>",
            }
        },
    },
    "defaults of Qwen2Tokenizer": {"tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer"}},
    "a null beside defaults": {"tokenizer_config.json": {"tokenizer_class": "Qwen2TokenizerFast", "eos_token": None}},
    "Qwen2Tokenizer resets flags": {
        "tokenizer_config.json": {
            "tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>",
            "added_tokens_decoder": {**KNOWN, "1021": {**KNOWN["1021"], "lstrip": True}},
        }
    },
    "the class of a family": {"tokenizer_config.json": {"eos_token": "<|im_end|>"}, "config.json": {"model_type": "qwen3"}},
    "a class that a family overrules": {
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizerFast"},
        "config.json": {"model_type": "qwen2"},
    },
    "byte-level LlamaTokenizer": {"tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer"}},
    "a plain family and a named class": {
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"},
        "config.json": {"model_type": "granite"},
    },
    "CohereTokenizer adds its tokens again": {
        "tokenizer_config.json": {
            "tokenizer_class": "CohereTokenizer", "eos_token": "<|im_end|>", "unk_token": "<|endoftext|>",
            "extra_special_tokens": [typed("<|im_start|>", lstrip=True), typed("<y>")],
        }
    },
    "defaults of GPT2Tokenizer": {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}},
    "defaults of GPTNeoXTokenizer": {
        "tokenizer_config.json": {"bos_token": "<|im_start|>"},
        "config.json": {"model_type": "olmoe"},
    },
    "GPT2Tokenizer leaves the padding of tokenizer.json": {
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"},
        "tokenizer.json": {
            "padding": {
                "strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": None,
                "pad_id": 1022, "pad_type_id": 0, "pad_token": "<|endoftext|>",
            }
        },
    },
    "a bos token that the vocabulary lacks": {
        "base": "llama2", "tokenizer_config.json": {**CODE_LLAMA, "bos_token": "<X>", "eos_token": "<y>"}
    },
    "a bos token of the map": {
        "base": "llama2", "tokenizer_config.json": CODE_LLAMA, "special_tokens_map.json": {"bos_token": "</s>"}
    },
    "no bos token": {
        "base": "llama2", "tokenizer_config.json": {**CODE_LLAMA, "bos_token": None, "fill_token": None}
    },
    "tokens of infilling": {
        "base": "llama2",
        "tokenizer_config.json": {
            **CODE_LLAMA, "prefix_token": "<X>", "middle_token": None, "suffix_token": typed("<y>"), "fill_token": "<image>",
        },
    },
    "LlamaTokenizer with tokens that the vocabulary lacks": {
        "base": "llama2",
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "bos_token": "<X>", "eos_token": "<y>"},
        "special_tokens_map.json": {"unk_token": "<image>"},
    },
    "an unk token of the map": {
        "tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer"}, "special_tokens_map.json": {"unk_token": "the"}
    },
    "objects make no token of added_tokens.json special": {
        "tokenizer_config.json": {
            **PLAIN, "pad_token": typed("<X>", normalized=False), "image_token": "<image>",
            "extra_special_tokens": [typed("<y>", special=True, normalized=False)],
        },
        "added_tokens.json": {"<image>": 1024, "<y>": 1025, "<X>": 1026},
        "tokenizer.json": {"normalizer": {"type": "Lowercase"}},
    },
    "objects of the map make tokens of added_tokens.json special": {
        "tokenizer_config.json": PLAIN,
        "special_tokens_map.json": {"pad_token": token("<X>", normalized=True), "image_token": token("<image>")},
        "added_tokens.json": {"<X>": 1024, "<y>": 1025, "<image>": 1026},
        "tokenizer.json": {"normalizer": {"type": "Lowercase"}},
    },
    "objects come before texts": {
        "tokenizer_config.json": {**PLAIN, "image_token": "<image>", "audio_token": typed("<X>")}
    },
    "a text of the config counts before the map": {
        "tokenizer_config.json": {**PLAIN, "image_token": "<image>"}, "special_tokens_map.json": {"image_token": "<X>"}
    },
    "a token that was normalised once is decoded so": {
        "tokenizer_config.json": {
            **PLAIN, "added_tokens_decoder": {"1024": token("<X>", normalized=False, special=True)}
        },
        "tokenizer.json": {
            "normalizer": {"type": "Lowercase"},
            "added_tokens": [
                *({"id": int(i), **flags} for i, flags in KNOWN.items()),
                {"id": 1024, **token("<X>", normalized=True, special=False)},
            ],
        },
    },
}


def result_of(folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer(text).input_ids for text in TEXTS]
    return {
        "class": type(tokenizer).__name__,
        "special_tokens": dict(tokenizer.special_tokens_map),
        "size": len(tokenizer),
        "ids": ids,
        "spoken": [tokenizer.decode(row, skip_special_tokens=True) for row in ids],
    }


def write(folder, name, content):
    path = folder / name
    if content is None:
        path.unlink()
    elif name in ("tokenizer.json", "config.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), **content}))
    else:
        path.write_text(json.dumps(content))


def main():
    cases = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as temp:
            folder = pathlib.Path(temp) / "model"
            folder.mkdir()
            for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
                shutil.copy(MODEL / file, folder)
            if base := files.get("base"):
                shutil.copy(TESTS / f"fixtures/tokenizers/{base}.json", folder / "tokenizer.json")
            for file, content in files.items():
                if file != "base":
                    write(folder, file, content)
            cases.append({"name": name, "files": files, **result_of(folder)})
    output = {"transformers": transformers.__version__, "texts": TEXTS, "cases": cases}
    (TESTS / "fixtures/special_tokens.json").write_text(json.dumps(output, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
