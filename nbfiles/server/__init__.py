"""The embedded server: it speaks the Files, Messages, Models, Batches and Skills APIs, and is reached over HTTP only.

embedded.py, serve.py    start and stop it: in a thread of this process, or as a program of its own
app.py                   puts the routes together; `middleware/` is passed by every request before them
routes/                  one module for each resource: what comes in, which status and shape go out
rules/                   what a request must keep to: one table, RULES
workspaces.py            one workspace: files, skills and batches, and the engines that answer
messages/                a body → a Query (reader); parts of an answer → events (events), tokens, batches
engines/                 answer a Query with parts: one table, ENGINES (quotes, images, sandbox, structured output)
confinement/             what keeps the code of the sandbox apart from this machine
storage/                 files on disk and their metadata in SQLite
models.py, ids.py, errors.py, json_types.py    values that all of them use

It is a program of its own: of nbfiles it imports only what reads documents, and the limit of one file.
"""
