"""Which dates a therapy must keep: milestones with basis and derivation, the next ones first; it computes no date."""
