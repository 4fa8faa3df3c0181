"""What it takes to run an application as a process: one story a file."""
