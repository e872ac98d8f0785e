"""What fails with what, and when: the timeline that everything else reads."""
