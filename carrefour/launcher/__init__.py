"""The commands behind ``make``: bring the environment in, run the demonstration, prepare tests.

``running``, ``tools``, ``console`` and ``__main__`` run on a bare system Python, before the
virtual environment exists: they import the standard library only (a test watches it).
"""

import sys

# Here, before any module that an older Python could not even read.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("carrefour : il faut Python 3.11 ou plus récent (make demo PYTHON=python3.11).")
