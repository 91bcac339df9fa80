"""Sessions: append-only steps, tokens, branches, time to live. Knows nothing of code; digests and JSON bytes come as arguments."""
