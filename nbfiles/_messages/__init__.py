"""Parts: a question becomes a request, events become an answer."""
