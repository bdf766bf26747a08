"""Writes tests/fixtures/parquet: the same rows as NAME.parquet and NAME.jsonl. Needs pyarrow.

    python make_parquet_fixtures.py
"""

import decimal
import json
import pathlib

import pyarrow
import pyarrow.parquet

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "parquet"

TOOLS = [
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object"}}},
    {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "required": ["a", "b"]}}},
]


def user(text):
    return {"role": "user", "content": text}


def said(text, **more):
    return {"role": "assistant", "content": text, **more}


def call(name, **arguments):
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def chats():
    for number in range(7):
        yield {
            "messages": [
                *([{"role": "system", "content": "Be brief."}] if number % 2 else []),
                user(f"What is {number} + 1? \u00e9\u4e2d\U0001f600 \"quoted\" \\ \n\ttab"),
                said("", tool_calls=[call("add", a=number, b=1.0)] + ([call("now", exact=True)] if number > 4 else [])),
                {"role": "tool", "content": str(number + 1)},
                said(f"It is {number + 1}."),
            ]
        }


def texts():
    for number in range(10):
        yield {"text": f"Line {number} of a plain text"}


def prompts():
    for number in range(5):
        yield {"prompt": f"{number} squared is ", "completion": f"{number * number}."}


def prompt_chats():
    for number in range(5):
        yield {"prompt": [user(f"{number} squared?")], "completion": [said(f"{number * number}.")]}


def tokens():
    for number in range(6):
        ids = list(range(5, 10 + number))
        yield {"input_ids": ids, "labels": [-100, -100, *ids[2:]]}


def masks():
    for number in range(6):
        ids = list(range(5, 10 + number))
        yield {
            "input_ids": ids,
            "completion_mask": [0] + [1] * (len(ids) - 1),
            "assistant_masks": [1] * (len(ids) - 1) + [0],
        }


def calls_with_nulls():
    """Rows whose nulls are data, with an integer that no column of numbers holds."""
    for number in range(5):
        messages = [
            user("Now?"),
            said("", tool_calls=[call("now", zone=None, at=[None, number]), call("add", a=10**20 + number)]),
            {"role": "tool", "content": [{"type": "text", "text": "noon", "page": None}]},
            said("Noon."),
        ]
        schema = {"type": "object", "properties": {"zone": {"type": "string", "default": None}}}
        yield {"messages": messages, "tools": [{"type": "function", "function": {"name": "now", "parameters": schema}}]}


def as_json(values, of=pyarrow.string()):
    return pyarrow.ExtensionArray.from_storage(pyarrow.json_(of), pyarrow.array(map(json.dumps, values), of))


def json_table(rows):
    """As `datasets` 4.8 and newer write such rows: lists of JSON, and JSON inside structs."""
    lengths = [len(row["messages"]) for row in rows]
    offsets = pyarrow.array([sum(lengths[:i]) for i in range(len(rows) + 1)], pyarrow.int32())
    messages = as_json([message for row in rows for message in row["messages"]])
    functions = [row["tools"][0]["function"] for row in rows]
    names = pyarrow.array([function["name"] for function in functions])
    parameters = as_json([function["parameters"] for function in functions], pyarrow.large_string())
    nothing = pyarrow.nulls(len(rows), pyarrow.string())
    function = pyarrow.StructArray.from_arrays([names, nothing, parameters], ["name", "description", "parameters"])
    tools = pyarrow.StructArray.from_arrays([pyarrow.array(["function"] * len(rows)), function], ["type", "function"])
    one_each = pyarrow.array(range(len(rows) + 1), pyarrow.int32())
    columns = {
        "messages": pyarrow.ListArray.from_arrays(offsets, messages),
        "tools": pyarrow.ListArray.from_arrays(one_each, tools),
    }
    return pyarrow.table(columns)


def write(name, rows, schema=None, extra=None, table=None, **options):
    """`extra`: columns of the .parquet file only. `table`: the rows as a table, if it is not the usual one."""
    rows = list(rows)
    table = pyarrow.Table.from_pylist(rows, schema=schema) if table is None else table
    for key, column in (extra or {}).items():
        table = table.append_column(key, column)
    pyarrow.parquet.write_table(table, FOLDER / f"{name}.parquet", **options)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (FOLDER / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    strings, large = pyarrow.string(), pyarrow.large_string()
    write("chats", ({**row, "tools": TOOLS} for row in chats()), row_group_size=3, compression="zstd")
    as_text = json.dumps(TOOLS)
    write("tools_as_text", ({**row, "tools": as_text} for row in chats()), compression="gzip")
    decimals = pyarrow.array([decimal.Decimal("1.50")] * 10)
    write("texts", texts(), pyarrow.schema([("text", large)]), {"price": decimals}, row_group_size=4)
    words = pyarrow.schema([("prompt", pyarrow.dictionary(pyarrow.int32(), strings)), ("completion", strings)])
    write("prompts", prompts(), words, compression="none")
    write("prompt_chats", prompt_chats(), compression="brotli")
    write("tokens", tokens(), pyarrow.schema([(key, pyarrow.list_(pyarrow.int32())) for key in ("input_ids", "labels")]))
    lists = {"input_ids": pyarrow.int64(), "completion_mask": pyarrow.int8(), "assistant_masks": pyarrow.uint8()}
    write("masks", masks(), pyarrow.schema([(key, pyarrow.large_list(item)) for key, item in lists.items()]))
    calls = list(calls_with_nulls())
    write("calls", calls, table=json_table(calls))
    # as other programs write it: Parquet's own type JSON
    write("calls_of_others", calls, table=json_table(calls), store_schema=False)
    broken = pyarrow.ExtensionArray.from_storage(pyarrow.json_(), pyarrow.array(['[{"role": "user"}], "text": "x"']))
    write("broken_json", [], table=pyarrow.table({"messages": broken}))
    write("images", [], table=pyarrow.table({"text": ["a"], "images": [[b"png"]]}))
    write("prices", [{"price": 1.5}, {"price": 2.5}])
    write("no_rows", [], pyarrow.schema([("text", strings)]))


if __name__ == "__main__":
    main()
