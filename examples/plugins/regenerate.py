"""Renew the caches of plugins: what a package manager runs when it has installed some."""

from ropewalk.plugin import IPlugin, getPlugins

print(len(list(getPlugins(IPlugin))), "plugins")
