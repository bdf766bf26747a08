"""Writes tests/fixtures/rows.json: the token ids and labels that the real SFTTrainer makes of single rows, and which
chat templates train the token that ends a turn. Needs trl.

    python make_row_goldens.py
"""

import json
import pathlib
import types

from datasets import IterableDataset
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer
from trl.chat_template_utils import is_chat_template_stop_token_trained

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
MODEL = FIXTURES / "parity" / "models" / "llama"

# Prints all that it gets.
TEMPLATE = """{% if tools %}{{ tools | tojson }}
{% endif %}{% if style is defined %}[{{ style }}]{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'assistant' %}{% generation %}{% if m.thinking is defined %}({{ m.thinking }}){% endif %}\
{% if m.reasoning_content is defined %}<think>{{ m.reasoning_content }}</think>{% endif %}\
{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{{ m.tool_calls }}{% endif %}<|im_end|>{% endgeneration %}

{% else %}{% if m.content is string %}{{ m.content }}{% else %}{{ m.content | tojson }}{% endif %}{{ m.keys() | list }}<|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

HI = {"role": "user", "content": "hi"}
YO = {"role": "assistant", "content": "yo"}
BIG = 123456789012345678901234567890


def calling(**arguments):
    call = {"id": None, "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def tool(**more):
    properties = {"unit": {"type": "string", "default": None, **more}}
    return {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": properties}}}


def thinking(**fields):
    return {**fields, **YO}


def cases():
    """Name, row, options of SFTConfig."""
    yield "nulls in arguments", {"messages": [HI, calling(a=1, unit=None, deep=[None, {"x": None}])]}, {}
    yield "nulls of a message", {"messages": [{**HI, "name": None, "tool_calls": None}, YO]}, {}
    yield "nulls in a content part", {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "n": None}]}, YO]}, {}
    yield "nulls in tools", {"messages": [HI, YO], "tools": [tool()]}, {}
    yield "tools as text", {"messages": [HI, YO], "tools": json.dumps([tool(minimum=BIG)])}, {}
    yield "tools null", {"messages": [HI, YO], "tools": None}, {}
    yield "tools the text null", {"messages": [HI, YO], "tools": "null"}, {}
    yield "no tools", {"messages": [HI, YO], "tools": []}, {}
    yield "variables", {"messages": [HI, YO], "chat_template_kwargs": {"style": None}}, {}
    yield "a variable that is a big integer", {"messages": [HI, YO], "chat_template_kwargs": {"style": -BIG}}, {}
    for number in (BIG, -BIG, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**300):
        yield f"the integer {number}", {"messages": [HI, calling(n=number, of=[number])]}, {}
    for field in ("reasoning_content", "thinking", "reasoning"):
        said = thinking(**{field: "hm"})
        yield f"thinking under {field}", {"messages": [HI, said]}, {}
        yield f"thinking under {field}, masked", {"messages": [HI, said, HI, said]}, {"assistant_only_loss": True}
        yield f"thinking under {field} in a completion", {"prompt": [HI], "completion": [said]}, {}
        yield f"thinking under {field} in a prompt", {"prompt": [HI, said, HI], "completion": [YO]}, {}
    yield "thinking twice", {"messages": [HI, thinking(thinking="a", reasoning="b")]}, {}
    yield "thinking three times", {"messages": [HI, thinking(reasoning="c", thinking="a", reasoning_content="b")]}, {}
    yield "thinking null", {"messages": [HI, thinking(reasoning_content=None, thinking=None, reasoning="c")]}, {}
    yield "thinking empty", {"messages": [HI, thinking(reasoning_content="", reasoning="c")]}, {}
    yield "thinking of a user", {"messages": [{**HI, "reasoning": "u"}, YO]}, {}
    yield "ShareGPT", {"conversations": [{"from": "user", "value": "hi"}, {"from": "assistant", "value": "yo"}]}, {}
    pair = {"prompt": "What? ", "completion": "That."}
    yield "a pair", pair, {}
    yield "a pair beside messages", {**pair, "messages": [HI, YO]}, {}
    yield "a pair of messages beside messages", {"messages": [HI], "prompt": [HI], "completion": [YO]}, {}
    yield "an empty completion", {"prompt": "What? ", "completion": ""}, {}
    yield "an empty completion after the end token", {"prompt": "What?<|im_end|>", "completion": ""}, {}
    yield "an end token across the border", {"prompt": "What?<|im_", "completion": "end|>"}, {}
    yield "a completion with its end token", {"prompt": "What? ", "completion": "That.<|im_end|>"}, {}
    yield "an empty text", {"text": ""}, {}
    ids = {"input_ids": [5, 6, 7, 8]}
    mask = {"completion_mask": [0, 0, 1, 1]}
    flags = {"completion_mask": [False, False, True, True]}
    yield "a mask that is not asked for", {**ids, **mask}, {}
    yield "a mask that is refused", {**ids, **mask}, {"completion_only_loss": False}
    yield "a mask that is asked for", {**ids, **mask}, {"completion_only_loss": True}
    yield "flags that are not asked for", {**ids, **flags}, {}
    yield "flags that are asked for", {**ids, **flags}, {"completion_only_loss": True}
    yield "flags of the assistant", {**ids, "assistant_masks": [True, False, True, False]}, {}
    yield "both masks", {**ids, **mask, "assistant_masks": [1, 0, 1, 0]}, {"completion_only_loss": True}
    yield "ids beside a pair", {**ids, **mask, **pair}, {}
    yield "labels beside a mask", {**ids, **mask, "labels": [-100, 6, 7, 8]}, {"completion_only_loss": True}
    for wrong in ({"f": 1}, [1], ["f"], [None], "not JSON", '{"f": 1}', '"text"', "1", ""):
        yield f"tools that are {wrong!r}", {"messages": [HI, YO], "tools": wrong}, {}
    yield "variables as text", {"messages": [HI, YO], "chat_template_kwargs": "{}"}, {}
    yield "no messages", {"messages": []}, {}


def prepared(row, options, tokenizer):
    args = SFTConfig(output_dir="unused", max_length=None, bf16=False, **options)
    only = args.completion_only_loss
    trainer = types.SimpleNamespace(
        _tokenizer=tokenizer,
        chat_template=None,
        completion_only_loss="prompt" in row and "completion" in row if only is None else only,
    )
    data = IterableDataset.from_generator(lambda: iter([json.loads(json.dumps(row))]))
    result = SFTTrainer._prepare_dataset(trainer, data, tokenizer, args, False, None, "train")
    return next(iter(result))


def golden(name, row, options, tokenizer):
    case = {"name": name, "row": json.dumps(row), "options": options}
    try:
        made = prepared(row, options, tokenizer)
    except Exception as error:
        return {**case, "error": f"{type(error).__name__}: {error}".partition("\n")[0][:200]}
    return {**case, "input_ids": made["input_ids"], "labels": made["labels"]}


TURN = "{% for m in messages %}{% if m.role == 'assistant' %}<|im_start|>assistant\n"
OTHERS = "{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}"
STOPS = [
    TEMPLATE,
    TURN + "{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}\n" + OTHERS,
    TURN + "{% generation %}{{ m.content }}<|im_end|>\n{% endgeneration %}" + OTHERS,
    TURN + "{% generation %}{{ m.content }}{% endgeneration %}<|im_end|>\n" + OTHERS,
    TURN + "{% generation %}{{ m.content }}\n{% endgeneration %}" + OTHERS,
    TURN + "{% generation %}{% endgeneration %}{{ m.content }}<|im_end|>" + OTHERS,
    "{{ raise_exception('no') }}{% generation %}{% endgeneration %}",
]


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    tokenizer.chat_template = TEMPLATE
    rows = [golden(*case, tokenizer) for case in cases()]
    stops = [
        {"template": template, "trained": is_chat_template_stop_token_trained(tokenizer, template)}
        for template in STOPS
    ]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    stop_lines = ",\n  ".join(json.dumps(stop) for stop in stops)
    text = f'{{"template": {json.dumps(TEMPLATE)},\n "rows": [\n  {lines}],\n "stop_tokens": [\n  {stop_lines}]}}\n'
    (FIXTURES / "rows.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
