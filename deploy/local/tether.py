"""Turn into the given program, tied to the life of the process that asked for it.

Run as a script (`python -I -S tether.py <parent> <program> <argument>...`): the kernel's parent-death signal must be
asked for by the child itself, and `preexec_fn` would run Python between fork and exec, where another thread's lock may
be held for ever. The signal outlives the exec, so the pid stays the program's own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Bind, then exec. Linux signals when the *thread* that started us ends, so start us from a lasting one."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the signal was armed, which nobody will deliver any more
        sys.exit(1)
    os.execv(program[0], program)  # noqa: S606 - becoming that program is the purpose


if __name__ == "__main__":
    main()
