"""The main loops of graphical toolkits, a file each, and what the reactors in them share."""
