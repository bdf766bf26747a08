"""Compares Sift's assistant spans with those of TRL's training templates.

    python compare_prefix_spans.py --tool build/render_template [--every N] [--verbose]

The trl package has chat templates NAME.jinja and, with {% generation %} blocks, NAME_training.jinja. Where both
render a conversation as the same text, the prefixes of the first must show the blocks of the second. They may
differ in one way: TRL also scores the cue of a turn, such as '<|im_start|>assistant\\n<think>\\n', where it stands
inside a block; Sift scores what comes after the generation prompt. The others are in EXPLAINED. The templates in
EDITED leave thinking out; what Sift makes of them must be TRL's text and blocks without any difference. Exit status
1 on any other difference.
"""

import argparse
import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "reference")]

import jinja2_reference  # noqa: E402
from compare_with_jinja2 import Tool, default_folder  # noqa: E402
from conversations import contexts  # noqa: E402

# Differences due to the template: tokens that only one of the two scores.
EXPLAINED = {
    "llava_next": {" "},  # '</s> ' ends a turn; TRL does not score the space
    "phi3": {"</s>"},  # ends every conversation, also after a final tool message, which the template does not render
    "phi3_5": {"</s>"},
    # its turns start and end differently before and after a tool result
    "diffusion_gemma": {"<|tool_response>", "<|turn>model\n", "<turn|>\n", "<|channel>thought\n<channel|>"},
    # a turn ends with the header of the next, which TRL scores; Sift refuses a text turn without an end
    "glm4moe": {"<|observation|>"},
}
EDITED = ("deepseek_r1_distill", "qwen3")
# Only conversations that start with the assistant may be refused here.
NEVER_REFUSED = "cohere cohere2 gemma gemma3 idefics3 lfm2 lfm2_v2 llama3 phi3 phi3_5 qwen2_5 qwen2_5_vl qwen3_vl smolvlm"


def render_all(tool, source, cases, **how):
    answers = []
    for number, context in enumerate(cases):
        request = {"context": context, "now": 0, **how}
        if number == 0:
            request["template"] = source
        tool.process.stdin.write(json.dumps(request).encode() + b"\n")
        tool.process.stdin.flush()
        answers.append(json.loads(tool.process.stdout.readline()))
    return answers


def covered(spans):
    return {position for begin, end in spans for position in range(begin, end)}


def runs(positions):
    """Maximal ranges of consecutive numbers."""
    out = []
    for position in sorted(positions):
        if out and out[-1][1] == position:
            out[-1][1] = position + 1
        else:
            out.append([position, position + 1])
    return out


def cues(template, context):
    """The text of the generation prompt before each assistant message."""
    for index, message in enumerate(context["messages"]):
        if message.get("role") != "assistant":
            continue
        head = {**context, "messages": context["messages"][:index]}
        with_cue = jinja2_reference.render(template, {**head, "add_generation_prompt": True})
        without = jinja2_reference.render(template, {**head, "add_generation_prompt": False})
        if "text" in with_cue and "text" in without and with_cue["text"].startswith(without["text"]):
            yield with_cue["text"][len(without["text"]) :]


def kind_of_edited(ours, theirs):
    if "error" in ours and "error" in theirs:
        return "not rendered"
    return "equal to the letter" if ours == theirs else "DIFFERENT"


def kind_of(name, template, context, plain, ours, theirs):
    if "error" in plain or "error" in theirs:
        return "not rendered"
    if any("tool_responses" in message for message in context["messages"]):
        return "not compared"  # tool results inside an assistant message
    if not any(message.get("role") == "assistant" for message in context["messages"]):
        return "nothing said"
    if "error" in ours:
        first = next(message for message in context["messages"] if message.get("role") != "system")
        begins = first["role"] == "assistant"
        return "UNEXPECTED refusal" if name in NEVER_REFUSED.split() and not begins else "refused"
    if ours["text"] != theirs["text"]:
        return "another text"
    text = ours["text"].encode()
    found, marked = covered(ours["spans"]), covered(theirs["spans"])
    missing = [text[begin:end].decode() for begin, end in runs(marked - found)]
    extra = {text[begin:end].decode() for begin, end in runs(found - marked)}
    if not missing and not extra:
        return "equal"
    if not extra <= EXPLAINED.get(name, set()):
        return "DIFFERENT"
    known = list(cues(template, context)) if missing else []
    explained = EXPLAINED.get(name, set())
    if all(part in explained or any(cue.endswith(part) for cue in known) for part in missing):
        return "explained" if extra else "cue"
    return "DIFFERENT"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--every", type=int, default=1, help="use only every N-th conversation")
    parser.add_argument("--verbose", action="store_true", help="print a line per template")
    options = parser.parse_args()
    folder = default_folder()
    cases = [context for context in contexts() if not context["add_generation_prompt"]][:: options.every]
    tool = Tool(options.tool)
    total = collections.Counter()
    bad = 0
    for path in sorted(folder.glob("*_training.jinja")):
        name = path.name.removesuffix("_training.jinja")
        source = path.with_name(name + ".jinja").read_text(encoding="utf-8")
        template = jinja2_reference.compile_template(source)
        plain = render_all(tool, source, cases)
        ours = render_all(tool, source, cases, **{"training" if name in EDITED else "prefixes": True})
        theirs = render_all(tool, path.read_text(encoding="utf-8"), cases)
        kinds = collections.Counter()
        for case in zip(cases, plain, ours, theirs):
            kind = kind_of_edited(*case[2:]) if name in EDITED else kind_of(name, template, *case)
            if kind.isupper() or kind.startswith("UNEXPECTED"):
                bad += 1
                if kinds[kind] == 0:
                    print(f"--- {name}: {kind}: {json.dumps(case[0])}\nours: {case[2]}\nTRL:  {case[3]}")
            kinds[kind] += 1
        total += kinds
        if options.verbose:
            print(f"{name}: {dict(kinds)}")
    tool.close()
    print(", ".join(f"{count} {kind}" for kind, count in sorted(total.items())))
    if total["equal"] < 10 * 15:  # the comparison is void
        sys.exit("too few conversations were compared")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
