"""The one way from a face to a verb: context in, verb, step recorded, reply out."""
