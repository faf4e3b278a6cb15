"""Change modules that carry promises in small ways; each change must make a test of theirs fail.

mutmut copies the tree and rewrites imports, which `--import-mode=importlib` and the path file of
the environment defeat; cosmic-ray brings thirteen packages and rewrites the working tree. `ast`
knows where each expression stands, so that a mutant is the file with one piece replaced.
"""
