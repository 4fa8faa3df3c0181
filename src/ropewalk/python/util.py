"""Odds and ends that programs were promised here: dictionaries without case, users and groups, passwords, labels.

They are in `_util`: `mixins`, `insensitive`, `lists`, `intervals`, `places`, `users`, `terminal`, `text`, `functions`.
"""

from __future__ import annotations

from collections import OrderedDict

from .._doors import publish
from ._util.functions import mergeFunctionMetadata, raises, runWithWarningsSuppressed, spewer, untilConcludes
from ._util.insensitive import InsensitiveDict
from ._util.intervals import IntervalDifferential
from ._util.lists import LineLog, padTo, uniquify
from ._util.mixins import FancyEqMixin, FancyStrMixin
from ._util.places import addPluginDir, getPluginDirs, searchupwards, sibpath
from ._util.terminal import getPassword, makeStatBar, println
from ._util.text import nameToLabel, str_xor
from ._util.users import gidFromString, initgroups, runAsEffectiveUser, switchUID, uidFromString

__all__ = [
    "FancyEqMixin",
    "FancyStrMixin",
    "InsensitiveDict",
    "IntervalDifferential",
    "LineLog",
    "OrderedDict",
    "addPluginDir",
    "getPassword",
    "getPluginDirs",
    "gidFromString",
    "initgroups",
    "makeStatBar",
    "mergeFunctionMetadata",
    "nameToLabel",
    "padTo",
    "println",
    "raises",
    "runAsEffectiveUser",
    "runWithWarningsSuppressed",
    "searchupwards",
    "sibpath",
    "spewer",
    "str_xor",
    "switchUID",
    "uidFromString",
    "uniquify",
    "untilConcludes",
]

publish(__name__)
