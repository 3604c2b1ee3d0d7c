"""What code in the sandbox can reach and take, tried from inside, with each mechanism that works on this machine.

docs/security.md has the table that a reader sees; the tries are the same.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from nbfiles.server.confinement import landlock, seccomp
from nbfiles.server.confinement.command import Mechanism, TreeLimits
from nbfiles.server.confinement.disk_usage import DiskWatch
from nbfiles.server.confinement.mechanisms import best, confinement, works
from nbfiles.server.engines.programs import Program
from nbfiles.server.engines.sandbox import folders, fonts
from nbfiles.server.engines.sandbox.container import CellLimits, CellStopped, Container
from nbfiles.server.engines.sandbox.container_files import ContainerFiles
from nbfiles.server.messages.query import DataFile
from tests.server.inside import SECRET, TRIES, targets
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SUPERVISED = [Mechanism.BUBBLEWRAP, Mechanism.LANDLOCK, Mechanism.PLAIN]
MEGABYTE = 1024**2

pytestmark = pytest.mark.skipif(not works(Mechanism.PLAIN), reason="code is confined on Linux only")


@pytest.fixture(params=SUPERVISED)
def mechanism(request):
    if not works(request.param):
        pytest.skip(f"{request.param} does not work here")
    return request.param


@pytest.fixture
def open_box(tmp_path, mechanism):
    with ExitStack() as boxes:

        def open_one(name="box", **tree):
            turns = threading.BoundedSemaphore(1)
            limits = CellLimits(tree=TreeLimits(**tree))
            box = Container(name, tmp_path / name, tmp_path / "cache", turns, limits, mechanism)
            return boxes.enter_context(closing(box))

        yield open_one


def run(box, code):
    return box.run(code, threading.Event())


def documented():
    """Return what docs/security.md says: try → words for bubblewrap, Landlock, plain Linux."""
    lines = (ROOT / "docs/security.md").read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("| code tries to"))
    end = lines.index("", begin)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[begin + 2 : end]]
    return {name: dict(zip(SUPERVISED, cells, strict=True)) for name, *cells in rows}


def test_code_reaches_what_the_security_page_says_and_nothing_else(open_box, mechanism, tmp_path):
    with targets(tmp_path / "elsewhere") as inputs:
        reached = open_box().ask(Program(TRIES, inputs), threading.Event())["result"]
    expected = {name: cells[mechanism] != "refused" for name, cells in documented().items() if name in reached}
    assert reached.keys() == expected.keys()
    unknown = _depends_on_this_machine(mechanism)
    assert {name for name in reached if reached[name] and not expected[name]} <= unknown
    # More may be refused than is listed: root without its privileges cannot look into other programs of root.
    assert os.getuid() == 0 or {name for name in reached if expected[name] and not reached[name]} <= unknown


def _depends_on_this_machine(mechanism):
    old = mechanism is Mechanism.LANDLOCK and landlock.abi() < landlock.SCOPES_SINCE
    unknown = {"send the kernel a signal", "signal what watches it"} if old else set()
    if mechanism is Mechanism.PLAIN and os.getuid() == 0:
        unknown |= {"change a setting of the system"}
    if not seccomp.supported():
        unknown |= {name for name in documented() if re.search("socket|kernel|limit|shared|attributes|notice", name)}
    return unknown


ORDINARY = """
import asyncio, os, resource, shutil, signal, subprocess, threading
resource.setrlimit(resource.RLIMIT_CORE, resource.prlimit(0, resource.RLIMIT_CORE))
os.nice(1)
os.sched_setaffinity(0, os.sched_getaffinity(0))
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
asyncio.run(asyncio.to_thread(int))
open("a", "w").close()
shutil.copy2("a", "b")
codes = [subprocess.run(command).returncode for command in (["nice", "cp", "-p", "a", "c"], ["true"])]
"""


def test_what_a_program_does_to_itself_goes_on(open_box):
    assert run(open_box(), f"{ORDINARY}codes")["stdout"] == "[0, 0]\n"


# Runs a function in a process whose first thread has ended, which /proc shows as a zombie.
IN_A_ZOMBIE = """
import ctypes, os, threading
def in_a_zombie(hold):
    if os.fork() == 0:
        os.setsid()
        threading.Thread(target=hold).start()
        ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
