"""Tools of those who write rules: linter, mutation, rule cases, rule pages."""
