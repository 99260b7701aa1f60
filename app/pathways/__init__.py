"""How far each therapy has come: its events, the tracks folded from them, what may happen next; not dates of plans."""
