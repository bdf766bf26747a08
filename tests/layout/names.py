#!/usr/bin/env python3
"""A type of a namespace has one definition: with two, the linker would mix what is compiled for each.

    names.py      prints each name that several headers of core define; status 1 where there is one
"""

import collections
import pathlib
import re
import sys

CORE = pathlib.Path(__file__).resolve().parents[2] / "core"
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
TYPE = re.compile(r"^(?:struct|enum class|class|enum) (?:SIFT_API )?(\w+)(?: final)?(?: :[^;{]*)? \{", re.MULTILINE)


def defined_twice(core=CORE):
    places = collections.defaultdict(list)
    for file in sorted(core.rglob("*.h")):
        text = file.read_text()
        namespace = NAMESPACE.search(text)
        for name in set(TYPE.findall(text)):
            places[f"{namespace.group(1) if namespace else ''}::{name}"].append(str(file.relative_to(core)))
    return [f"{name}: {', '.join(files)}" for name, files in places.items() if len(files) > 1]


if __name__ == "__main__":
    found = defined_twice()
    print("\n".join(found) or "every type has one definition")
    sys.exit(1 if found else 0)
