"""The console script's way in: nothing that takes time is imported before Ctrl-C has a quiet meaning."""

# No `from __future__` here, and the built-in module behind `signal`: both would read files first.
import _signal  # type: ignore[import-not-found,unused-ignore]

_listening = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
if _listening:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


def run() -> None:
    """Run the command line. An interrupt while its modules are still being read ends the process as the signal does."""
    import os

    # We ask numpy for no linear algebra: the threads that it would start for that take their time from the first answers.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from lawsearch.cli import main

    if not _listening:
        main.run()
        return
    try:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        main.run()
    finally:
        # Nothing is left to be interrupted but the interpreter's own last steps.
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
