"""Where sessions are kept: one protocol, one contract suite, several stores."""
