"""A list of requests as data: read and checked whole, planned, explained, run, and gone on with after a kill."""
