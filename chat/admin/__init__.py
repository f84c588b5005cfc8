"""The chat's part of the console."""

from . import figures, lists, orders, rules, simulator, sites, words

__all__ = ["figures", "lists", "orders", "rules", "simulator", "sites", "words"]
