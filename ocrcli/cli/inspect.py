"""``ocr inspect char``: pictures of what a model learned and what it sees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrcli.errors import InputError, UsageError

app = typer.Typer(no_args_is_help=True)

MOST = 5  # maps of evidence that fit beside each other


@app.callback()
def _verbs() -> None:
    """Pictures of what a model learned and sees.

    ocr inspect char letter.jpg -o seen.png

    ocr inspect char --model runs/char-1 -o filters.png
    """


@app.command()
def char(
    image: Annotated[Path | None, typer.Argument(metavar="IMAGE", help="A picture of one character.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The picture to write.")] = Path(
        "inspect.png"
    ),
    model: Annotated[
        Path | None,
        typer.Option("--model", help="An .onnx, a run's folder or a checkpoint. Default: the shipped model."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=MOST, help="Classes whose evidence is shown.")] = 3,
) -> None:
    """The classifier's filters, feature maps and evidence.

    ocr inspect char letter.jpg -o seen.png

    ocr inspect char --model runs/char-1 -o filters.png

    The first layer's filters; for an IMAGE also the feature maps after each block, and where in the
    character the evidence for the likeliest classes lies (Grad-CAM).
    """
    try:
        import matplotlib  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise UsageError("inspecting needs: pip install 'ocrcli[train]'") from error
    from ocrcli.engine.weights import find_model
    from ocrcli.training import inspection, inspectsheet

    classifier = inspection.load(model or find_model("char"))
    filters = inspection.filters(classifier.network)
    if image is None:
        inspectsheet.draw_filters(output, filters)
    else:
        from ocrcli.engine.charnorm import normalise
        from ocrcli.engine.images import load_pages
        from ocrcli.engine.whole import to_grey

        gray = to_grey(next(load_pages(image, name=str(image))).pixels)
        normal = normalise(gray)
        if normal is None:
            raise InputError(f"{image}: a blank picture, there is no character in it")
        inspectsheet.draw(output, filters, gray, normal, inspection.look(classifier, normal, top))
    typer.echo(output)


if __name__ == "__main__":
    app()
