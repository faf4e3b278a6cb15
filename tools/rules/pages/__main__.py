"""Writes the pages of all rules, and removes those that are no more."""

from tools.rules.pages import FOLDER, pages

FOLDER.mkdir(parents=True, exist_ok=True)
made = pages()
for path in FOLDER.glob("*.md"):
    if path.name not in made:
        path.unlink()
for name, text in made.items():
    (FOLDER / name).write_text(text, "utf-8")
