"""What training reads: rendered samples, labelled files and stores, served as batches."""
