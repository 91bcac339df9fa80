"""The commands: flags in, text or JSON out. No logic lives here."""
