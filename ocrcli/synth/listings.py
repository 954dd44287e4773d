"""Lines of terminals and editors: prompts, listings of files, logs, source code, configuration.

Identifiers, paths and signs in a row are what running text has least of, and what a terminal shows most.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from ocrcli.synth.tokens import Tokens, pick

VERBS = ("get", "set", "read", "write", "load", "open", "close", "is", "to", "from", "make", "find", "run")
TYPES = ("int", "str", "float", "bool", "None", "bytes", "list[int]", "dict[str, int]", "Path", "char *")
CALLS = ("print", "len", "range", "open", "max", "map", "assert", "yield", "echo", "printf")
OPERATORS = ("=", "==", "!=", "+=", "-=", "<=", ">=", "->", "=>", ":=", "&&", "||", "<<", "**", "%", "|")
ENDINGS = ("py", "c", "h", "txt", "md", "json", "toml", "sh", "log", "tar.gz", "png", "html", "css", "js")
ROOTS = ("", "", "./", "../", "/usr/share/", "/home/", "~/", "src/", "/var/log/", "/etc/", "tests/")
COMMANDS = (
    "ls -la", "cd", "git commit -m", "git push origin", "sudo apt install", "grep -rn", "cat",
    "pip install", "docker run --rm", "ssh", "make -j4", "python3 -m", "tail -f", "find . -name",
    "chmod +x", "curl -sSL",
)  # fmt: skip
LEVELS = ("INFO", "DEBUG", "WARNING", "ERROR", "WARN", "CRITICAL", "NOTICE", "[info]", "[error]", "E:", "W:")
MODES = ("-rw-r--r--", "drwxr-xr-x", "-rwxr-xr-x", "-rw-------", "lrwxrwxrwx", "drwx------", "crw-rw----")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Forms of lines; what stands between two @ is filled in by the method of that name.
WORDS = (
    "@id@", "@id@()", "@id@.@id@", "--@id@", "@id@[@n@]", "$@ID@", "@path@", "@id@=@id@", "0x@hex@",
    "<@id@>", "</@id@>", "@id@::@id@", "&@id@", "*@id@", "@id@;",
)  # fmt: skip
NAMES = (
    "@w@", "@w@_@w@", "@verb@_@w@", "@w@@W@", "@W@@W@", "@w@_@w@_@w@", "_@w@", "@w@@n@", "__@w@__",
    "@letter@",
)  # fmt: skip
PROMPTS = (
    "$ @command@", "# @command@", "> @command@", "@w@@@w@:~$ @command@", "[@w@@@w@ ~]# @command@",
    "@command@", "~/@w@ % @command@", "$ @command@ | @command@", "$ @command@ > @path@",
    "$ @command@ 2>&1", "C:\\@W@> @command@",
)  # fmt: skip
FILES = (
    "@mode@ @n@ @w@ @w@ @n@ @month@ @day@ @clock@ @path@", "@n@ @path@",
    "@mode@ @n@ @w@ @w@ @n@ @date@ @path@", "@path@", "modified: @path@", "@path@:@n@: @comment@",
    "@path@ | @n@ ++++---",
)  # fmt: skip
LOGS = (
    "@date@ @time@ @level@ @w@.@w@: @comment@", "@date@T@time@ @level@ @w@[@n@]: @comment@",
    "@date@ @time@,@n@ @level@ @comment@ in @n@ ms", "@month@ @day@ @time@ @w@ @w@[@n@]: @comment@",
    "[@time@] @level@ @comment@: @word@", "@level@ @w@.@w@: @comment@ (@n@%) @path@",
    "@date@ @time@ @level@ @w@.@w@: @comment@ in @n@ ms",
)  # fmt: skip
CODE = (
    "def @id@(@id@: @type@, @id@: @type@ = @n@) -> @type@:", "@id@ = @id@(@id@, @n@)",
    "@id@.@id@(@quoted@)", "for @id@ in @id@[:@n@]:", "if @id@ @op@ @id@ and not @id@:",
    "return @id@[@id@] + @n@", "import @id@", "from @id@.@id@ import @id@",
    "@type@ @id@(@type@ @id@, int @id@) {", "}", "});", "],", "@id@ @op@ @id@;",
    "printf(@quoted@, @id@->@id@);", "#include <@id@.h>", "const @id@ = (@id@) => { return @id@.@id@; };",
    "let @id@: @type@ = @id@?.@id@ || @n@;", "# @comment@", "// @comment@", "/* @comment@ */",
    "return @id@", '"""@comment@."""', "<@id@ @id@=@quoted@>@id@</@id@>", "@call@(@id@[@n@:], @id@)",
    "@@id@.@id@", "while (@id@ < @n@) @id@++;", "+ @id@ = @id@", "- @id@ = @id@",
    "@id@, _, @id@ = @id@.@id@(@quoted@)", "SELECT @id@, @id@ FROM @id@ WHERE @id@ = @n@;",
    'f"{@id@}/{@id@!r}"', "@id@[@id@.@id@()] = int(@id@) + @n@", "try: @id@() except @W@Error: pass",
    "@id@: @type@ = @id@[@n@] {@id@}", "@id@ = {}  # @comment@", "else:",
)  # fmt: skip
SETTINGS = (
    "@id@ = @quoted@", '"@id@": "@word@",', '"@id@": @n@,', "@id@: @word@", "[@id@.@w@]",
    "export @ID@=@word@", "- @id@: @quoted@", "@id@=true", "@id@: false", '"@id@": [@n@, @n@],',
)  # fmt: skip
FIGURES = (
    "@word@ @n@ @n@ @n@",
    "@w@ @n@% @n@K @n@.@n@",
    "@n@.@n@ @n@.@n@ @n@.@n@ @w@",
    "@id@ @n@M @n@G @n@s",
)
LINES = (PROMPTS, FILES, LOGS, CODE, CODE, CODE, SETTINGS, FIGURES)

_GAP = re.compile("@([A-Za-z]+)@")


class Listings:
    """Draws lines of terminals; plain words come from ``tokens``."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._fillings: dict[str, Callable[[np.random.Generator], str]] = {
            "w": self._plain,
            "W": lambda rng: self._plain(rng).capitalize(),
            "id": lambda rng: self._filled(NAMES, rng),
            "ID": lambda rng: self._filled(NAMES, rng).upper(),
            "word": self.word,
            "path": self._path,
            "comment": self._comment,
            "quoted": self._quoted,
            "command": lambda rng: (
                f"{pick(COMMANDS, rng)} {pick((self._path, self.word, self._quoted), rng)(rng)}"
            ),
            "n": lambda rng: str(int(10 ** rng.uniform(0, 5))),
            "hex": lambda rng: f"{int(rng.integers(1 << 31)):x}",
            "letter": lambda rng: pick("abcdefghijklmnopqrstuvwxyz", rng),
            "day": lambda rng: str(rng.integers(1, 32)),
            "clock": lambda rng: f"{rng.integers(24):02d}:{rng.integers(60):02d}",
            "time": lambda rng: f"{rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}",
            "date": lambda rng: (
                f"{rng.integers(1990, 2041)}-{rng.integers(1, 13):02d}-{rng.integers(1, 32):02d}"
            ),
        }
        choices = {
            "verb": VERBS, "type": TYPES, "call": CALLS, "op": OPERATORS, "level": LEVELS,
            "mode": MODES, "month": MONTHS,
        }  # fmt: skip
        for name, options in choices.items():
            self._fillings[name] = lambda rng, options=options: pick(options, rng)  # type: ignore[misc]

    def line(self, rng: np.random.Generator) -> str:
        """A line of any kind."""
        return self._filled(pick(LINES, rng), rng)

    def word(self, rng: np.random.Generator) -> str:
        """An identifier, a path or an option."""
        return self._filled(WORDS, rng)

    def _filled(self, forms: tuple[str, ...], rng: np.random.Generator) -> str:
        return _GAP.sub(lambda gap: self._fillings[gap[1]](rng), pick(forms, rng))

    def _plain(self, rng: np.random.Generator) -> str:
        return "".join(c for c in self.tokens.lower(rng) if c.isalnum()) or "x"

    def _path(self, rng: np.random.Generator) -> str:
        folder = f"{self._plain(rng)}/" if rng.random() < 0.6 else ""
        name = f"{self._plain(rng)}{pick('_-.', rng)}{self._plain(rng)}"
        return f"{pick(ROOTS, rng)}{folder}{name}.{pick(ENDINGS, rng)}"

    def _comment(self, rng: np.random.Generator) -> str:
        return " ".join(self.tokens.lower(rng) for _ in range(int(rng.integers(1, 7))))

    def _quoted(self, rng: np.random.Generator) -> str:
        mark = pick("\"'`", rng)
        return f"{mark}{self._comment(rng) if rng.random() < 0.6 else self.word(rng)}{mark}"
