"""The bench: `rows` says what is measured, `peers` who, `rounds` in which order, `table` prints it."""
