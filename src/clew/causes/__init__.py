"""From a recorded failure to the changes that can explain it."""
