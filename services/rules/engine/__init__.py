"""The engine: rules in force compiled to one function, three-valued, incremental."""
