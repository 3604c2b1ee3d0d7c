"""Where files come from: paths, URLs, objects of the notebook; `resolve` has the table."""
