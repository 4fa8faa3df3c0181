"""Applications: trees of services that are started and stopped together.

`service` has the tree, `internet` the services that listen, connect and keep time, `strports` those that a text
describes.
"""
