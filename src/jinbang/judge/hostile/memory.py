"""One process that takes all it gets."""
kept = []
while True:
    kept.append(bytearray(b"x") * (8 << 20))
