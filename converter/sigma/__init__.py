"""ir -> Sigma YAML: one rule, or rules and a correlation in one file."""
