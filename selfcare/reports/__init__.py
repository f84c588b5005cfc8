"""What self-care adds to the reports."""
