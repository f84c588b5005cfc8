"""What came of handing a mail over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`sent`, or why not: `away` (server not reached), `later` (it says so), `never`."""

    kind: str
    error: str = ""
    provider_id: str = ""  # what a provider calls it in its reports
