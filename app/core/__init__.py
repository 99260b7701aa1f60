"""Plumbing without Flask: database, clock, ids, errors, mail, jobs, files. It knows nothing of therapies."""
