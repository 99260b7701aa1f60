"""Companies, universities and hubs, who belongs to them, and invitations; not what they develop."""
