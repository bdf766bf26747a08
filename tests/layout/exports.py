#!/usr/bin/env python3
"""The symbols that libsift exports: the declarations of core/include/sift, all of them and nothing else.

    exports.py LIBSIFT [MODULE ...]     modules: Sift's own libraries, which may need a few more
"""

import pathlib
import re
import subprocess
import sys

HEADERS = pathlib.Path(__file__).resolve().parents[2] / "core/include/sift"
ENTRY = "sift_run_command"  # what the program calls
OPERATORS = "op"  # sift::op, where a library with a device's versions registers them


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def declared(headers=HEADERS):
    """The names of the exported types, and of all types and functions."""
    code = "\n".join(without_comments(file.read_text()) for file in sorted(headers.glob("*.h")))
    exported_types = set(re.findall(r"^(?:class|struct) SIFT_API (\w+)", code, re.MULTILINE))
    types = exported_types | set(re.findall(r"^(?:class|struct) (\w+)", code, re.MULTILINE))
    functions = set(re.findall(r"^(?!using|template|inline|#)[A-Za-z][\w:<>,&* ]*?[ &*](\w+)\([^;]*?\);", code, re.MULTILINE))
    return exported_types, types, functions


def symbols(library, which):
    found = subprocess.run(["nm", "-DC", which, str(library)], capture_output=True, text=True, check=True).stdout
    # an undefined symbol has no address before its kind
    return [line.split(maxsplit=1 if which == "--undefined-only" else 2)[-1] for line in found.splitlines()]


def owner_of(symbol):
    """The first name after sift:: of a symbol, or nothing."""
    found = re.match(r"(?:(?:typeinfo|typeinfo name|vtable|guard variable|non-virtual thunk) (?:for|to) )?sift::(\w+)", symbol)
    return found[1] if found else ""


def problems(exported, needed_by_modules, headers=HEADERS):
    exported_types, types, functions = declared(headers)
    known = types | functions | {OPERATORS} | {owner_of(symbol) for symbol in needed_by_modules}
    found = [f"{symbol} is exported, and core/include/sift does not declare it: take it out of core/libsift.map"
             for symbol in exported if symbol != ENTRY and owner_of(symbol) not in known]
    owners = {owner_of(symbol) for symbol in exported}
    found += [f"{name} is declared in core/include/sift and not exported: add it to core/libsift.map"
              for name in sorted(exported_types | functions) if name not in owners]
    return found


def main(arguments):
    if not arguments:
        print(__doc__)
        return 2
    exported = symbols(arguments[0], "--defined-only")
    needed = [symbol for module in arguments[1:] for symbol in symbols(module, "--undefined-only") if "sift::" in symbol]
    found = problems(exported, needed)
    print("\n".join(found) or f"{len(exported)} symbols, all of the SDK")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
