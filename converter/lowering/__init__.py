"""ir over ECS fields -> ir over a target's fields, each step recording what it gave up."""
