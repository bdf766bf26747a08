"""floors.py detects forbidden includes."""

import pathlib
import tempfile
import unittest

import floors


class Upward(unittest.TestCase):
    def faults(self, files):
        with tempfile.TemporaryDirectory() as folder:
            core = pathlib.Path(folder)
            for name, text in {"base/text.h": "", "data/rows.h": "", "include/sift/loss.h": "", **files}.items():
                (core / name).parent.mkdir(parents=True, exist_ok=True)
                (core / name).write_text(text)
            return floors.upward(core=core)

    def test_downwards_is_fine(self):
        self.assertEqual(self.faults({"data/rows.cpp": '#include <sift/loss.h>\n#include "base/text.h"\n#include <vector>\n'}), [])

    def test_upwards_is_not(self):
        self.assertEqual(self.faults({"base/text.cpp": '#include "data/rows.h"\n'}),
                         ["base/text.cpp: includes data/rows.h, which is a floor above"])

    def test_the_template_language_stands_alone(self):
        (fault,) = self.faults({"jinja/parser.cpp": '#include "formats/json.h"\n', "formats/json.h": ""})
        self.assertIn("jinja/ may include only", fault)

    def test_unknown_folders_and_headers(self):
        self.assertIn("no floor", self.faults({"attic/box.h": ""})[0])
        self.assertIn("no header of core", self.faults({"data/rows.cpp": '#include "data/gone.h"\n'})[0])

    def test_the_whole_configuration_is_for_few(self):
        files = {"config/config.h": "", "train/run.cpp": '#include "config/config.h"\n', "app/train.cpp": '#include "config/config.h"\n'}
        self.assertEqual(self.faults(files), [])
        (fault,) = self.faults({**files, "train/trainer.h": '#include "config/config.h"\n'})
        self.assertEqual(fault, "train/trainer.h: includes config/config.h; take the options of this part instead")

    def test_c10d_is_for_parallel(self):
        text = "#include <torch/csrc/distributed/c10d/Store.hpp>\n"
        self.assertEqual(self.faults({"parallel/group.cpp": text}), [])
        self.assertIn("c10d", self.faults({"train/loop.cpp": text})[0])


if __name__ == "__main__":
    unittest.main()
