"""Conversations of every form that chat templates distinguish."""

import itertools

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a <city> & more",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "A city, say \"K\u00f6ln\""},
                "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
                "days": {"type": ["integer", "null"], "description": "How many", "nullable": True},
                "place": {
                    "type": "object",
                    "description": "Where",
                    "properties": {
                        "lat": {"type": "number"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                    "required": ["lat"],
                },
                "either": {"oneOf": [{"type": "string"}, {"type": "integer", "description": "n"}]},
            },
            "required": ["city"],
        },
        "return": {"type": "object", "properties": {"sky": {"type": "string"}}},
    },
}
NO_PARAMETERS = {
    "type": "function",
    "function": {
        "name": "now",
        "description": "The time\nof day",
        "parameters": {"type": "object", "properties": {}},
    },
}
BARE = {
    "name": "bare",
    "description": "Not wrapped",
    "parameters": {"type": "object", "properties": {"x": {"type": "number"}}},
}
FLAT = {
    "type": "function",
    "name": "flat",
    "description": "Flat",
    "parameters": {"type": "object", "properties": {"y": {"type": "boolean"}}, "required": ["y"]},
}


def call(name, arguments, with_id=True, wrapped=True):
    function = {"name": name, "arguments": arguments}
    if not wrapped:
        return function
    out = {"type": "function", "function": function}
    return {"id": "call_00001"[:9], **out} if with_id else out


def user(text="Hi there"):
    return {"role": "user", "content": text}


def said(text="Hello!", **more):
    return {"role": "assistant", "content": text, **more}


def parts(*texts):
    return [{"type": "text", "text": text} for text in texts]


IMAGE = {"type": "image"}
IMAGE_URL = {"type": "image_url", "image_url": {"url": "x.png"}}
ARGS = {"city": "Zürich", "days": 3, "place": {"lat": 47.5, "tags": ["a", 'b"c']}, "flag": True, "none": None}


def message_lists():
    tool_call = said("", tool_calls=[call("get_weather", ARGS)])
    result = {"role": "tool", "content": '{"sky": "blue"}', "tool_call_id": "call_0000", "name": "get_weather"}
    yield []
    yield [user()]
    yield [user(), said()]
    yield [user(), said(), user("And?\n"), said("  padded  \n\n"), user("x"), said("")]
    yield [user("  lead and trail \n"), said("\n\nline\r\nnext\t")]
    yield [user(""), said("")]
    yield [user("\u00e9\u4e2d\U0001f600\u200b\u00a0'\"\\ <b>&amp;"), said("\u00df\u0130 \U0001f469\u200d\U0001f680")]
    yield [user("{{ 7 * 7 }}{% if x %}"), said("{# no #}</s><|im_end|>")]
    yield [said()]
    yield [user(), user("again"), said()]
    yield [user(), said(), said("twice")]
    yield [{"role": "developer", "content": "Be brief"}, user(), said()]
    yield [{"role": "unknown", "content": "?"}, user()]
    yield [user(), {"role": "assistant", "content": None}]
    yield [user(), {"role": "assistant"}]
    yield [{"content": "no role"}]
    yield [user(), {"role": "system", "content": "late"}, said()]
    yield [user("/no_think hello"), said("<think>\n\n</think>\n\nok"), user("/think"), said("fine")]
    yield [user(), said("<think>\nLet me see.\n</think>\n\nDone."), user("more"), said("<think>\nx\n</think>\n\nEnd")]
    yield [user(), said("Answer", reasoning_content="Because\n"), user(), said("Again", reasoning_content="So")]
    yield [user(), said("Answer", reasoning_content="")]
    yield [user(), said("Answer", reasoning="R"), user(), said("B", thinking="T")]
    yield [user(), said("Answer", thinking="Hmm"), user(), said("B")]
    yield [user(parts("One", "two")), said(parts("Three"))]
    yield [user([IMAGE, *parts("What is it?")]), said(parts("A cat"))]
    yield [user([*parts("See"), IMAGE_URL, {"type": "video"}, {"type": "audio"}]), said("ok")]
    yield [user([{"image": "x"}, {"text": "t"}]), said(parts("a", "b"))]
    yield [user([]), said([])]
    yield [user(["plain", "strings"]), said("x")]
    yield [user(), tool_call, result, said("It is blue.")]
    yield [user(), tool_call, result, {**result, "content": "second"}, said("Both."), user("thanks"), said("np")]
    yield [user(), said(None, tool_calls=[call("get_weather", ARGS), call("now", {})]), result, result]
    yield [user(), said("Let me look.", tool_calls=[call("get_weather", ARGS, with_id=False)]), result]
    yield [user(), said("", tool_calls=[call("get_weather", '{"city": "Bern"}')]), result, said("ok")]
    yield [user(), said("", tool_calls=[call("get_weather", ARGS, wrapped=False)]), result, said("ok")]
    yield [user(), {"role": "assistant", "tool_calls": [call("now", {})]}, {"role": "tool", "content": "12"}]
    yield [user(), tool_call, {"role": "tool", "content": parts("a", "b")}, said("ok")]
    yield [user(), tool_call, {"role": "tool", "content": {"sky": "blue", "n": [1, 2.5, None]}}, said("ok")]
    yield [user(), said("T", thinking="why", tool_calls=[call("now", {"deep": {"er": [1, {"x": "y"}]}})]), result]
    yield [user(), said("", reasoning_content="r", tool_calls=[call("now", {})]), result, said("f", reasoning_content="q")]
    yield [user(), said("", tool_calls=[])]
    yield [user(), tool_call, result, user("interrupt"), said("done")]
    yield [result, user()]
    yield [user(), said("x", name="bob"), {"role": "user", "content": "y", "name": "al"}]
    yield [user(), {"role": "ipython", "content": "1"}, {"role": "environment", "content": "2"}, said("z")]
    yield [user(), said("A", tool_responses=[{"name": "now", "response": {"t": 1}}], tool_calls=[call("now", {})])]
    yield [user("x"), said("y", content_blocks=[1]), user({"a": 1})]
    yield [user("t " * 50), said("u\n" * 30)]


