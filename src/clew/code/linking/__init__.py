"""What names mean across files.

`values`, `expected`, `types`, `members` and `modules` are one abstract interpreter in parts that call each other; `references` walks
from a definition outwards to everything that leads to it.
"""
