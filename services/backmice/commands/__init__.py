"""The commands of `python -m backmice`; each module is imported when its command is run."""
