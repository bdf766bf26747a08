"""check.py detects failures and survives them."""

import json
import pathlib
import sys
import tempfile
import time
import unittest

import check
import correctness
import harness
import speed

LOG = [{"step": 1, "loss": 2.0, "grad_norm": 1.0, "num_tokens": 100.0, "epoch": 0.5}]


class Differences(unittest.TestCase):
    def test_rounding_passes(self):
        ours = [{**LOG[0], "loss": 2.0 * (1 + 1e-5)}]
        self.assertAlmostEqual(correctness.differences("run", ours, LOG)["loss"], 1e-5, delta=1e-9)

    def test_a_loss_that_is_off_fails(self):
        for loss in (2.0 * (1 + 3e-5), float("nan"), float("inf")):
            with self.assertRaisesRegex(harness.Failure, "run, step 1: loss is"):
                correctness.differences("run", [{**LOG[0], "loss": loss}], LOG)

    def test_counts_must_be_equal(self):
        with self.assertRaisesRegex(harness.Failure, "num_tokens is 101.0, TRL has 100.0"):
            correctness.differences("run", [{**LOG[0], "num_tokens": 101.0}], LOG)

    def test_a_missing_entry_or_value_fails(self):
        with self.assertRaisesRegex(harness.Failure, "0 entries"):
            correctness.differences("run", [], LOG)
        with self.assertRaisesRegex(harness.Failure, "has no grad_norm"):
            correctness.differences("run", [{k: v for k, v in LOG[0].items() if k != "grad_norm"}], LOG)


class Steps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name)
        self.context = harness.Context("cpu", self.out, self.out, self.out, 60)
        self.addCleanup(self.context.log.close)
        self.results = harness.Results(self.context, [])

    def run_step(self, function, limit=60):
        status = check.run_step(self.context, self.results, "step", limit, function)
        written = json.loads((self.out / "results.json").read_text())["steps"][-1]
        self.assertEqual(written["status"], status)
        return written

    def python(self, code):
        return lambda context, found: context.run([sys.executable, "-c", code], "python")

    def test_what_a_step_found_is_written_at_once(self):
        def step(context, found):
            found["lines"] = ["two is 2"]
        self.assertEqual(self.run_step(step)["status"], "passed")
        self.assertIn("two is 2", (self.out / "table.txt").read_text())

    def test_a_program_that_fails_fails_the_step(self):
        found = self.run_step(self.python("import sys; print('wrong thing'); sys.exit(3)"))
        self.assertEqual(found["status"], "FAILED")
        self.assertIn("exit status 3: wrong thing", found["message"])

    def test_a_step_ends_with_its_time(self):
        start = time.monotonic()
        self.assertEqual(self.run_step(self.python("import time; time.sleep(60)"), limit=0.5)["status"], "out of time")
        self.assertLess(time.monotonic() - start, 20)

    def test_too_little_memory_is_a_result(self):
        found = self.run_step(self.python("import sys; print('sift: CUDA out of memory. Tried'); sys.exit(1)"))
        self.assertEqual(found["status"], "does not fit")
        result = speed.fits(lambda: self.python("raise MemoryError('out of memory')")(self.context, {}))
        self.assertIn("out of memory", result["does_not_fit"])

    def test_a_fault_of_the_check_does_not_end_it(self):
        self.assertIn("KeyError", self.run_step(lambda context, found: {}["nothing"])["message"])


class Measured(unittest.TestCase):
    def test_tokens_a_second_leave_the_warm_up_out(self):
        times = [(step, step + (50 if step == 1 else 1), 100 * (step + 1), 7) for step in range(speed.STEPS)]
        context = type("Context", (), {"measured": {}})()
        result = speed.measured(context, "qwen", None, 0.0, times)
        self.assertAlmostEqual(result["tokens_per_s"], 100)
        self.assertEqual(result["peak_bytes"], 7)


if __name__ == "__main__":
    unittest.main()
