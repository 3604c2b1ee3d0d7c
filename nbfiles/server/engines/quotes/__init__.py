"""Documents: passages that match a question, with citations, and values that fill a schema."""
