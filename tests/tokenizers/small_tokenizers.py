"""Small tokenizers with the normalizers and pre-tokenizers of real ones, made by Hugging Face tokenizers.

Their ids tell exactly what a text became and where it was split: each byte is a token, each word starts with a mark, and only a
mark inside a text joins the byte before it.
"""

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import models, normalizers, pre_tokenizers

END = "<|end|>"
MARK = "\u2581"
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
MARK_START = "\u00e2"  # how byte-level text writes 0xE2, with which MARK starts in UTF-8

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
QWEN3_5 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK_V3 = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
KIMI = r"[\p{Han}]+|" + O200K.replace(r"\p{M}]", r"\p{M}&&[^\p{Han}]]")
BLOOM = " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"
CLASSES = r"[[:alpha:]]+|[[:digit:]]+|[[:punct:]]+|[[:space:]]+|[[:upper:]]|[[:lower:]]|\b|\w+|\W"
SCRIPTS = r"\p{Han}+|\p{Hiragana}+|\p{Katakana}+|\p{Latin}+|\p{Cyrillic}+|\p{Arabic}+|\p{Hangul}+|\p{Common}|\p{Inherited}+"
CASED = r"\p{Lu}+|\p{Ll}+|\p{Lt}+|\p{Lm}+|\p{Lo}+|\p{Mn}+|\p{Mc}+|\p{Me}+|\p{Nd}+|\p{Nl}+|\p{No}+"
SIGNS = r"\p{Pc}+|\p{Pd}+|\p{Ps}+|\p{Pe}+|\p{Pi}+|\p{Pf}+|\p{Po}+|\p{Sm}+|\p{Sc}+|\p{Sk}+|\p{So}+|\p{Z}+|\p{C}+"
FOLDED = "(?i)[a-z]+|(?i:stra\u00dfe)|\u03c3+|[\u00e0-\u024f]+|\u01c6|[\u0400-\u04ff]+"


def regex(*patterns, behavior="isolated", invert=False):
    return [pre_tokenizers.Split(Regex(pattern), behavior, invert) for pattern in patterns]


def finish(tokenizer):
    tokenizer.add_special_tokens([END])
    return tokenizer


def byte_tokenizer(steps, normalizer=None):
    """`steps`, a mark before each word, bytes."""
    joined = [byte + MARK_START for byte in BYTES]
    vocab = {token: i for i, token in enumerate(BYTES + joined)}
    tokenizer = Tokenizer(models.BPE(vocab, [(byte, MARK_START) for byte in BYTES]))
    mark = pre_tokenizers.Metaspace(MARK, "always", split=False)
    end = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*steps, mark, end])
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    return finish(tokenizer)


def pattern(*patterns, **options):
    return lambda: byte_tokenizer(regex(*patterns, **options))


def normal(*steps):
    return lambda: byte_tokenizer([], normalizers.Sequence(list(steps)))


def steps(*made):
    return lambda: byte_tokenizer(made)


def as_is(pre_tokenizer, normalizer=None):
    """Without the mark: bytes, and pairs of them by a rank that splits change."""

    def make():
        pairs = [(a, b) for i, a in enumerate(BYTES) for b in BYTES[i % 3 :: 3]]
        pairs.sort(key=lambda pair: (ord(pair[0]) * 31 + ord(pair[1]) * 17) % 1009)
        vocab = {token: i for i, token in enumerate(BYTES + [a + b for a, b in pairs])}
        tokenizer = Tokenizer(models.BPE(vocab, pairs))
        tokenizer.pre_tokenizer = pre_tokenizer
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        return finish(tokenizer)

    return make


def pieces(pre_tokenizer=None, normalizer=None):
    """Llama 2's and Gemma's kind: characters, and byte tokens for those that the vocabulary lacks."""

    def make():
        tokens = ["<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)] + [MARK] + [chr(c) for c in range(0x21, 0x17F)]
        merges = [(MARK, chr(c)) for c in range(0x61, 0x7B)]
        tokens += ["".join(pair) for pair in merges]
        vocab = {token: i for i, token in enumerate(tokens)}
        tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        if pre_tokenizer is not None:
            tokenizer.pre_tokenizer = pre_tokenizer
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        return finish(tokenizer)

    return make


def added_tokens():
    tokenizer = as_is(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizers.NFC())()
    tokenizer.add_tokens([
        AddedToken("A", single_word=True, normalized=False),
        AddedToken("\u00e9e", single_word=True),
        AddedToken("S", lstrip=True, normalized=False),
        AddedToken("!", rstrip=True, normalized=True),
    ])
    return tokenizer


def level(**options):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, **options)


