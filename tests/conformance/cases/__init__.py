"""The scenarios, one file per area."""
