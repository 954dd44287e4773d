"""Writers: one module an output format, each a function from a page to text or bytes."""
