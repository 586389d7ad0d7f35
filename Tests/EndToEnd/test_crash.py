"""Seven kills in the middle of load lose nothing; `Scripts/crash --kills 100` is the long form of it."""

import pathlib
import random
import subprocess
import sys
import unittest


class CrashTest(unittest.TestCase):
    def test_kills_lose_nothing(self):
        seed = random.randrange(1 << 30)
        done = subprocess.run(
            [sys.executable, pathlib.Path(__file__).with_name("crash.py"), "--kills", "7", "--seed", str(seed)],
            capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
