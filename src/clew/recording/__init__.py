"""Any command as a step: its output kept, its findings as rows."""
