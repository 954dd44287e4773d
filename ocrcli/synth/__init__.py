"""The renderer: words, lines, characters and pages with exact ground truth."""
