"""Accuracy, CER, WER, bag of words and H-mean, each named with its protocol."""
