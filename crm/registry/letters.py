"""What a channel offers beyond handing a message over, where messages travel as letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm.models import Interaction, Message, User


@dataclass(frozen=True)
class Letters:
    """To several people, with files, and not at once. Everything runs in the caller's
    transaction."""

    hold_seconds: int  # for so long an answer can be called back
    # whom an answer goes to: {"to": […], "cc": […]}
    envelope: Callable[[Interaction], dict[str, list[str]]]
    # how a message would leave: (subject, HTML); it is not stored
    preview: Callable[[Interaction, Message], tuple[str, str]]
    # False when it has left
    call_back: Callable[[Message], bool]
    # False when it has not failed
    send_again: Callable[[Message], bool]
    # hand a note's words, with `takes` in its body, keys of files, to somebody outside
    forward: Callable[[Interaction, Message], None]
    # an exchange split off from another one
    split: Callable[[Interaction, Interaction], None]
    # messages (keys) that are in another exchange now
    moved: Callable[[Sequence[int], Interaction], None]
    # it closes as spam, and whoever sent it is kept out; False when nobody did
    spam: Callable[[Interaction, User], bool]
