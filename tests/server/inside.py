"""What code in the sandbox tries: a program that runs inside, and the targets that it is given.

Each try reaches its target or does not; docs/security.md lists which, for each mechanism.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SECRET = "what nobody but the user may see"

TRIES = r"""
import ctypes, json, os, resource, signal, socket, struct, subprocess
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
X86 = os.uname().machine == "x86_64"

def call(x86, arm, *arguments):
    converted = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    got = libc.syscall(ctypes.c_long(x86 if X86 else arm), *converted)
    if got < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return got

def reads(path):
    return bool(Path(path).read_bytes()) or None

def connects(family, kind, address):
    with socket.socket(family, kind) as line:
        line.settimeout(5)
        line.connect(tuple(address) if isinstance(address, list) else address)
        return line.send(b"x") == 1

def unix(address):
    return connects(socket.AF_UNIX, socket.SOCK_STREAM, address)

def listens():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
    return network()

def network():
    # Whether it is the network of the machine, and not one of its own.
    return os.readlink("/proc/self/ns/net") == t["network"]

def memory_of(pid):
    handle = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    return handle > 0

def attaches(pid):
    call(101, 117, 0x4206, pid, 0, 0)  # PTRACE_SEIZE
    return True

def other_memory(pid):
    here = ctypes.create_string_buffer(8)
    local = struct.pack("@PN", ctypes.addressof(here), 8)
    remote = struct.pack("@PN", t["address"], 8)
    return call(310, 270, pid, ctypes.c_char_p(local), 1, ctypes.c_char_p(remote), 1, 0) == 8

def in_child(command):
    return subprocess.run(command, capture_output=True).returncode == 0

def signals(pid):
    os.kill(pid, signal.SIGWINCH)
    return True

def changes_mode(path):
    os.chmod(path, 0o644)
    return os.stat(path).st_mode & 0o777 == 0o644

def writes(path):
    with open(path, "a") as file:
        file.write("x")
    return True

def limits(pid):
    # Each sets what is set already.
    for way in (
        lambda: resource.prlimit(pid, resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)),
        lambda: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)),
        lambda: os.setpriority(os.PRIO_USER, 0, os.getpriority(os.PRIO_USER, 0)),
        lambda: os.sched_setaffinity(pid, os.sched_getaffinity(pid)),
        lambda: os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0)),
        lambda: call(251, 30, 1, pid, 0),  # ioprio_set
    ):
        try:
            way()
            return True
        except OSError:
            continue
    return False

def shares_memory(number):
    address = call(30, 196, number, None, 0o10000)  # shmat, to read
    return address > 0

def attributes(path):
    os.setxattr(path, "user.nbfiles", b"x")
    return True

def notices(folder):
    handle = call(294, 26, 0)  # inotify_init1
    return call(254, 27, handle, ctypes.c_char_p(os.fsencode(folder)), 0x100) > 0

def changes_setting():
    # Open for writing, and no more: the system's settings stay as they are, also where a try succeeds.
    for path in ("sys/vm/stat_interval", "sys/kernel/core_pattern", "sysrq-trigger", "mtrr"):
        try:
            os.close(os.open("/proc/" + path, os.O_WRONLY))
            return True
        except OSError:
            continue
    return False

def makes_outside(path):
    Path(path).touch()
    device = os.stat(path).st_dev  # a folder of that name may be its own
    os.unlink(path)
    return device == t["device"]

def moves(path):
    os.rename(path, "moved")
    os.rename("moved", path)
    return True

