"""Events and the cases made of them: fixtures on disk, generated cases, projections."""
