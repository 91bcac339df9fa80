"""Facts on disk: the index of one root, and reading a generation of it."""
