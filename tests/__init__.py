"""The tests stand in the rooms of what they test: `tests/kernel` tests `derivations/_kernel`, `tests/site` the built site.

A file that starts with `_` holds what the tests of its room share; they import it by its full name. No test waits for another.
"""
