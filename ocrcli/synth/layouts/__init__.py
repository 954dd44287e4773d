"""One small module a kind of page, upon a common sheet that remembers every line it is asked to set."""
