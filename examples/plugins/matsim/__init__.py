"""A simulation of materials, which come as plugins: anybody may add one."""
