"""exports.py notices a symbol too many and one too few."""

import pathlib
import tempfile
import unittest

import exports

HEADER = """
class SIFT_API Loss : public Stateful {  // a class
  virtual void compute();
};
struct Input { int rows() const; };
/// Not exported: void hidden(int x);
inline int helper(int x);
at::Tensor token_stats(const Input& input,
                       double scale = {});
"""
EXPORTED = ["sift_run_command", "sift::Loss::~Loss()", "typeinfo for sift::Loss", "sift::Input::rows() const",
            "sift::token_stats(sift::Input const&, double)"]


class Exports(unittest.TestCase):
    def problems(self, exported, needed=()):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "loss.h").write_text(HEADER)
            return exports.problems(exported, needed, pathlib.Path(folder))

    def test_the_sdk_is_right(self):
        self.assertEqual(self.problems(EXPORTED), [])

    def test_a_symbol_of_the_inside(self):
        for extra in ("sift::Trainer::train()", "vtable for sift::Decoder", "std::vector<int>::push_back(int&&)"):
            self.assertEqual(len(self.problems([*EXPORTED, extra])), 1, extra)
        self.assertEqual(self.problems([*EXPORTED, "typeinfo for sift::RowSource"], ["sift::RowSource::~RowSource()"]), [])

    def test_a_symbol_that_a_plugin_would_miss(self):
        self.assertIn("token_stats is declared", self.problems(EXPORTED[:-1])[0])
        self.assertIn("Loss is declared", self.problems([e for e in EXPORTED if "Loss" not in e])[0])


if __name__ == "__main__":
    unittest.main()
