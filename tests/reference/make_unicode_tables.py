"""Writes the Unicode tables of the chat template engine.

The engine must agree with Python's str methods, so the tables are read off Python itself:
    python3 make_unicode_tables.py CLASSES_CPP CASE_CPP
"""

import sys

LAST = 0x110000


def runs(points):
    """Greedy (first, last, stride) runs with stride 1 or 2."""
    points = sorted(points)
    out = []
    i = 0
    while i < len(points):
        best = i
        stride = 1
        for step in (1, 2):
            j = i
            while j + 1 < len(points) and points[j + 1] - points[j] == step:
                j += 1
            if j > best:
                best, stride = j, step
        out.append((points[i], points[best], stride))
        i = best + 1
    return out


def chars():
    return (c for c in range(LAST) if not 0xD800 <= c < 0xE000)


def rows(items, per_line=7):
    for i in range(0, len(items), per_line):
        yield "    " + ", ".join(items[i : i + per_line]) + ","


def class_table(name, predicate):
    found = runs([c for c in chars() if c >= 0x80 and predicate(chr(c))])
    lines = [f"constexpr ClassRun {name}[] = {{"]
    lines += rows([f"{{0x{a:x}, 0x{b:x}, {s}}}" for a, b, s in found])
    return lines + ["};", ""]


def case_table(name, mapping):
    single, special = {}, {}
    for c in chars():
        if c < 0x80:
            continue
        to = mapping(chr(c))
        if to == chr(c):
            continue
        if len(to) == 1:
            single.setdefault(ord(to) - c, []).append(c)
        else:
            special[c] = to
    found = sorted((a, b, s, d) for d, points in single.items() for a, b, s in runs(points))
    # Strided runs of different deltas may interleave; lookups scan by the first value, so split them.
    lines = [f"constexpr CaseRun k{name}Runs[] = {{"]
    lines += rows([f"{{0x{a:x}, 0x{b:x}, {s}, {d}}}" for a, b, s, d in found], 6)
    lines += ["};", f"constexpr CaseSpecial k{name}Specials[] = {{"]
    lines += rows(
        ["{0x%x, {%s}}" % (c, ", ".join(f"0x{ord(x):x}" for x in to)) for c, to in sorted(special.items())], 4
    )
    return lines + ["};", ""]


HEAD = """// Read off Python's str methods; tests/reference holds the generator. Code points below 0x80 are left out.
// clang-format off
#include "jinja/unicode_tables.h"

namespace sift::jinja {
namespace {
"""


def write(path, tables, accessors):
    text = HEAD + "\n".join(sum(tables, [])) + "\n}  // namespace\n\n" + "\n".join(accessors)
    text += "\n\n}  // namespace sift::jinja\n"
    with open(path, "w", encoding="ascii") as out:
        out.write(text)


def main():
    classes = {
        "Alpha": str.isalpha,
        "Digit": str.isdigit,
        "Decimal": str.isdecimal,
        "Numeric": str.isnumeric,
        "Hidden": lambda c: not c.isprintable(),
        "Lower": str.islower,
        "Upper": str.isupper,
        "Title": str.istitle,
    }
    write(
        sys.argv[1],
        [class_table("k" + name, test) for name, test in classes.items()],
        [f"std::span<const ClassRun> {n.lower()}_runs() {{ return k{n}; }}" for n in classes],
    )
    cases = {"Up": str.upper, "Down": lambda c: c.lower() if c != "\u03a3" else "\u03c3", "Title": str.title}
    write(
        sys.argv[2],
        [case_table(name, mapping) for name, mapping in cases.items()],
        [f"CaseTable {n.lower()}_table() {{ return {{k{n}Runs, k{n}Specials}}; }}" for n in cases],
    )


main()
