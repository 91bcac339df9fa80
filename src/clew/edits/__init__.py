"""Plans as values; applying and undoing them."""
