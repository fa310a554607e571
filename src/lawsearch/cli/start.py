"""The console script's way in: nothing but this is imported before Ctrl-C has a quiet meaning."""

from __future__ import annotations

import signal


def run() -> None:
    """Run the command line. An interrupt while its modules are still being read ends the process as the signal does."""
    listening = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listening:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lawsearch.cli import main

    if listening:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            main.run()
        finally:
            # Nothing is left to be interrupted but the interpreter's own last steps.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    else:
        main.run()
