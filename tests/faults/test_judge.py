"""The judge of load.py finds what it is there to find."""

import pytest

from load import Client, Load, Request, judge


class Still(Client):
    """A client with a history, told as (group, number or None, sent, answered or None)."""

    def __init__(self, name, history):
        super().__init__(None, name, {}, 0)
        for group, number, sent, answered in history:
            request = Request(group, number)
            request.sent, request.answered, request.answered_at = sent, answered, answered
            self.requests.append(request)


def still_load(**histories):
    load = Load.__new__(Load)
    load.clients = [Still(name, history) for name, history in histories.items()]
    return load


ONE = [(0, 1, 10, 11), (1, 2, 12, 13), (0, None, 14, 15), (0, 4, 16, None)]


@pytest.mark.parametrize("state,kept,lost", [
    ({}, 0, 3),
    ({0: 1}, 1, 2),
    ({0: 1, 1: 2}, 2, 1),
    ({1: 2}, 3, 0),
    ({0: 4, 1: 2}, 4, 0),
])
def test_what_was_gone_through(state, kept, lost):
    assert judge(still_load(a=ONE), {"a": state}) == (kept, lost)


@pytest.mark.parametrize("state", [{0: 2}, {1: 1}, {0: 4}, {0: 1, 1: 2, 2: 3}])
def test_what_never_was(state):
    with pytest.raises(AssertionError, match="no state it went through"):
        judge(still_load(a=ONE), {"a": state})


def test_what_must_be_kept():
    judge(still_load(a=ONE), {"a": {1: 2}}, keeps_all=True)
    with pytest.raises(AssertionError, match="was answered and is lost"):
        judge(still_load(a=ONE), {"a": {0: 1, 1: 2}}, keeps_all=True)
    judge(still_load(a=ONE), {"a": {0: 1, 1: 2}}, saved_at=14.5)
    with pytest.raises(AssertionError, match="before a good save began"):
        judge(still_load(a=ONE), {"a": {0: 1, 1: 2}}, saved_at=15.5)


def test_two_clients_of_different_moments():
    early, late = [(0, 1, 10, 11), (0, 2, 12, 13)], [(0, 1, 20, 21), (0, 2, 22, 23)]
    judge(still_load(a=early, b=late), {"a": {0: 2}, "b": {0: 1}})
    with pytest.raises(AssertionError, match="different moments"):
        judge(still_load(a=early, b=late), {"a": {0: 1}, "b": {0: 1}})
