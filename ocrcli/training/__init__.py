"""One training loop for the three networks, its checkpoints, and the export to ONNX."""
