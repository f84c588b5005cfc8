"""The agent's workspace: the page, its initial state, and what an agent does there."""
