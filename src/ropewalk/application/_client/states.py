"""What a client does when: the states of a `ClientService`, and what leads from one to the next.

::

    IDLE --start--> CONNECTING --made--> PREPARING --ready--> CONNECTED
                     |    ^                |    |                |
                  failed  |             unfit  lost            lost
                     v   due               v    |                |
                    WAITING <---lost--- DROPPING |                |
                       ^------------------------+----------------+

From each of them ``stop`` leads to STOPPED, by way of LEAVING where a connection or an attempt has to end first.
``start`` goes on from STOPPED as from IDLE; during LEAVING it leads to RETURNING, which connects as soon as that has
ended.
"""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    """Where a client is."""

    IDLE = auto()  # not started yet
    CONNECTING = auto()  # an attempt is under way
    PREPARING = auto()  # there is a connection; it isn't ready to use
    CONNECTED = auto()  # there is a connection
    DROPPING = auto()  # a connection that couldn't be made ready is on its way out
    WAITING = auto()  # for the time of the next attempt
    STOPPED = auto()
    LEAVING = auto()  # to be stopped when the connection, or the attempt, has ended
    RETURNING = auto()  # to connect when it has


class Event(Enum):
    """What happens to it."""

    START = auto()  # somebody calls startService
    STOP = auto()  # somebody calls stopService
    MADE = auto()  # the attempt has led to a connection
    FAILED = auto()  # or hasn't
    READY = auto()  # the connection is prepared
    UNFIT = auto()  # or can't be
    LOST = auto()  # the connection has ended
    DUE = auto()  # it is time for the next attempt


S, E = State, Event

# For each state and event: the next state, and the methods of the client that carry it out, in order. They are called
# in the new state, so that what they call back may cause the next event.
STEPS: dict[tuple[State, Event], tuple[State, tuple[str, ...]]] = {
    (S.IDLE, E.START): (S.CONNECTING, ("_connect",)),
    (S.IDLE, E.STOP): (S.STOPPED, ("_disappoint", "_tellStopped")),
    (S.STOPPED, E.START): (S.CONNECTING, ("_connect",)),
    (S.STOPPED, E.STOP): (S.STOPPED, ("_tellStopped",)),
    (S.CONNECTING, E.START): (S.CONNECTING, ()),
    (S.CONNECTING, E.MADE): (S.PREPARING, ("_adopt", "_prepare")),
    (S.CONNECTING, E.FAILED): (S.WAITING, ("_retryLater", "_tellFailure")),
    (S.CONNECTING, E.STOP): (S.LEAVING, ("_cancelAttempt",)),
    (S.PREPARING, E.START): (S.PREPARING, ()),
    (S.PREPARING, E.READY): (S.CONNECTED, ("_tellConnected",)),
    (S.PREPARING, E.UNFIT): (S.DROPPING, ("_tellFailure", "_drop")),
    (S.PREPARING, E.LOST): (S.WAITING, ("_retryLater", "_cancelPreparation", "_tellFailure")),
    (S.PREPARING, E.STOP): (S.LEAVING, ("_cancelPreparation", "_leave")),
    (S.CONNECTED, E.START): (S.CONNECTED, ()),
    (S.CONNECTED, E.LOST): (S.WAITING, ("_retryLater",)),
    (S.CONNECTED, E.STOP): (S.LEAVING, ("_leave",)),
    (S.DROPPING, E.START): (S.DROPPING, ()),
    (S.DROPPING, E.LOST): (S.WAITING, ("_retryLater",)),
    (S.DROPPING, E.STOP): (S.LEAVING, ()),
    (S.WAITING, E.START): (S.WAITING, ()),
    (S.WAITING, E.DUE): (S.CONNECTING, ("_connect",)),
    (S.WAITING, E.STOP): (S.STOPPED, ("_cancelRetry", "_disappoint", "_tellStopped")),
    (S.LEAVING, E.START): (S.RETURNING, ()),
    (S.LEAVING, E.STOP): (S.LEAVING, ()),
    (S.LEAVING, E.MADE): (S.LEAVING, ("_adopt", "_leave")),
    (S.LEAVING, E.FAILED): (S.STOPPED, ("_disappoint", "_tellStopped")),
    (S.LEAVING, E.LOST): (S.STOPPED, ("_disappoint", "_tellStopped")),
    (S.RETURNING, E.START): (S.RETURNING, ()),
    (S.RETURNING, E.STOP): (S.LEAVING, ()),
    (S.RETURNING, E.MADE): (S.RETURNING, ("_adopt", "_leave")),
    (S.RETURNING, E.FAILED): (S.CONNECTING, ("_connect", "_tellStopped")),
    (S.RETURNING, E.LOST): (S.CONNECTING, ("_connect", "_tellStopped")),
}
