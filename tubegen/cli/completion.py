"""`tubegen completion`"""

import click
from click.shell_completion import get_completion_class

from tubegen.errors import TubegenError


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that lets SHELL complete tubegen's commands and options.

    \b
    Examples:
      tubegen completion bash >> ~/.bashrc
      tubegen completion zsh >> ~/.zshrc
      tubegen completion fish > ~/.config/fish/completions/tubegen.fish
    """
    from tubegen.cli import main

    kind = get_completion_class(shell)
    if kind is None:
        raise TubegenError
    click.echo(kind(main, {}, "tubegen", "_TUBEGEN_COMPLETE").source())
