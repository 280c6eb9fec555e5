"""One visit, from tap to durable record; the store; the patient's screen; health."""
