"""`howmuch openapi`."""

from pathlib import Path

import click

from howmuch.cli.options import GatewayCommand, load_settings


@click.command(cls=GatewayCommand)
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    help="Format of the document. Default: from the name of the output file, else yaml.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Output file. Default: standard output.",
)
def openapi(
    form: str | None, output: Path | None, config_file: Path | None, **flags: str | None
) -> None:
    """Write the OpenAPI 3.1 document of `howmuch gateway` with the same flags."""
    settings = load_settings(config_file, **flags).settings
    from howmuch.app.gateway import openapi_of

    if form is None:
        form = "json" if output is not None and output.suffix == ".json" else "yaml"
    try:
        text = openapi_of(settings, form)
        if output is not None:
            output.write_bytes(text)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if output is None:
        click.echo(text, nl=False)
