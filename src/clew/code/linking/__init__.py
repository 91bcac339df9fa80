"""What names mean across files.

`values`, `types`, `members` and `modules` are one abstract interpreter in four parts that call each other; `references` walks
from a definition outwards to everything that leads to it.
"""
