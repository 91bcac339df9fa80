"""Acts on sessions: a request and a function each, which every face takes from `operations.ACTS`."""
