"""What a process that reads a stranger's file gives up before it opens it.

Limits of memory, processor time, file sizes and descriptors come from `setrlimit`, an end after so
many seconds from a timer of its own, death with the parent from `PR_SET_PDEATHSIG`. Network, new
processes and signals to others are refused by a seccomp filter, which Linux on x86-64 and ARM64
gives to any process, root or not, once it has given up gaining rights by exec; a network namespace
would need rights that most containers withhold.

Elsewhere something is missing: on macOS the limit of memory, the filter and death with the parent
(there the timer still ends a process, and RLIMIT_NPROC, which root may ignore, refuses children).
`confine()` names what is missing, and whoever reads a file there is told.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 30  # of processor time, and on the clock
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes
_DESCRIPTORS = 64

# Numbers of system calls: (x86-64, ARM64), None where there is no such call.
_REFUSED = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
}
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH_…
_X32_CALLS = 0x40000000  # a second numbering of the same calls on x86-64

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
# Instructions of the filter, and its answers (linux/bpf_common.h, linux/seccomp.h).
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_KILL, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x00050000 | errno.EPERM


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def confine(parent: int, seconds: float = SECONDS) -> list[str]:
    """Confine this process for good; return the names of the limits that this system lacks.

    `parent` is the process that started it: if that is gone already, this one ends at once. It
    will also end by itself a second after `seconds`, when its parent should have ended it.
    """
    missing = []
    for name, limit in (
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_CPU", SECONDS),
        ("RLIMIT_FSIZE", LARGEST_ANSWER),
        ("RLIMIT_NOFILE", _DESCRIPTORS),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_CORE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (AttributeError, ValueError, OSError):
            missing.append(name)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    if sys.platform != "linux":
        return [*missing, "death with its parent", "refusal of network and processes"]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        missing.append("death with its parent")
    if os.getppid() != parent:
        sys.exit("Its parent is gone.")
    if not _refuse_calls(libc):
        missing.append("refusal of network and processes")
    return missing


def _refuse_calls(libc: ctypes.CDLL) -> bool:
    if platform.machine() not in _ARCHITECTURES:
        return False
    column, architecture = _ARCHITECTURES[platform.machine()]
    numbers = [call[column] for call in _REFUSED.values() if call[column] is not None]
    program = [
        _instruction(_LOAD, 4),  # the architecture
        _instruction(_IF_EQUAL, architecture, if_true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, 0),  # the number of the call
        _instruction(_IF_AT_LEAST, _X32_CALLS, if_true=len(numbers) + 1),
        *(
            _instruction(_IF_EQUAL, number, if_true=len(numbers) - at)
            for at, number in enumerate(numbers)
        ),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _REFUSE),
    ]
    packed = _Program(len(program), b"".join(program))
    return (
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(packed), 0, 0) == 0
    )


def _instruction(code: int, value: int | None, *, if_true: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, 0, value)
