"""Databases: connections, migrations, and the tables that make messages reliable."""
