"""Pure arithmetic of paths and dates: no database, network, clock or Flask; usable from a notebook."""
