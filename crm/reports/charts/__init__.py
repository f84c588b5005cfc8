"""Charts as server-side SVG: no script, real text, a data table beside, the same in print."""
