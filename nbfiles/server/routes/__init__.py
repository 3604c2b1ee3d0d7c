"""One module for each resource of the API: its paths, and the shapes that go out."""
