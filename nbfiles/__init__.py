"""Files and questions for Claude, from a notebook cell."""
