"""The chat's verbs, by noun: sites, tokens, buttons, conversations, texts."""
