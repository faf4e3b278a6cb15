"""Run by Alembic: applies or compares revisions on the connection that it is given."""

from alembic import context

# the caller opened the transaction and closes it; in it DDL is undone on both databases
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    transactional_ddl=True,
    compare_type=True,
    **context.config.attributes.get("options", {}),
)
context.run_migrations()
