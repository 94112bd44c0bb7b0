"""The verbs: one gerund module for each step of the story. They take `tx`, `now` and the actor, and never commit."""
