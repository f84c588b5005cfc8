"""The demo's shop: somebody else's website, with the widget on it."""
