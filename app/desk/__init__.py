"""Composes what needs many rooms: Today and the page of a therapy; it owns no table."""
