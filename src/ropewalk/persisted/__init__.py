"""Objects in files: `dirdbm` keeps a dictionary in a directory, `sob` saves one object, `styles` says what is saved."""
