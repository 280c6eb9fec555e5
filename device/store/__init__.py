"""What is saved. The only part of the device that cloud_sync sees."""
