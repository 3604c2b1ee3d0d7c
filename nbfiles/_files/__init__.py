"""Parts: what may be uploaded, under which name, and what came back."""
