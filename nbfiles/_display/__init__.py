"""Views: how answers, files and progress look, in HTML and in plain text."""
