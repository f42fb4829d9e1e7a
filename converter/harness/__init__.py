"""Cases x evaluators -> verdicts; parity of translations with their original."""
