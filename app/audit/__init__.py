"""Who did what, when, to what, and what it was before: one event in the transaction of every change; never edited."""
