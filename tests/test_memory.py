"""A large file costs little memory, on the way up: it is streamed, never held."""

import subprocess
import sys

MEGABYTES = 150  # enough to tell a copy from a stream, quick enough for every run
GROWTH_MB = 32  # what a 500 MB file may cost

CHILD = """
import resource, sys
import nbfiles

def peak():  # megabytes; Linux counts in kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

nbfiles.upload("small.bin")  # imports the SDK and starts the server
before = peak()
nbfiles.upload("large.bin")
sys.stderr.write(f"grown {peak() - before:.1f}")
"""


def test_an_upload_does_not_hold_the_file(tmp_path):
    (tmp_path / "small.bin").write_bytes(b"\0x")
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(MEGABYTES * 10**6)
    child = subprocess.run([sys.executable, "-c", CHILD], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "uploaded" in child.stdout
    assert float(child.stderr.split("grown ")[1]) < GROWTH_MB
