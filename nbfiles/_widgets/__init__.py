"""Views that answer back: a zone to drop files on, and a table of files. Plain ES modules, no build step."""
