"""`throughline prove`: every line passes, and fails in a program from which its protection has been taken."""

import os
import re
import unittest

from server import run

# What is taken away, and the line that must notice it.
PROTECTIONS = {
    "stock.available": "the last unit wanted by 200 clients at once",
    "stock.linesTogether": "two lines of one order that share one item",
    "order.expiry": "a reservation that expires while it is being paid",
    "loyalty.balance": "one balance, 20 redemptions at once",
    "loyalty.captureOnce": "the same hold captured twice",
    "loyalty.refund": "buy, earn, refund",
    "intake.once": "a batch cut off and sent again",
    "cart.ifMatch": "two devices that change one cart",
    "cart.checkout": "a cart changed while it is checked out",
    "identity.meaningless": 'userId: "null"',
}


def prove(*words, **environment):
    done = run("prove", *words, timeout=300, env={**os.environ, **environment})
    rounds = done.stdout.split("with kill -9 in the middle of each:\n")
    lines = [re.findall(r"^(PASS|FAIL|later) +(.*)$", part, re.M) for part in rounds]
    return done, lines


class ProveTest(unittest.TestCase):
    def test_every_line_passes_and_passes_again_under_kills(self):
        done, [whole, killed] = prove()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        passed = [name for told, name in whole]
        self.assertEqual({told for told, _ in whole}, {"PASS"})
        self.assertEqual([name for told, name in killed if told == "PASS"], passed)
        later = [name for told, name in killed if told == "later"]
        self.assertEqual(len(killed), len(passed) + len(later))
        self.assertGreaterEqual(len(passed), 24)
        # What cannot be tried is no PASS.
        self.assertEqual(done.stdout.splitlines()[-1], f"{2 * len(passed)} PASS, 0 FAIL, {len(later)} later")
        self.assertEqual(len(re.findall(r"; killed [1-3] times$", done.stdout, re.M)), len(passed) - 2)
        self.assertLessEqual(set(PROTECTIONS.values()), set(passed))

    def test_each_line_notices_that_its_protection_is_gone(self):
        for protection, line in PROTECTIONS.items():
            with self.subTest(protection):
                done, [whole, _] = prove("--only", line, THROUGHLINE_WITHOUT=protection)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn(("FAIL", line), whole, done.stdout)

    def test_words_of_no_line(self):
        done = run("prove", "--only", "no such line")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no line has these words", done.stderr)
