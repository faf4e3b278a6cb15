"""Writes migrations: the difference between a service's models and its revisions, as Python."""
