#!/usr/bin/env python3
"""Core is a house: a folder includes only its own headers and those of the floors below it.

    floors.py [--list]      prints each include that leads upwards; status 1 where there is one
"""

import pathlib
import re
import sys

CORE = pathlib.Path(__file__).resolve().parents[2] / "core"
# from the lowest up
FLOORS = ["include", "base", "formats", "jinja", "text", "device", "ops", "api", "model", "optim", "data", "plugin",
          "parallel", "checkpoint", "config", "train", "plan", "app"]
# The template language is an independent library, and only one folder communicates with other processes.
ALONE = {"jinja": {"include", "base"}}
# The whole configuration is for those who make the parts of a run; each part gets its own options.
WHOLE = "config/config.h"
SEE_THE_WHOLE = {"config", "app", "train/run.h", "train/run.cpp"}
INCLUDE = re.compile(r'^\s*#include (?:"([^"]+)"|<(sift/[^>]+)>)', re.MULTILINE)
C10D = re.compile(r"#include <torch/csrc/distributed/")


def upward(floors=FLOORS, core=CORE):
    faults = []
    for file in sorted(core.rglob("*")):
        if file.suffix not in (".h", ".cpp", ".cu", ".cuh"):
            continue
        name = file.relative_to(core)
        here = name.parts[0]
        if here not in floors:
            faults.append(f"{name}: {here}/ is no floor; floors.py lists them")
            continue
        text = file.read_text()
        for own, public in INCLUDE.findall(text):
            there = "include" if public else pathlib.PurePosixPath(own).parts[0]
            if not public and not (core / own).is_file():
                faults.append(f"{name}: {own} is no header of core")
            elif floors.index(there) > floors.index(here):
                faults.append(f"{name}: includes {own}, which is a floor above")
            elif here in ALONE and there not in ALONE[here] | {here}:
                faults.append(f"{name}: includes {own or public}; {here}/ may include only {', '.join(ALONE[here])}")
            if own == WHOLE and not SEE_THE_WHOLE & {here, str(name)}:
                faults.append(f"{name}: includes {WHOLE}; take the options of this part instead")
        if here != "parallel" and C10D.search(text):
            faults.append(f"{name}: includes c10d, which is parallel's alone")
    return faults


if __name__ == "__main__":
    found = upward()
    print("\n".join(found) or f"{len(FLOORS)} floors, no include leads upwards")
    sys.exit(1 if found else 0)
