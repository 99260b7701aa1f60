"""What must exist by each gate of a therapy, how far each piece is and where it is kept; not what the rules ask for."""
