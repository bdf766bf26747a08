"""Renders every template of a folder with jinja2 and with the program render_template, and compares.

    python compare_with_jinja2.py --tool build/render_template [--templates FOLDER] [--verbose]

The folder defaults to the chat templates of the installed trl package. Text and generation spans must be the
same byte for byte; where jinja2 raises, the tool must report an error too. Exit status 1 on any difference.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "reference")]

import jinja2_reference  # noqa: E402
from conversations import contexts  # noqa: E402


def default_folder():
    import importlib.util

    spec = importlib.util.find_spec("trl")  # finds the package without importing it
    if spec is None:
        sys.exit("trl is not installed; give a folder with --templates")
    return pathlib.Path(spec.submodule_search_locations[0]) / "chat_templates"


class Tool:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"TZ": "UTC"})

    def render(self, context, template=None):
        request = {"context": context, "now": int(jinja2_reference.NOW.timestamp())}
        if template is not None:
            request["template"] = template
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the tool died")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def same(ours, theirs):
    if "error" in ours or "error" in theirs:
        return "error" in ours and "error" in theirs
    return ours["text"] == theirs["text"] and ours["spans"] == theirs["spans"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--templates", type=pathlib.Path)
    parser.add_argument("--verbose", action="store_true", help="print all differences, not only the first of a template")
    parser.add_argument("--every", type=int, default=1, help="render only every N-th conversation")
    options = parser.parse_args()
    folder = options.templates or default_folder()
    templates = sorted(folder.glob("*.jinja"))
    if not templates:
        sys.exit(f"no *.jinja in {folder}")
    cases = list(contexts())[:: options.every]
    tool = Tool(options.tool)
    rendered = errors = with_spans = 0
    differing = []
    for path in templates:
        source = path.read_text(encoding="utf-8")
        template = jinja2_reference.compile_template(source)
        bad = 0
        for number, context in enumerate(cases):
            theirs = jinja2_reference.render(template, context)
            ours = tool.render(context, source if number == 0 else None)
            errors += "error" in theirs
            rendered += "error" not in theirs
            with_spans += bool(theirs.get("spans"))
            if same(ours, theirs):
                continue
            bad += 1
            if bad == 1 or options.verbose:
                print(f"--- {path.name}, case {number}: {json.dumps(context)}\njinja2: {theirs}\nours:   {ours}")
        if bad:
            differing.append(f"{path.name} ({bad})")
    tool.close()
    print(
        f"{len(templates)} templates x {len(cases)} conversations: {rendered} rendered ({with_spans} with spans), "
        f"{errors} errors in both, {len(differing)} templates differ"
    )
    if differing:
        print("differing:", ", ".join(differing))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
