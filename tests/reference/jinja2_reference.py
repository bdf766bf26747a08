"""jinja2 with the settings of transformers for chat templates."""

import datetime
import json

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2024, 7, 26, 12, 30, 45, tzinfo=datetime.timezone.utc)


class GenerationBlocks(jinja2.ext.Extension):
    """{% generation %}: renders its body and records its position in the text."""

    tags = {"generation"}

    def __init__(self, environment):
        super().__init__(environment)
        environment.generation = self
        self.pieces = []
        self.spans = []

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_note"), [], [], body).set_lineno(line)

    def _note(self, caller):
        text = caller()
        start = sum(map(len, self.pieces))
        self.spans.append((start, start + len(text)))
        return text


def _raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def _tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[GenerationBlocks, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = _tojson
    env.globals["raise_exception"] = _raise_exception
    env.globals["strftime_now"] = lambda form: NOW.replace(tzinfo=None).strftime(form)
    return env


def compile_template(source):
    return environment().from_string(source)


def render(template, context):
    """{"text", "spans" in bytes} or {"error"}."""
    note = template.environment.generation
    note.pieces, note.spans = [], []
    try:
        for piece in template.generate(**context):
            note.pieces.append(piece)
        text = "".join(note.pieces)
        text.encode("utf-8")
    except Exception as error:  # any exception of a template is a result
        return {"error": f"{type(error).__name__}: {error}"}
    offsets = [len(text[:i].encode("utf-8")) for span in note.spans for i in span]
    return {"text": text, "spans": [list(pair) for pair in zip(offsets[::2], offsets[1::2])]}


def compile_and_render(source, context):
    try:
        template = compile_template(source)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return render(template, context)
