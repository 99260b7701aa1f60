"""What a therapy plans at agencies abroad, and what that spoils at home; the path in Japan is the room of pathways."""
