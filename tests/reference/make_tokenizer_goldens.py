"""Trains small tokenizers of each family and records the output of the `tokenizers` package for a set of texts.

Writes NAME.json, one per tokenizer, and goldens.json into the folder given as the only argument
(tests/fixtures/tokenizers). Needs the Python package `tokenizers` (0.23); the same version gives the same files.
"""

import json
import pathlib
import sys

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

TRAINING = [
    "The river had risen in the night, and the bridge that everyone used was under a foot of brown water. "
    "Nobody was surprised. It's what rivers do; they'd seen it before and they'll see it again.",
    "She didn't say much, but what she said was exact: 12 eggs, 450 grams of flour, 3.5 litres of milk, "
    "and a pinch of salt at 07:30 in the morning. I'm told we've all made that cake, or you're about to.",
    "def area(width, height):\n    # both in metres\n    if width < 0 or height < 0:\n        raise ValueError(\n"
    "            'negative size')\n    return width * height\n\n\nfor i in range(10):\n\tprint(area(i, i + 1))\n",
    "Der Fluss war \u00fcber Nacht gestiegen, und die Br\u00fccke stand unter Wasser. Gr\u00f6\u00dfere Stra"
    "\u00dfen blieben trocken.",
    "La rivi\u00e8re a d\u00e9bord\u00e9 cette nuit; le caf\u00e9 du coin est ferm\u00e9. L'\u00e9t\u00e9 der"
    "nier, c'\u00e9tait d\u00e9j\u00e0 arriv\u00e9.",
    "\u0420\u0435\u043a\u0430 \u043f\u043e\u0434\u043d\u044f\u043b\u0430\u0441\u044c \u0437\u0430 \u043d"
    "\u043e\u0447\u044c, \u0438 \u043c\u043e\u0441\u0442 \u043e\u043a\u0430\u0437\u0430\u043b\u0441\u044f "
    "\u043f\u043e\u0434 \u0432\u043e\u0434\u043e\u0439. \u041d\u0438\u043a\u0442\u043e \u043d\u0435 \u0443"
    "\u0434\u0438\u0432\u0438\u043b\u0441\u044f.",
    "\u6cb3\u6c34\u5728\u591c\u91cc\u4e0a\u6da8\u4e86,\u6865\u88ab\u6df9\u6ca1\u4e86\u3002\u6ca1\u6709\u4eba"
    "\u611f\u5230\u60ca\u8bb6\u3002",
    "\u5ddd\u306e\u6c34\u306f\u591c\u306e\u3046\u3061\u306b\u5897\u3048\u3001\u6a4b\u306f\u6c34\u306e\u4e0b"
    "\u306b\u306a\u3063\u305f\u3002\u30ab\u30d5\u30a7\u306f\u4f11\u307f\u3067\u3059\u3002",
    "\ubc24\uc0ac\uc774 \uac15\ubb3c\uc774 \ubd88\uc5b4\ub098 \ub2e4\ub9ac\uac00 \ubb3c\uc5d0 \uc7a0\uacbc"
    "\ub2e4. \uc544\ubb34\ub3c4 \ub180\ub77c\uc9c0 \uc54a\uc558\ub2e4.",
    "\u0627\u0631\u062a\u0641\u0639 \u0627\u0644\u0646\u0647\u0631 \u0644\u064a\u0644\u0627 \u0648\u063a"
    "\u0645\u0631 \u0627\u0644\u0645\u0627\u0621 \u0627\u0644\u062c\u0633\u0631. \u0928\u0926\u0940 \u0930"
    "\u093e\u0924 \u092e\u0947\u0902 \u091a\u0922\u093c \u0917\u0908 \u0914\u0930 \u092a\u0941\u0932 \u0921"
    "\u0942\u092c \u0917\u092f\u093e\u0964",
    "Weather: \U0001f327\ufe0f\U0001f30a then \U0001f31e! Thumbs up \U0001f44d\U0001f3fd from the family "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467.",
]

