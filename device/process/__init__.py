"""What every Firstlight process needs: configuration, time, logs, systemd. Imports nothing of the device but itself."""
