"""NXP MFRC522, contactless reader."""