# Words of characters that are new in Unicode 15, 15.1 and 16: a split by an older version cuts them elsewhere.
NEW_IN_16 = (
    "with \U0001fa77\U0001fae9 love; \U00011f04\U00011f34\U00011f05 \U00010d50\U00010d70 \U00010d40\U00010d41 "
    "x\u0897y \u1b4e\u1b4f \u2ffc \U0002ebf0\U000323af \ua7dc\u019b"
)

TEXTS = [
    "",
    " ",
    "\n",
    "a",
    "The river had risen in the night.",
    " leading and trailing ",
    "   three   spaces\tand\ttabs \n\n\n newlines\r\n",
    "It's they'll WE'VE I'm you'd isn't 'quoted' o'clock",
    "0 12 345 6789 3.14159 1,000,000 \u00b2 \u00bd \u0663\u0664 \u2167",
    TRAINING[2],
    TRAINING[3] + " " + TRAINING[4],
    TRAINING[5],
    TRAINING[6],
    TRAINING[7],
    TRAINING[8],
    TRAINING[9],
    TRAINING[10],
    "\U0001f1e9\U0001f1ea \U0001d4b3 \U00010348 \U0010ffff \u0000\u0001\u007f\ufffd\ufeff",
    "e\u0301 \u00e9 a\u0323\u0301 a\u0301\u0323 \u1ea1\u0301 \u1100\u1161\u11a8 \uac01 \u212b \ufb01 \u2460 "
    "\u1e9b\u0323",
    "\u0130stanbul \u03a3\u03a3\u03c2 STRASSE \u1e9e MiXeD",
    "\u00a0nbsp\u2003em\u3000ideographic\u0085nel\u2028line\u180evowel\u200bzero",
    "\u2581already \u2581 marked\u2581\u2581twice",
    "<|im_start|>user\nhello there<|im_end|>\n<|im_start|>assistant\n",
    "<s>one</s><s> two </s>",
    "x <left> y <right>  z <both> w<word> <word> <word>s <LOWER> <lower>",
    "<|im_start|><|im_end|><|im_sta<0x41><unk>",
    "sup" + "er" * 30 + "long" + "z" * 120,
    "/" * 70 + "=" * 50 + " " * 50 + "\n" * 20,
    NEW_IN_16,
    # those that have a normal form or another case
    "\U0001e030 \U000105c9\u0301 \U00016d68 \u32ff\ua7f2 \u0061\u0897\u0323 \U00010d50\ua7cb\ua7dc \u1c89",
    "https://example.org/path?query=1&other=two#part user.name+tag@example.com C:\\dir\\file.txt $x**2 != {y[0]}",
]

GPT4_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK_SPLIT = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MARK = "\u2581"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def trained(tokenizer, vocab_size, special_tokens=(), alphabet=(), texts=TRAINING):
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(special_tokens),
        initial_alphabet=list(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts * 4, trainer)
    return tokenizer


def byte_level(pre_tokenizer, normalizer=None, texts=TRAINING, **model_options):
    tokenizer = Tokenizer(models.BPE(**model_options))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    return trained(tokenizer, 600, alphabet=pre_tokenizers.ByteLevel.alphabet(), texts=texts)


def gpt2():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=True)
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return tokenizer


def smollm2():
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer = byte_level(pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return tokenizer


def split_then_bytes(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def llama3():
    tokenizer = byte_level(split_then_bytes(GPT4_SPLIT), ignore_merges=True)
    tokenizer.add_special_tokens(["<s>", "</s>", "<|im_start|>", "<|im_end|>"])
    begin = ("<s>", tokenizer.token_to_id("<s>"))
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[begin]),
        ]
    )
    return tokenizer


