"""names.py finds a type that two headers define."""

import pathlib
import tempfile
import unittest

import names


class DefinedTwice(unittest.TestCase):
    def found(self, **headers):
        with tempfile.TemporaryDirectory() as folder:
            core = pathlib.Path(folder)
            for name, text in headers.items():
                (core / f"{name}.h").write_text(text)
            return names.defined_twice(core)

    def test_in_one_namespace(self):
        text = "namespace sift {\nstruct Piece {\n};\n}\n"
        self.assertEqual(self.found(one=text, two=text), ["sift::Piece: one.h, two.h"])
        self.assertEqual(self.found(one=text, two=text.replace("struct Piece", "class Piece final : public Base")),
                         ["sift::Piece: one.h, two.h"])

    def test_in_two_namespaces_or_only_declared(self):
        text = "namespace sift {\nstruct Piece {\n};\n}\n"
        self.assertEqual(self.found(one=text, two=text.replace("sift", "sift::text"), three="namespace sift {\nstruct Piece;\n}\n"), [])


if __name__ == "__main__":
    unittest.main()
