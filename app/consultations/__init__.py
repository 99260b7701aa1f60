"""One PMDA consultation from choosing its type to its record: plan, steps, questions, attachments; no files are made."""
