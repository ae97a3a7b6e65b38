"""Sub-commands loaded when they are called: `aduan doctor` must answer at once, also where something else is broken."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

ELSEWHERE = {
    "demo": ("deploy.demo.run", "demo"),
    "evaluate": ("deploy.tables", "evaluate"),
    "import": ("deploy.wabo.command", "app"),
    "keys": ("deploy.keys", "app"),
    "parked": ("deploy.parked", "app"),
    "rebuild": ("deploy.rebuild", "rebuild"),
    "recap": ("deploy.tables", "recap"),
    "schemas": ("deploy.schemas", "app"),
    "secrets": ("deploy.secrets_files", "secrets"),
    "token": ("deploy.token", "token"),
    "topics": ("deploy.topics", "topics"),
}
"""Command, then module and the function or Typer app in it."""


class Lazy(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = ELSEWHERE[cmd_name]
        return _command(getattr(import_module(module), name), cmd_name)


def _command(found: Any, name: str) -> Any:
    if isinstance(found, typer.Typer):
        return named(typer.main.get_command(found), name)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return named(typer.main.get_command(alone), name)


def named(command: Any, name: str) -> Any:
    command.name = name
    return command
