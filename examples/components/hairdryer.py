"""A hair dryer for 120 volts, and what happens in a socket with 240: adapters, from plain classes to the registry."""

from zope.interface import Interface, implementer

from ropewalk.python.components import registerAdapter


class IAmericanSocket(Interface):
    def voltage():
        """Return the volts: 120."""


@implementer(IAmericanSocket)
class AmericanSocket:
    def voltage(self):
        return 120


class UKSocket:
    def voltage(self):
        return 240


@implementer(IAmericanSocket)
class AdaptToAmericanSocket:
    """An adapter: made with the original, and with nothing else."""

    def __init__(self, original):
        self.original = original

    def voltage(self):
        return self.original.voltage() / 2


class HairDryer:
    def plug(self, socket):
        if socket.voltage() == 120:
            print("I was plugged in properly and am operating.")
        else:
            print("I was plugged in improperly and")
            print("now you have no hair dryer any more.")


class SmartHairDryer(HairDryer):
    """Finds an adapter for any socket by itself, if one is registered."""

    def plug(self, socket):
        super().plug(IAmericanSocket(socket))


registerAdapter(AdaptToAmericanSocket, UKSocket, IAmericanSocket)

if __name__ == "__main__":
    american, british = AmericanSocket(), UKSocket()
    for socket in (american, british, AdaptToAmericanSocket(british)):
        HairDryer().plug(socket)

    print(IAmericanSocket.implementedBy(AmericanSocket), IAmericanSocket.implementedBy(UKSocket))
    print(IAmericanSocket.providedBy(american), IAmericanSocket.providedBy(british))
    print(type(IAmericanSocket(british)).__name__, IAmericanSocket(american) is american)

    for socket in (american, british):
        SmartHairDryer().plug(socket)
