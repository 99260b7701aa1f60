"""Makes the bundle that goes to PMDA out of plain data; it decides no date, no state and no right to see."""
