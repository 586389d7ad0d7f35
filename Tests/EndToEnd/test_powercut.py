"""Four power cuts lose nothing that was acknowledged; `Scripts/crash --power-cuts 100` is the long form of it."""

import pathlib
import random
import subprocess
import sys
import unittest


class PowerCutTest(unittest.TestCase):
    def test_power_cuts_lose_nothing(self):
        seed = random.randrange(1 << 30)
        done = subprocess.run(
            [sys.executable, pathlib.Path(__file__).with_name("crash.py"), "--power-cuts", "4", "--seed", str(seed)],
            capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
