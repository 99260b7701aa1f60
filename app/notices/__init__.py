"""Deadline mails and the calendar feed, derived from the milestones; the room neither makes dates nor changes them."""
