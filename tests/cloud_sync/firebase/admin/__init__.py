"""What an administrator's commands do, against Firebase's own emulators."""
