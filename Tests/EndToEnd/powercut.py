"""A disk that keeps of a server's directory what was made durable (powercut.c), and the power cut that shows it."""

import os
import pathlib
import shutil
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).with_name("powercut.c")


def build(directory):
    """Compiles the library into `directory` and returns its path."""
    library = pathlib.Path(directory) / "powercut.so"
    compiler = shutil.which("cc") or shutil.which("clang")
    assert compiler, "neither cc nor clang is there to compile powercut.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, SOURCE], check=True)
    return library


class Disk:
    """The disk under one directory, on which everything is durable that stands there now."""

    def __init__(self, library, data):
        self.library, self.data = library, pathlib.Path(data)
        # Beside it, because the library links files of one into the other.
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="disk-", dir=self.data.parent))
        entries = [(entry, entry.stat()) for entry in self.data.iterdir() if entry.is_file()]
        (self.path / "names").write_text(
            "".join(f"{status.st_ino} {status.st_mode & 0o777:o} {entry.name}\n" for entry, status in entries))

    def environment(self, luck=None, fail=None):
        """What a server is started with whose writes go to this disk."""
        settings = {"LD_PRELOAD": str(self.library), "POWERCUT_DATA": str(self.data), "POWERCUT_DISK": str(self.path)}
        if luck:
            settings["POWERCUT_LUCK"] = f"{luck[0]}:{luck[1]}"
        if fail:
            settings["POWERCUT_FAIL"] = f"{fail[0]}:{fail[1]}"
        return settings

    def cut(self):
        """Leaves in the directory what is on the disk; nobody may have anything open in it."""
        after = self.data.with_name(self.data.name + ".after")
        after.mkdir(mode=0o700)
        for line in (self.path / "names").read_text().splitlines():
            inode, mode, name = line.split(" ", 2)
            if name.endswith("-shm"):
                continue
            kept, file = self.path / inode, after / name
            # Whoever was never opened under the library is as he was; whoever was never synced is empty.
            untouched = self.data / name
            if kept.exists():
                shutil.copyfile(kept, file)
            elif untouched.exists() and untouched.stat().st_ino == int(inode):
                shutil.copyfile(untouched, file)
            else:
                file.touch()
            file.chmod(int(mode, 8))
        shutil.rmtree(self.data)
        shutil.rmtree(self.path)
        os.rename(after, self.data)