SYSTEMS = (
    None,
    "You are kind.",
    "",
    "  Spaces \n",
    parts("Part one", "part two"),
    "detailed thinking on /think Reasoning: high",
)
TOOLS = (None, [], [WEATHER, NO_PARAMETERS], [BARE], [FLAT, WEATHER])
KWARGS = (
    {},
    {"enable_thinking": True},
    {"enable_thinking": False},
    {"reasoning_effort": "high", "model_identity": "I am Sift.", "builtin_tools": ["browser", "python"]},
    {"thinking": True, "preserve_thinking": True, "clear_thinking": False, "truncate_history_thinking": False},
    {"date_string": "1 Jan 2020", "tools_in_user_message": False, "add_vision_id": True, "keep_past_thinking": True},
    {"custom_tools": [WEATHER], "documents": [{"title": "T", "text": "Body"}], "safety_mode": "STRICT"},
    {"strict": True, "add_thoughts": True, "low_effort": True, "medium_effort": True, "force_nonempty_content": True},
    {"reasoning_effort": "low", "enable_thinking": True, "low_effort": True},
    {"reasoning_effort": None, "thinking_budget": 100, "max_thinking_tokens": 5, "preserve_reasoning": False},
)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def contexts():
    """Every conversation with every single setting changed, and some with several."""
    for index, messages in enumerate(message_lists()):
        for number, (system, tools) in enumerate(itertools.product(SYSTEMS, TOOLS)):
            head = [] if system is None else [{"role": "system", "content": system}]
            kwargs = KWARGS[(index + number) % len(KWARGS)]
            for generate in (False, True):
                yield {
                    "messages": head + messages,
                    "tools": tools,
                    "documents": None,
                    "add_generation_prompt": generate,
                    **TOKENS,
                    **kwargs,
                }
        for kwargs in KWARGS:
            yield {
                "messages": messages,
                "tools": TOOLS[2] if index % 2 else None,
                "documents": None,
                "add_generation_prompt": index % 3 == 0,
                **TOKENS,
                **kwargs,
            }
