"""Analyze events while they are logged."""

from ad_hoc import AdHoc
from analyze import analyze

from ropewalk.logger import globalLogPublisher

globalLogPublisher.addObserver(analyze)

AdHoc(3, 4).logMessage()
