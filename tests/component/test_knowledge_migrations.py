"""What ran before runs were noted counts as run by the evaluator of that time."""

import importlib
import shutil
from pathlib import Path

import pytest

from chassis.storage import migrations
from chassis.storage.database import Database

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("service", "table", "evaluator"),
    [("diagnosis", "rulesets", "rules 1"), ("treatment", "guidance", "treatment 1")],
)
def test_a_set_that_was_kept_before_is_listed_afterwards(tmp_path, service, table, evaluator):
    folder = ROOT / "services" / service / "migrations"
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(folder / "0001_first_schema.py", first)
    (first / "HEAD").write_text("0001_first_schema\n")
    database = Database.open(f"sqlite:///{tmp_path}/{service}.db")
    assert migrations.migrate(database, first) == ["0001_first_schema"]
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ('abc', '2026.11.1', '{{}}', 7)")  # noqa: S608
    assert migrations.migrate(database, folder)[0] == "0002_runs_and_judgements"
    migrations.check(database, folder)
    repository = importlib.import_module(f"{service}.repository")
    kept = repository.Rulesets if service == "diagnosis" else repository.GuidanceTexts
    with database.read() as connection:
        (run,) = kept(connection).all()
    assert (run.version, run.sha256, run.evaluator, run.first_run_at) == (
        *("2026.11.1", "abc", evaluator, 7),
    )
    database.close()
