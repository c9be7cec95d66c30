"""The commands behind ``make``: bring the environment in, run the demonstration, prepare tests.

``running``, ``tools``, ``console`` and ``__main__`` run on a bare system Python, before the
virtual environment exists: they import the standard library only (a test watches it).
"""
