"""``python -m ocrcli`` is the command ``ocr``."""

from ocrcli.cli.app import main

if __name__ == "__main__":
    main()
