"""What each command does, from its options to an exit status. A module a command imports what that needs."""
