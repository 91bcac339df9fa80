"""The cost of steps, the savings by their answers when used again, and feedback on them."""
