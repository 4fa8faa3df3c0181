"""Show every material that is known: ``python -m matsim.display``."""

from matsim import imatsim
from ropewalk.plugin import getPlugins


def displayMaterial(material):
    print(f"A material with yield stress {material.yieldStress(500)} at 500 K")
    print(f"Also a dielectric constant of {material.dielectricConstant}.")


def displayAllKnownMaterials():
    for material in getPlugins(imatsim.IMaterial):
        displayMaterial(material)


if __name__ == "__main__":
    displayAllKnownMaterials()
