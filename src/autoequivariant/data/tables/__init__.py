"""Tables: from a file or data frame to checked arrays of numbers."""
