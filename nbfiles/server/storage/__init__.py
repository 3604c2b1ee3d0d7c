"""Files, skills and their metadata on disk; nothing here knows HTTP."""
