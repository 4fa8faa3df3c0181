"""What a material is."""

from zope.interface import Attribute, Interface


class IMaterial(Interface):
    """A material with its physical properties."""

    dielectricConstant = Attribute("The relative permittivity, a complex number: reflection and absorption.")

    def yieldStress(temperature):
        """Return the pressure, in pascals, that breaks it at a temperature in kelvins."""
