"""Inference: load → detect → rectify → recognise → order. Never imports torch."""
