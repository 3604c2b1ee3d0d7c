"""Data and code: a container with a Python that lives as long as the conversation."""
