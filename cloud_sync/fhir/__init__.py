"""A record in the words of HL7 FHIR R4: what an archive or a hospital's system reads (docs/fhir.md)."""
