"""One runner for every service: a service declares what it is made of, and roles run it.

Each role is a module of this package, so that it imports what it needs and nothing else:

    things/app/__init__.py    SERVICE = Service("things", ..., api="things.app.api:api", ...)
    things/__main__.py        main("things.app:SERVICE")
"""