def falcon():
    return pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), level(), pre_tokenizers.Digits(individual_digits=False),
        *regex("[0-9][0-9][0-9]"),
    ])


def deepseek():
    return regex("\\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK_V3)


ALL = {
    "gpt2": as_is(level()),
    "gpt2_split": pattern(GPT2),
    "llama3": pattern(LLAMA3),
    "qwen2": lambda: byte_tokenizer(regex(QWEN2), normalizers.NFC()),
    "qwen3_5": pattern(QWEN3_5),
    "deepseek_v3": lambda: byte_tokenizer(deepseek()),
    "deepseek_as_is": as_is(pre_tokenizers.Sequence([*deepseek(), level(use_regex=False)])),
    "o200k": pattern(O200K, behavior="removed", invert=True),
    "starcoder": as_is(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), level()])),
    "bloom": pattern(BLOOM),
    "falcon": as_is(falcon()),
    "gpt_neox": as_is(pre_tokenizers.ByteLevel(add_prefix_space=True), normalizers.NFC()),
    "llama2": pieces(normalizer=normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])),
    "metaspace": pieces(pre_tokenizers.Metaspace(MARK, "first", split=False)),
    "metaspace_split": pieces(pre_tokenizers.Metaspace(MARK, "always", split=True), normalizers.NFKC()),
    "gemma": pieces(pre_tokenizers.Split(" ", "merged_with_previous"), normalizers.Replace(" ", MARK)),
    "nfc": normal(normalizers.NFC()),
    "nfd": normal(normalizers.NFD()),
    "nfkc": normal(normalizers.NFKC()),
    "nfkd": normal(normalizers.NFKD()),
    "lowercase": normal(normalizers.Lowercase()),
    "lower_nfc": normal(normalizers.Lowercase(), normalizers.NFC()),
    "nfkc_lower_strip": normal(normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip()),
    "strip_accents": normal(normalizers.NFD(), normalizers.StripAccents()),
    "strip_accents_alone": normal(normalizers.StripAccents()),
    "bert_normalizer": normal(normalizers.BertNormalizer()),
    "bert_normalizer_cased": normal(normalizers.BertNormalizer(True, True, None, False)),
    "nmt": normal(normalizers.Nmt()),
    "replace": normal(normalizers.Replace(Regex(r"\s+"), " "), normalizers.Replace(Regex(r"\p{M}+"), "*")),
    "digits": steps(pre_tokenizers.Digits(individual_digits=False)),
    "single_digits": steps(pre_tokenizers.Digits(individual_digits=True)),
    "punctuation": steps(pre_tokenizers.Punctuation()),
    "punctuation_previous": steps(pre_tokenizers.Punctuation("merged_with_previous")),
    "whitespace": steps(pre_tokenizers.Whitespace()),
    "whitespace_split": steps(pre_tokenizers.WhitespaceSplit()),
    "bert": steps(pre_tokenizers.BertPreTokenizer()),
    "unicode_scripts": steps(pre_tokenizers.UnicodeScripts()),
    "delimiter": steps(pre_tokenizers.CharDelimiterSplit("a")),
    "fixed_length": steps(pre_tokenizers.FixedLength(3)),
    "classes": pattern(CLASSES),
    "scripts": pattern(SCRIPTS),
    "categories": pattern(CASED),
    "signs": pattern(SIGNS),
    "folded": pattern(FOLDED),
    "kimi": pattern(KIMI),
    "contiguous": pattern(r"\p{P}", behavior="contiguous"),
    "with_next": pattern(r"\p{S}|\p{N}", behavior="merged_with_next"),
    "added_tokens": added_tokens,
}