TRIES = {
    "read a file of yours": lambda: reads(t["file"]),
    "list a folder of yours": lambda: os.listdir(t["folder"]) != [],
    "change a file of yours": lambda: writes(t["file"]),
    "make a file in a folder of yours": lambda: makes_outside(t["folder"] + "/new"),
    "take a file of yours by a link": lambda: os.link(t["file"], "linked") or reads("linked"),
    "move a file of yours": lambda: moves(t["file"]),
    "see whether a file of yours exists": lambda: os.path.exists(t["file"]),
    "change the mode of a file of yours": lambda: changes_mode(t["file"]),
    "see size, times and attributes of a file of yours": lambda: os.stat(t["file"]).st_size > 0,
    "set attributes of a file of yours (access lists)": lambda: attributes(t["file"]),
    "notice what happens in a folder of yours (inotify)": lambda: notices(t["folder"]),
    "read the server's database": lambda: reads(t["database"]),
    "read another conversation's files": lambda: reads(t["conversation"]),
    "read the system's list of users": lambda: reads("/etc/passwd"),
    "leave a file in /tmp for others": lambda: makes_outside(t["tmp"] + "/new"),
    "read another program's shared memory": lambda: reads("/dev/shm/" + t["name"]),
    "reach a server on this machine (TCP)": lambda: connects(socket.AF_INET, socket.SOCK_STREAM, t["tcp"]),
    "send UDP on this machine": lambda: connects(socket.AF_INET, socket.SOCK_DGRAM, t["udp"]) and network(),
    "offer a port on this machine": listens,
    "reach a named socket (ssh-agent, Docker, our server)": lambda: unix(t["socket"]),
    "reach an abstract socket": lambda: unix("\0" + t["abstract"]),
    "see the key in its own environment": lambda: t["key"] in os.environ.values(),
    "read the kernel's environment": lambda: reads(f"/proc/{t['pid']}/environ"),
    "read the command line of a program of yours": lambda: reads(f"/proc/{t['pid']}/cmdline"),
    "open the kernel's memory": lambda: memory_of(t["pid"]),
    "copy from the kernel's memory": lambda: other_memory(t["pid"]),
    "attach to the kernel as a debugger": lambda: attaches(t["pid"]),
    "send the kernel a signal": lambda: signals(t["pid"]),
    "signal what watches it": lambda: signals(os.getppid()) and os.getppid() not in (0, 1),
    "limit or slow down a program of yours": lambda: limits(t["pid"]),
    "limit or slow down what watches it": lambda: limits(os.getppid()),
    "use the keys that the system keeps for you": lambda: call(250, 219, 0, -4, 1) != 0,
    "read shared memory of another program (System V)": lambda: shares_memory(t["shared"]),
    "make shared memory that stays": lambda: call(29, 194, 0, 4096, 0o1600) >= 0,
    "change a setting of the system": changes_setting,
    "make namespaces of its own": lambda: in_child(["unshare", "-Ur", "true"]),
}

def tried(attempt):
    try:
        return bool(attempt())
    except (OSError, ValueError):
        return False

t = inputs
result = {name: tried(attempt) for name, attempt in TRIES.items()}
"""

# Stands for a kernel: it has the key in its environment, and says where something is in its memory.
_KERNEL = """
import ctypes, sys
secret = ctypes.create_string_buffer(b"secrets!")
print(ctypes.addressof(secret), flush=True)
sys.stdin.read()
"""


@contextmanager
def _shared_memory() -> Iterator[int]:
    """Make a segment as old programs do (System V), which any process of this user may attach."""
    libc = ctypes.CDLL(None)
    number = libc.shmget(0, 4096, 0o1600)
    try:
        yield number
    finally:
        libc.shmctl(number, 0, None)


@contextmanager
def targets(folder: Path) -> Iterator[dict[str, Any]]:
    """Make everything that the program tries to reach, in a folder that no container has."""
    with ExitStack() as stack:
        files = {name: folder / "home" / name for name in ("file", "database", "conversation")}
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SECRET)
            path.chmod(0o600)
        name = f"nbfiles-{secrets.token_hex(8)}"
        shared = Path("/dev/shm", name)
        shared.write_text(SECRET)
        stack.callback(shared.unlink)
        environment = {"ANTHROPIC_API_KEY": name, "PATH": os.defpath}
        kernel = subprocess.Popen(
            [sys.executable, "-c", _KERNEL], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        stack.callback(kernel.communicate)
        assert kernel.stdout is not None
        address = int(kernel.stdout.readline())
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        socket_path = folder / "agent"
        for place in (str(socket_path), f"\0{name}"):
            line = stack.enter_context(socket.socket(socket.AF_UNIX))
            line.bind(place)
            line.listen()
        yield {
            **{key: str(path) for key, path in files.items()},
            "folder": str(folder / "home"),
            "tmp": str(folder),
            "name": name,
            "key": name,
            "abstract": name,
            "socket": str(socket_path),
            "shared": stack.enter_context(_shared_memory()),
            "pid": kernel.pid,
            "address": address,
            "tcp": tcp.getsockname(),
            "udp": udp.getsockname(),
            "device": folder.stat().st_dev,
            "network": str(Path("/proc/self/ns/net").readlink()),
        }
