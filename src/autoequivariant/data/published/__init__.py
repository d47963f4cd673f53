"""Published data sets by name: from the Hugging Face hub, or from their authors' files."""
