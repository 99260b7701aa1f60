"""Flask-facing plumbing: guard, shell of the pages, headers, sessions, components; it knows no room."""
