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


def write(name, rows, schema=None, extra=None, **options):
    """`extra`: columns of the .parquet file only."""
    rows = list(rows)
    table = pyarrow.Table.from_pylist(rows, schema=schema)
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
    write("prices", [{"price": 1.5}, {"price": 2.5}])
    write("no_rows", [], pyarrow.schema([("text", strings)]))


if __name__ == "__main__":
    main()