def deepseek():
    numbers = pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated")
    letters = pre_tokenizers.Split(Regex("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"), "isolated")
    others = pre_tokenizers.Split(Regex(DEEPSEEK_SPLIT), "isolated")
    byte_steps = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return byte_level(pre_tokenizers.Sequence([numbers, letters, others, byte_steps]), texts=[NEW_IN_16] * 4 + TRAINING)


def qwen():
    tokenizer = byte_level(split_then_bytes(GPT4_SPLIT.replace("{1,3}", "")), normalizers.NFC())
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<word>", single_word=True, normalized=False)])
    return tokenizer


def sentencepiece_model():
    return Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))


def sentencepiece_decoder(strip=True):
    steps = [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse()]
    return decoders.Sequence(steps + [decoders.Strip(" ", 1, 0)] if strip else steps)


def llama2():
    tokenizer = sentencepiece_model()
    # Trained on words, as SentencePiece does, then used on whole texts.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trained(tokenizer, 800, ["<unk>", "<s>", "</s>"] + BYTES)
    document = json.loads(tokenizer.to_str())
    document["pre_tokenizer"] = None
    document["model"]["merges"] = [" ".join(merge) for merge in document["model"]["merges"]]
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    tokenizer.decoder = sentencepiece_decoder()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return tokenizer


def mistral():
    tokenizer = sentencepiece_model()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    trained(tokenizer, 700, ["<unk>", "<s>", "</s>"] + BYTES)
    tokenizer.decoder = sentencepiece_decoder()
    return tokenizer


def gemma():
    tokenizer = sentencepiece_model()
    tokenizer.normalizer = normalizers.Replace(" ", MARK)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    trained(tokenizer, 700, ["<unk>", "<s>", "</s>"] + BYTES)
    tokenizer.decoder = sentencepiece_decoder(strip=False)
    return tokenizer


def oddities():
    """Features that the common files do not use: other normalizers and splits, all flags of added tokens."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Split(Regex(r"\w+"), "merged_with_next", invert=True),
            pre_tokenizers.Split(" ", "removed"),
        ]
    )
    trained(tokenizer, 500, ["<unk>"])
    tokenizer.add_tokens(
        [
            AddedToken("<left>", lstrip=True),
            AddedToken("<right>", rstrip=True),
            AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("<word>", single_word=True),
            AddedToken("<LOWER>", normalized=True),
        ]
    )
    tokenizer.add_special_tokens(["<s>", "</s>", "<|im_start|>", "<|im_end|>"])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
    return tokenizer


def byte_offsets(text, encoding):
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [[starts[begin], starts[end]] for begin, end in encoding.offsets]


def golden(tokenizer, text, add_special_tokens):
    encoding = tokenizer.encode(text, add_special_tokens=add_special_tokens)
    case = {
        "text": text,
        "add_special_tokens": add_special_tokens,
        "ids": encoding.ids,
        "offsets": byte_offsets(text, encoding),
        "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=False),
    }
    without_special = tokenizer.decode(encoding.ids, skip_special_tokens=True)
    if without_special != case["decoded"]:
        case["decoded_without_special"] = without_special
    return case


def goldens(tokenizer):
    cases = [golden(tokenizer, text, False) for text in TEXTS]
    # The post-processor treats every text the same.
    cases += [golden(tokenizer, text, True) for text in TEXTS[:8]]
    return {"vocab_size": tokenizer.get_vocab_size(), "cases": cases}


def main():
    folder = pathlib.Path(sys.argv[1])
    result = {}
    for make in (gpt2, smollm2, llama3, deepseek, qwen, llama2, mistral, gemma, oddities):
        document = json.loads(make().to_str())
        if make is llama2:
            # In the form of old files, which the reader must still support.
            document["model"]["merges"] = [" ".join(merge) for merge in document["model"]["merges"]]
        text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
        (folder / f"{make.__name__}.json").write_text(text + "\n")
        result[make.__name__] = goldens(Tokenizer.from_str(text))
    (folder / "goldens.json").write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
