"""The demonstration hub: invented companies and therapies at all stages; it exists only where the demo is switched on."""
