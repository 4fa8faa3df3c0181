"""Servers that ``twistd`` and ``twist`` start by name: each module has ``Options`` and ``makeService``."""
