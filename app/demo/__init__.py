"""The demonstration hub: invented companies and therapies at all stages; only where the demo is switched on."""
