"""Tables: from a file or data frame to arrays of numbers."""
