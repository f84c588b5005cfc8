"""axe-core in a page: WCAG 2.0 to 2.2, A and AA. Evaluated, because our policy takes no script."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

_PACKAGE = find_spec("axe_playwright_python")
assert _PACKAGE
assert _PACKAGE.origin
SOURCE = (Path(_PACKAGE.origin).parent / "axe.min.js").read_text()

_RUN = """async (skipped) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  // a long list's rows are alike; looking at all of them takes seconds
  const exclude = ["#result_list tbody tr:nth-child(n+6)", ...skipped];
  const found = await axe.run({ include: ["html"], exclude }, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], iframes: false,
  });
  return found.violations.map(({ id, nodes }) => ({
    id, nodes: nodes.map((node) => [node.target.flat().join(" "), node.failureSummary]),
  }));
}"""


def complaints(
    place: Page | Frame, allowed: dict[str, list[str]], skipped: Sequence[str] = ()
) -> list[str]:
    """What axe finds here, a line for each; `allowed` are selectors by rule, `skipped` parts that
    were looked at elsewhere. Frames are their own places: they are asked one by one."""
    if not place.evaluate("() => Boolean(window.axe)"):
        place.evaluate(SOURCE)
    found: list[dict[str, Any]] = place.evaluate(_RUN, list(skipped))
    return [
        f"{rule['id']}: {target}: {' '.join(why.split())}"
        for rule in found
        for target, why in rule["nodes"]
        if not any(part in target for part in allowed.get(rule["id"], []))
    ]
