"""What browsers ask of the chat: the widget's files, its JSON doors, the demo's shop page."""
