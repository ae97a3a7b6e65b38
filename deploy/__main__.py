"""`python -m deploy` is `aduan`, wherever the distribution lies."""

from deploy.cli import app

app()
