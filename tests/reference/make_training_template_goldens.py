"""Writes tests/fixtures/training_templates.json: TRL's templates for assistant_only_loss and their output.

    python make_training_template_goldens.py OUT.json

Of each template that training_template() edits: "source", the model's own, and "cases", conversations with the text
and the spans, in bytes, of TRL's template for training. Needs the trl package (its files alone) and jinja2.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "templates"))

from compare_with_jinja2 import default_folder  # noqa: E402
from conversations import ARGS, call, said, user  # noqa: E402
from jinja2_reference import compile_template, render  # noqa: E402

RESULT = {"role": "tool", "content": '{"sky": "blue"}'}
CONVERSATIONS = [
    [user(), said()],
    [user(), said("<think>\nLet me see.\n</think>\n\nDone."), user("more"), said("<think>\nx\n</think>\n\nEnd")],
    [user(), said("Hello!"), user("And?"), said("padded \n")],
    [user(), said("Answer", reasoning_content="Because\n"), user(), said("Again", reasoning_content="So")],
    [user(), said(None, tool_calls=[call("get_weather", json.dumps(ARGS))]), RESULT, said("It is blue.")],
    [{"role": "system", "content": "Be kind."}, user("\u00e9\u4e2d"), said("\u00df"), user(), said("np")],
]

out = {}
for name in ("qwen3", "deepseek_r1_distill"):
    template = compile_template((default_folder() / f"{name}_training.jinja").read_text(encoding="utf-8"))
    cases = []
    for messages in CONVERSATIONS:
        context = {"messages": messages, "tools": None, "add_generation_prompt": False, "bos_token": "<s>"}
        cases.append({"context": context, **render(template, context)})
    out[name] = {"source": (default_folder() / f"{name}.jinja").read_text(encoding="utf-8"), "cases": cases}
with open(sys.argv[1], "w", encoding="ascii") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
