"""sdk.py detects changes of the headers that affect a plugin, and no others."""

import pathlib
import tempfile
import unittest

import sdk


class Abi(unittest.TestCase):
    def hash_of(self, text, abi=3):
        with tempfile.TemporaryDirectory() as folder:
            headers = pathlib.Path(folder)
            (headers / "version.h").write_text(f"inline constexpr int kPluginAbi = {abi};")
            (headers / "loss.h").write_text(text)
            return sdk.abi_and_hash(headers)

    def test_comments_and_spaces_do_not_count(self):
        self.assertEqual(self.hash_of("struct A { int x; };  ///< text\n"), self.hash_of("/* more */ struct A {\n  int x;\n};"))

    def test_code_counts_and_so_does_text_in_quotes(self):
        plain = self.hash_of('struct A { int x; const char* s = "// a"; };')
        self.assertNotEqual(plain, self.hash_of('struct A { long x; const char* s = "// a"; };'))
        self.assertNotEqual(plain, self.hash_of('struct A { int x; const char* s = "// b"; };'))

    def test_a_change_needs_another_number(self):
        abi, old = self.hash_of("struct A {};")
        _, new = self.hash_of("struct B {};")
        self.assertEqual(sdk.check_abi({abi: old}, abi, old), "")
        self.assertIn("still 3", sdk.check_abi({abi: old}, abi, new))
        self.assertIn("does not know", sdk.check_abi({abi: old}, "4", new))


if __name__ == "__main__":
    unittest.main()
