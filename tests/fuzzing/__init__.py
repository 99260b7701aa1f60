"""A fuzzer of every route and form, made from the map of addresses and from what the views ask for."""
