"""The command line: one thin module a verb (parse, call, print)."""
