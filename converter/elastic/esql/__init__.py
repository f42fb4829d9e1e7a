"""ES|QL: text to pipeline (`parse`), and its conditions to predicates (`filter`)."""
