"""One PMDA consultation from choosing its type to its record: plan, steps, questions, attachments; it makes no file."""
