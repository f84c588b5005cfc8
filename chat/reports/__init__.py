"""What the invitations brought: figures of the chat's own tables."""
