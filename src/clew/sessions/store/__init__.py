"""Stores of sessions: one protocol, one contract suite, several stores."""
