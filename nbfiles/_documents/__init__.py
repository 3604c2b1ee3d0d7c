"""Read a local document: pages and text. Knows no API and nothing else of nbfiles."""
