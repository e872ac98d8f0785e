"""What every audience is told: owed, drafted, approved, released, promised."""
