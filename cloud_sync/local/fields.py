"""Values out of a document that a device wrote (`cloud_sync.fields`), for the pages of the embedded cloud."""

from __future__ import annotations

from cloud_sync.fields import LONGEST_TEXT, flag_of, number_of, numbers_of, table_of, text_of

__all__ = ["LONGEST_TEXT", "flag_of", "number_of", "numbers_of", "table_of", "text_of"]
