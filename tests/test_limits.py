"""Limits count exactly, also when a fresh process is asked by many at once."""

import threading

from crm.services import limits


def test_the_first_questions_of_many_threads_are_all_counted(fresh_limits):
    counted = []
    go = threading.Barrier(16)

    def ask():
        go.wait()
        counted.append(limits.allow("call", "ada", limit=16, seconds=3600))

    crowd = [threading.Thread(target=ask) for _one in range(16)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert counted == [True] * 16
    assert not limits.allow("call", "ada", limit=16, seconds=3600)
