"""From the body of a request to a question, and from the parts of an answer to events."""
