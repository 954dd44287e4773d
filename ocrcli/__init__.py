"""ocrcli: the command ``ocr``, which reads text out of images.

Importing this package is cheap on purpose: nothing but the version lives here,
so that every verb of the command line pays only for what it uses.
"""

__version__ = "0.1.0"
