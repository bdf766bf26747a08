"""Texts that tell one version of Unicode's data from another."""

import random
import unicodedata

SURROGATES = range(0xD800, 0xE000)


def code_points(every):
    """Planes 4 to 13, which hold nothing but unassigned code points, are met at their ends alone."""
    for c in range(0, 0x110000, every):
        if c in SURROGATES or (0x40000 <= c < 0xE0000 and 0x100 < c % 0x10000 < 0xFF00):
            continue
        yield chr(c)


def around(c):
    """Each place where a property of one character shows, in a text that starts with it and one that does not."""
    yield c
    yield f"{c} {c}a{c}{c}b A{c}A"
    yield f"x{c}1{c}, {c}.{c}{c}!\n{c}\r\n {c}\u0301{c} \u0301{c}\u0323e"
    yield f"  {c}  {c}'s {c}{c}S\u4e00{c}\u0e01{c}\t{c}"


def hangul(chance):
    """Syllables composed, decomposed, and decomposed by half."""
    for _ in range(4000):
        syllables = "".join(chr(chance.randrange(0xAC00, 0xD7A4)) for _ in range(chance.randint(1, 4)))
        parts = unicodedata.normalize("NFD", syllables)
        yield syllables + parts
        cut = chance.randrange(len(parts))
        yield parts[:cut] + "\u0301" + parts[cut:] + chr(chance.randrange(0x11A7, 0x11C3))


def pools():
    assigned = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    yield [c for c in assigned if unicodedata.combining(c)] + list("aeo ")
    yield [c for c in assigned if unicodedata.decomposition(c)]
    yield [c for c in assigned if c.lower() != c or c.upper() != c] + ["\u0130", "\u03a3", "\u0301", " "]
    yield [c for c in assigned if unicodedata.category(c)[0] in "NPSZ"] + list("ab \n\r\t")
    yield [c for c in assigned if unicodedata.category(c)[0] in "MLC"] + list(" '\u200d\u200c")
    yield list(" \n\r\t\u00a0\u0085\u2028\u3000\u200b\ufeff'sSdDtTlLvVeErRmMaA19.,!_-\u017f\u212a\u00e9\u4e00")
    yield assigned + [chr(c) for c in range(0x1F000, 0x1FC00)]


def mixtures(chance):
    for pool in pools():
        for _ in range(20000):
            yield "".join(chance.choices(pool, k=chance.randint(2, 12)))
        for _ in range(20):
            yield "a" + "".join(chance.choices(pool, k=2000))


def all_texts(every):
    chance = random.Random(7)
    for c in code_points(every):
        yield from around(c)
    yield from hangul(chance)
    yield from mixtures(chance)
