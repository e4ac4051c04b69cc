"""Tags and filters of the templates: `guidance` is built into all of them, the others are loaded where they are needed.

Nobody imports them; none has a name of Django's.
"""
