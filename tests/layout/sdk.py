#!/usr/bin/env python3
"""The public headers of Sift, core/include/sift.

    sdk.py abi                  the code of the headers may change only together with kPluginAbi
    sdk.py abi --update         writes down the headers of the present kPluginAbi
    sdk.py alone COMPILER ...   each header compiles with nothing before it; the rest are the compiler's options
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HEADERS = pathlib.Path(__file__).resolve().parents[2] / "core/include/sift"
KNOWN = pathlib.Path(__file__).resolve().parent / "sdk_abi.json"


def code_of(text):
    """Without comments and white space, which do not affect a plugin."""
    text = re.sub(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/',
                  lambda found: found[0] if found[0].startswith('"') else " ", text, flags=re.DOTALL)
    return "".join(text.split())


def abi_and_hash(headers=HEADERS):
    files = sorted(headers.glob("*.h"))
    # the number itself may change alone
    code = "\n".join(f"{file.name}:{code_of(file.read_text())}" for file in files if file.name != "version.h")
    abi = re.search(r"kPluginAbi = (\d+);", (headers / "version.h").read_text())[1]
    return abi, hashlib.sha256(code.encode()).hexdigest()


def check_abi(known, abi, found):
    """The problem, or nothing."""
    if abi not in known:
        return f"kPluginAbi is {abi}, which sdk_abi.json does not know: run sdk.py abi --update, and add it to CHANGELOG.md"
    if known[abi] != found:
        return (f"core/include/sift has changed, and kPluginAbi is still {abi}: plugins that were built before would be loaded "
                "and crash. Raise it in sift/version.h, then run sdk.py abi --update")
    return ""


def alone(header, command):
    source = f'#include <sift/{header.name}>\n'
    found = subprocess.run([*command, "-fsyntax-only", "-x", "c++", "-"], input=source, capture_output=True, text=True)
    return f"{header.name} does not compile alone:\n{found.stderr}" if found.returncode != 0 else ""


def main(arguments):
    if arguments[:1] == ["abi"]:
        known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
        abi, found = abi_and_hash()
        if "--update" in arguments:
            KNOWN.write_text(json.dumps({**known, abi: found}, indent=1) + "\n")
            return 0
        problem = check_abi(known, abi, found)
        print(problem or f"ABI {abi}: the headers match its hash")
        return 1 if problem else 0
    if arguments[:1] == ["alone"]:
        with ThreadPoolExecutor(2) as pool:
            problems = [p for p in pool.map(lambda header: alone(header, arguments[1:]), sorted(HEADERS.glob("*.h"))) if p]
        print("\n".join(problems) or "each public header compiles alone")
        return 1 if problems else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
