"""The embedded Files & Messages API server: a program of its own, reached only over HTTP.

embedded.py                     starts and stops it in a thread
└─ app.py ── guard.py           routing; who may talk to it at all
   ├─ files.py, models.py       API shapes: one module a resource
   ├─ messages.py               body → validate.py → ask.py → engines → sse.py
   ├─ store.py                  files on disk, metadata in SQLite
   └─ engines/                  quotes (documents), sandbox (data): a question in, pieces of an answer out
"""
