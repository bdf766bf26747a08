"""Writes tests/fixtures/jinja/goldens.json: small templates and their output from jinja2.

    python make_jinja_goldens.py OUT.json

Each case is {"template", "text", "spans"} or {"template", "error"}; its "context" and "spans" are left out
where they are the common context and empty. The clock stands still at "now".
"""

import json
import sys

from jinja2_reference import NOW, compile_and_render
from jinja_cases import CASES, CONTEXT

out = []
for case in CASES:
    source, context = case if isinstance(case, tuple) else (case, CONTEXT)
    answer = compile_and_render(source, context)
    if not answer.get("spans"):
        answer.pop("spans", None)
    own_context = {} if context is CONTEXT else {"context": context}
    out.append({"template": source, **own_context, **answer})
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(f'{{"now": {int(NOW.timestamp())},\n "context": {json.dumps(CONTEXT)},\n "cases": [\n')
    file.write(",\n".join(json.dumps(case) for case in out))
    file.write("\n]}\n")
print(len(out), "cases,", sum("error" in case for case in out), "of them errors")
