"""Two metals. This directory is no package: without an ``__init__.py``, a directory of this name anywhere on
``sys.path`` is a place for plugins."""

from matsim import imatsim
from zope.interface import implementer

from ropewalk.plugin import IPlugin


@implementer(IPlugin, imatsim.IMaterial)
class SimpleMaterial:
    def __init__(self, yieldStressFactor, dielectricConstant):
        self._yieldStressFactor = yieldStressFactor
        self.dielectricConstant = dielectricConstant

    def yieldStress(self, temperature):
        return self._yieldStressFactor * temperature


steelPlate = SimpleMaterial(2.06842719e11, 2.7 + 0.2j)
brassPlate = SimpleMaterial(1.03421359e11, 1.4 + 0.5j)
