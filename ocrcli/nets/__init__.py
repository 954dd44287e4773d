"""The three networks: VGG characters, CRNN-CTC words and lines, DB text lines."""