"""

# Each is bounded by itself, too: it would end after a minute.
TOO_MUCH = {
    "processes": (
        """
        import subprocess
        for _ in range(400):
            subprocess.Popen(["sleep", "60"])
        """,
        {"processes": 40},
        "more processes than",
    ),
    "memory": (
        """
        import os
        for _ in range(6):
            if os.fork() == 0:
                taken = b"x" * 60_000_000
                time.sleep(60)
        """,
        {"memory": 200 * MEGABYTE},
        "more memory than",
    ),
    "disk": (
        """
        for n in range(12):
            open(str(n), "wb").write(bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
    "disk by files without a name": (
        """
        import os
        kept = [open(str(n), "wb", 0) for n in range(12)]
        for n, file in enumerate(kept):
            os.unlink(str(n))
            file.write(bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
    "memory of a process whose first thread has ended": (
        IN_A_ZOMBIE
        + """
def hold():
    taken = []
    for _ in range(80):
        taken.append(b"x" * 5_000_000)
        time.sleep(0.01)
    time.sleep(60)
in_a_zombie(hold)
""",
        {"memory": 200 * MEGABYTE},
        "more memory than",
    ),
    "disk by files without a name, of a process whose first thread has ended": (
        IN_A_ZOMBIE
        + """
def hold():
    file = open("a", "wb", 0)
    os.unlink("a")
    for _ in range(12):
        file.write(bytes(5_000_000))
    time.sleep(60)
in_a_zombie(hold)
""",
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
    "disk below a path longer than the system takes": (
        """
        import os
        for _ in range(30):
            os.mkdir("n" * 200)
            os.chdir("n" * 200)
        for n in range(12):
            open(str(n), "wb").write(bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "could not count",
    ),
    "disk in a folder that cannot be listed": (
        """
        import os
        os.mkdir("d", 0o300)
        for n in range(12):
            open(f"d/{n}", "wb").write(bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than" if os.getuid() == 0 else "could not count",
    ),
    "disk by files without a name, of a program that may not be read": (
        """
        import os, shutil, subprocess
        shutil.copy("/bin/sleep", "s")
        os.chmod("s", 0o111)
        with open("a", "wb", 0) as file:
            os.unlink("a")
            program = subprocess.Popen(["./s", "60"], stdout=file)
            file.write(bytes(20_000_000))
        os.write(os.open(".", os.O_TMPFILE | os.O_RDWR), bytes(20_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than|could not count",  # root reads it, also the one that bubblewrap gives to a user
    ),
    "disk by files that come and go": (
        """
        import os, threading
        def restless():
            while True:
                for n in range(50):
                    open(f"0{n}", "w").close()
                    os.unlink(f"0{n}")
        threading.Thread(target=restless, daemon=True).start()
        for n in range(12):
            open(str(n), "wb").write(bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
    "memory in sockets": (
        """
        import socket
        kept = [socket.socketpair() for _ in range(60)]
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
    "memory by files without a name": (
        """
        import os
        handle = os.memfd_create("m")
        for _ in range(12):
            os.write(handle, bytes(5_000_000))
        """,
        {"disk": 30 * MEGABYTE},
        "more to disk than",
    ),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_all_processes_take_together_is_limited(open_box, what):
    code, limits, reason = TOO_MUCH[what]
    box, before = open_box(**limits), children()
    with pytest.raises(CellStopped) as stopped:
        run(box, "import time\n" + dedent(code) + "time.sleep(60)\n")
    assert str(stopped.value) == "unavailable"
    assert re.search(reason, stopped.value.reason)
    until(lambda: children() <= before)


def children():
    """Return what runs below this process, and what ran below it and lost its parent."""
    return {process.pid for process in psutil.Process().children(recursive=True)} | {
        process.pid for process in psutil.process_iter(["cmdline"]) if LONG in (process.info["cmdline"] or ())
    }


LONG = f"600.{os.getpid()}"  # seconds, told apart from those of another run
STAYS = f"import subprocess\nsubprocess.run(['sh', '-c', 'setsid sleep {LONG} & setsid setsid sleep {LONG} &'])\n"


def test_what_has_left_its_parents_ends_with_the_container(open_box):
    before = children()
    box = open_box()
    run(box, STAYS)
    assert len(children() - before) >= 3
    box.close()
    until(lambda: children() <= before)


def test_a_process_whose_first_thread_has_ended_ends_with_its_python(open_box):
    before = children()
    box = open_box()
    run(box, f"{IN_A_ZOMBIE}import time\nin_a_zombie(lambda: time.sleep(600))")
    pid = next(iter(until(lambda: zombies() - before)))
    with pytest.raises(CellStopped):
        run(box, "os._exit(7)")
    until(lambda: not psutil.pid_exists(pid))


def zombies():
    return {p.pid for p in psutil.Process().children(recursive=True) if p.status() == psutil.STATUS_ZOMBIE}


def test_a_disk_that_fills_is_looked_at_sooner(tmp_path):
    class Clock:
        now, step = 0, 1

        def __call__(self):
            self.now += self.step
            return self.now

    clock = Clock()
    watch = DiskWatch([str(tmp_path)], 20 * MEGABYTE, clock)
    assert not watch.over([])
    clock.step = 0  # and no look is due any more

    def grown(number):
        (tmp_path / str(number)).write_bytes(bytes(10 * MEGABYTE))
        return watch.over([])

    assert any(grown(number) for number in range(40))


def test_when_processes_cannot_be_counted_all_end(open_box):
    before, box = children(), open_box()
    run(box, f"import subprocess\nsubprocess.Popen(['sleep', '{LONG}'])")
    (supervisor,) = [process.pid for process in psutil.Process().children() if process.pid not in before]
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (0, 0))
    with pytest.raises(CellStopped) as stopped:
        run(box, "import time\ntime.sleep(60)")
    assert "could not count" in stopped.value.reason
    until(lambda: children() <= before)


SERVER = """
import sys, threading
from pathlib import Path
from nbfiles.server.confinement.command import Mechanism
from nbfiles.server.engines.sandbox import folders
from nbfiles.server.engines.sandbox.container import Container
folder, mechanism, code = Path(sys.argv[1]), Mechanism(sys.argv[2]), sys.argv[3]
box = Container("killed", folder / "box", folder / "cache", threading.BoundedSemaphore(1), mechanism=mechanism)
box.run(code, threading.Event())
print("ready", flush=True)
sys.stdin.read()
"""


def test_everything_ends_with_a_server_that_is_killed(mechanism, tmp_path):
    before = children()
    command = [sys.executable, "-c", SERVER, str(tmp_path), mechanism, STAYS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as server:
        assert server.stdout.readline() == b"ready\n"
        server.send_signal(signal.SIGKILL)
    until(lambda: children() <= before)


@pytest.mark.parametrize("mechanism", [best()])
def test_files_of_the_working_folder_are_neither_settings_nor_programs(open_box, tmp_path):
    box = open_box()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "fontlist-0.json").touch()  # so that none is built after the test
    for name in ("json.py", "sitecustomize.py", "usercustomize.py", "numexpr.py", "evil.pth"):
        (box.files.folder / name).write_text("open('RAN', 'a').write(__name__)\n")
    (box.files.folder / "matplotlibrc").write_text("figure.figsize: 1, 1\nbackend: module://json\n")
    look = "import json, os, matplotlib\nprint(matplotlib.rcParams['figure.figsize'], os.path.exists('RAN'))"
    assert run(box, f"import pandas\n{look}")["stdout"] == "[6.4, 4.8] False\n"
    script = box.shell(f"python3 - <<'END'\n{look}\nEND\n", threading.Event())
    assert (script["stdout"], script["stderr"]) == ("[6.4, 4.8] False\n", "")
    assert box.program(Program(look, {}), threading.Event(), alone=True)["stdout"] == "[6.4, 4.8] False\n"


@pytest.mark.parametrize("mechanism", [best()])
def test_code_that_names_a_module_of_the_working_folder_gets_it_and_our_programs_do_not(open_box):
    box = open_box()
    (box.files.folder / "helper.py").write_text("import json\nanswer = 42\n")
    (box.files.folder / "main.py").write_text("import helper\nprint(helper.answer)\n")
    for alone in (True, False):
        ours = box.program(Program("import helper", {}), threading.Event(), alone=alone)
        assert "ModuleNotFoundError" in ours["stderr"]
    assert run(box, "import helper\nhelper.answer")["stdout"] == "42\n"
    assert box.shell("python3 main.py", threading.Event())["stdout"] == "42\n"


def test_links_that_code_leaves_do_not_lead_the_server_out(open_box, tmp_path):
    victim, sent = tmp_path / "victim", tmp_path / "sent"
    victim.write_text(SECRET)
    sent.write_text("new")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key.txt").write_text(SECRET)
    box = open_box()
    before = box.files.snapshot()
    code = f"""
        import os, shutil
        os.symlink({str(victim)!r}, 'data.csv')
        os.makedirs('folder.csv/below')
        os.mkfifo('pipe.csv')
        shutil.rmtree('outputs')
        os.symlink({str(tmp_path / "secrets")!r}, 'outputs')
    """
    assert run(box, dedent(code))["stderr"] == ""
    assert box.files.new_files(before) == {}
    with pytest.raises(OSError):
        box.files.copy_output("key.txt", tmp_path / "stolen", 100)
    names = ("data.csv", "folder.csv", "pipe.csv")
    put = [DataFile(f"file_{n}", name, sent, True) for n, name in enumerate(names)]
    assert box.files.put(put) == list(names)
    assert [(box.files.folder / name).read_text() for name in names] == ["new"] * 3
    assert victim.read_text() == SECRET
    assert not box.files.outputs.is_symlink()
    run(box, f"import os\nos.symlink({str(victim)!r}, 'outputs/a.txt')\nos.mkfifo('outputs/b.txt')")
    for name in ("a.txt", "b.txt"):
        with pytest.raises(OSError):
            box.files.copy_output(name, tmp_path / "stolen", 100)


def test_a_folder_that_becomes_a_link_after_it_was_looked_at_is_not_followed(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "file").write_text(SECRET)
    (root / "folder").symlink_to(outside)
    for write in (False, True):
        with pytest.raises(OSError), folders.opened_within(root, root / "folder" / "file", write=write):
            pass
    with pytest.raises(OSError):
        folders.names_within(root, root / "folder")
    assert (outside / "file").read_text() == SECRET


def test_a_list_of_fonts_is_not_written_through_a_link(tmp_path):
    cache, outside = tmp_path / "cache", tmp_path / "outside"
    for folder in (cache, outside):
        folder.mkdir()
    (cache / "fontlist-0.json").write_text("fonts")
    (outside / "file").write_text(SECRET)
    files = ContainerFiles(tmp_path / "box")
    (files.settings / "fontlist-0.json").symlink_to(outside / "file")
    fonts.share(cache, files.settings, files.root)
    assert (files.settings / "fontlist-0.json").read_text() == "fonts"
    shutil.rmtree(files.settings)
    files.settings.symlink_to(outside)  # as a process may do after the server has looked
    fonts.share(cache, files.settings, files.root)
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"file": SECRET}
    assert {path.name for path in files.root.iterdir()} == {"files", "tmp"}


@pytest.mark.parametrize("mechanism", [Mechanism.BUBBLEWRAP])
def test_code_that_cannot_be_confined_does_not_run(open_box, tmp_path, monkeypatch):
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr("nbfiles.server.confinement.bubblewrap._SEARCHED", str(tmp_path))
    with pytest.raises(CellStopped, match="unavailable"):
        run(open_box(), "open('RAN', 'w')")
    assert not (tmp_path / "box" / "files" / "RAN").exists()


def test_what_holds_is_said_in_words(mechanism):
    text = str(confinement(mechanism))
    assert ("runs with your rights here" in text) == (mechanism is Mechanism.PLAIN)
    assert re.search(r"memory, disk and processes", text)
    assert ("ends the program that watches it" in text) == may_be_reached("signal what watches it", mechanism)
    bubblewrap = mechanism is Mechanism.BUBBLEWRAP or shutil.which("bwrap") is not None
    assert ("install bubblewrap" in text) == (not bubblewrap)


def may_be_reached(what, mechanism):
    return documented()[what][mechanism] != "refused" or what in _depends_on_this_machine(mechanism)


def test_where_nothing_confines_it_is_said_so():
    assert "runs with your rights here" in str(confinement(Mechanism.NONE))
    assert not confinement(Mechanism.NONE).confined
