"""`meetup config`: which settings hold, and where each of them came from."""

import typer

from commands import context, output
from commands.options import Json
from commands.settings import variable

app = typer.Typer(help="Which settings hold, and where they came from.", no_args_is_help=True)


@app.command()
def show(ctx: typer.Context, *, json: Json = False) -> None:
    """Show every setting with its source; secrets are hidden."""
    settings = context.of(ctx).settings
    shown = settings.shown()
    if json:
        sources = settings.sources
        found = {n: {"variable": variable(n), "value": v, "source": sources[n]} for n, v in shown.items()}
        output.emit_json({"settings": found})
        return
    rows = [[variable(name), value or "-", settings.sources[name]] for name, value in shown.items()]
    output.table(["setting", "value", "from"], rows)


@app.command()
def path(ctx: typer.Context) -> None:
    """Show where config.toml is looked for."""
    output.write(str(context.of(ctx).settings.home / "config.toml"))
