#!/usr/bin/env python3
"""Writes core/base/unicode_data.cpp and unicode_case_data.cpp, the tables of Unicode properties.

    pip install --target FOLDER pyicu-wheels==2.15.2
    PYTHONPATH=FOLDER python3 tools/make_unicode_tables.py

That release of the package brings ICU 77, whose data is Unicode 16.0.
"""

import pathlib
import textwrap

import icu

VERSION = "16.0"
LAST = 0x110000
BASE = pathlib.Path(__file__).resolve().parents[1] / "core" / "base"
# in ICU's order
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf".split()
# what decides a property beyond the categories that its definition names
BINARY = {
    "ALPHABETIC": ("OtherAlphabetic", "Lu Ll Lt Lm Lo Nl"),
    "LOWERCASE": ("OtherLowercase", "Ll"),
    "UPPERCASE": ("OtherUppercase", "Lu"),
    "CASE_IGNORABLE": ("OtherCaseIgnorable", "Mn Me Cf Lm Sk"),
    "EMOJI": ("Emoji", ""),
    "EXTENDED_PICTOGRAPHIC": ("ExtendedPictographic", ""),
}
HEAD = f"""// Unicode {VERSION}. Written by tools/make_unicode_tables.py: do not edit.
// clang-format off
"""


def category(c):
    return CATEGORIES[icu.Char.charType(c)]


def name_of(script, long):
    choice = icu.UPropertyNameChoice.LONG_PROPERTY_NAME if long else icu.UPropertyNameChoice.SHORT_PROPERTY_NAME
    return icu.Char.getPropertyValueName(icu.UProperty.SCRIPT, script, choice)


def run_lengths(values):
    """[(length, value)]; code points that are Lu, Ll, Lu, ... in turn are one run of the value Lx."""
    out = []
    at = 0
    while at < len(values):
        same = at
        while same < len(values) and values[same] == values[at]:
            same += 1
        turns = at
        while turns < len(values) and values[turns] == ("Lu", "Ll")[(turns - at) % 2]:
            turns += 1
        end = max(same, turns)
        out.append((end - at, values[at] if end == same else "Lx"))
        at = end
    return out


def literal(text, line):
    """A string literal over several lines, which break anywhere: runs need no separators."""
    return "\n".join(f'    "{text[i : i + line]}"' for i in range(0, len(text), line))


def run_text(name, values):
    text = "".join(f"{length}{value}" for length, value in run_lengths(values))
    return f"const std::string_view {name} =\n{literal(text, 104)};\n"


def rows(items):
    return "\n".join(textwrap.wrap(", ".join(item.replace(" ", "~") for item in items), 106,
                                   initial_indent="    ", subsequent_indent="    ")).replace("~", " ")


def ranges(name, members):
    found = []
    for c in members:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    array = rows([f"{{0x{a:x}, 0x{b:x}}}" for a, b in found])
    return f"constexpr CodePointRange k{name}Ranges[] = {{\n{array}}};\nconst std::span<const CodePointRange> k{name} = k{name}Ranges;\n"


def data_file():
    script_codes = [icu.Script.getScript(c).getScriptCode() for c in range(LAST)]
    names = sorted({(name_of(code, False), name_of(code, True)) for code in set(script_codes)})
    parts = [HEAD, '#include "base/unicode_data.h"\n', "namespace sift::unicode {\n"]
    parts.append(run_text("kCategoryRuns", [category(c) for c in range(LAST)]))
    parts.append(run_text("kScriptRuns", [name_of(code, False) for code in script_codes]))
    pairs = rows([f'{{"{short}", "{long}"}}' for short, long in names])
    parts.append(f"constexpr ScriptName kScriptNameList[] = {{\n{pairs}}};\n"
                 "const std::span<const ScriptName> kScriptNames = kScriptNameList;\n")
    for icu_name, (name, implied) in BINARY.items():
        number = getattr(icu.UProperty, icu_name)
        has = {c for c in range(LAST) if icu.Char.hasBinaryProperty(c, number)}
        implying = {c for c in range(LAST) if category(c) in implied.split()}
        assert implying <= has, name
        parts.append(ranges(name, sorted(has - implying)))
    numeric = [icu.Char.getIntPropertyValue(c, icu.UProperty.NUMERIC_TYPE) for c in range(LAST)]
    parts.append(ranges("OtherDigit", [c for c in range(LAST) if numeric[c] == 2]))
    parts.append(ranges("OtherNumeric", [c for c in range(LAST) if numeric[c] and category(c)[0] != "N"]))
    assert all(numeric[c] for c in range(LAST) if category(c)[0] == "N")
    assert all((numeric[c] == 1) == (category(c) == "Nd") for c in range(LAST))
    parts.append("}  // namespace sift::unicode\n")
    return "\n".join(parts)


def case_table(name, changed):
    """`changed` maps code points to texts. Runs that do not overlap, and code points that become several."""
    runs = []
    for c, to in sorted(changed.items()):
        if len(to) > 1:
            continue
        delta = ord(to) - c
        if runs and runs[-1][3] == delta:
            first, last, stride, _ = runs[-1]
            if c - last == stride or (first == last and c - last <= 2):
                runs[-1] = [first, c, c - last, delta]
                continue
        runs.append([c, c, 1, delta])
    several = sorted((c, to) for c, to in changed.items() if len(to) > 1)
    run_rows = rows([f"{{0x{a:x}, 0x{b:x}, {s}, {d}}}" for a, b, s, d in runs])
    several_rows = rows(["{0x%x, {%s}}" % (c, ", ".join(f"0x{ord(x):x}" for x in to)) for c, to in several])
    return (f"constexpr CaseRun k{name}Runs[] = {{\n{run_rows}}};\n"
            f"constexpr CaseExpansion k{name}Expansions[] = {{\n{several_rows}}};\n"
            f"const CaseTable k{name} = {{k{name}Runs, k{name}Expansions}};\n")


def case_file():
    root = icu.Locale.getRoot()
    scalars = [c for c in range(LAST) if not 0xD800 <= c < 0xE000]
    maps = {
        "Upper": lambda text: text.toUpper(root),
        "Lower": lambda text: text.toLower(root),
        # of a letter with no other beside it
        "Title": lambda text: text.toTitle(root),
        "Fold": lambda text: text.foldCase(),
    }
    to = {name: {c: str(change(icu.UnicodeString(chr(c)))) for c in scalars} for name, change in maps.items()}
    # a final sigma, as ICU sees one that stands alone, is the caller's affair
    assert to["Lower"][0x3A3] == "\u03c3"
    parts = [HEAD, '#include "base/unicode_data.h"\n', "namespace sift::unicode {\n"]
    for name, base in (("Upper", None), ("Lower", None), ("Title", "Upper"), ("Fold", "Lower")):
        start = to[base] if base else {c: chr(c) for c in scalars}
        parts.append(case_table(name, {c: to[name][c] for c in scalars if to[name][c] != start[c]}))
    parts.append("}  // namespace sift::unicode\n")
    return "\n".join(parts)


def main():
    assert icu.UNICODE_VERSION == VERSION, f"expected the data of Unicode {VERSION}, found {icu.UNICODE_VERSION}"
    (BASE / "unicode_data.cpp").write_text(data_file())
    (BASE / "unicode_case_data.cpp").write_text(case_file())


main()
