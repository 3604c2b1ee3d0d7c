"""What keeps the code of a question apart from this machine, as far as the system lets an ordinary user.

mechanisms.py     which mechanism works here, what holds then, and that in words
command.py        the command that starts a program confined; paths.py, what each program may read
supervisor.py     the program that starts another one, watches its processes, memory and files, and ends them all
bubblewrap.py, landlock.py, seccomp.py, privileges.py    one mechanism each; system_calls.py, what seccomp.py refuses
plan.py           what the supervisor is told
process_tree.py, disk_usage.py    what it counts

The supervisor starts as `confinement`, without the rest of nbfiles, and what it imports is chosen for how long that
takes: no dataclasses, no pathlib, no json. So its modules import each other by relative names.

docs/security.md has what each mechanism refuses, tried from inside.
"""
