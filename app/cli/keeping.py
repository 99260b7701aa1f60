"""Commands that keep the data: backup, restore, check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.answering import answer, refuse
from app.cli.data import settings


@click.command()
@click.argument("target", metavar="FOLDER-or-FILE", type=click.Path(path_type=Path))
@click.option("--incomplete", is_flag=True, help="Also when stored files are missing or damaged.")
@with_appcontext
def backup(target: Path, incomplete: bool) -> None:
    """Write one state of everything into a new file, while the program is running."""
    from app.core.backup import CannotError, making  # noqa: PLC0415 — commands import what they need

    try:
        made = making.make(settings(), target.absolute(), incomplete=incomplete)
    except CannotError as error:
        refuse(error)
    except OSError as error:
        refuse(f"No backup was made: {error}")
    manifest = made.manifest
    answer(
        {
            "backup": str(made.path),
            "sha256": made.sha256,
            "size": made.size,
            "made_at": manifest.made_at,
            "database": manifest.database,
            "revision": manifest.revision,
            "files": len(manifest.files()),
            "missing_files": manifest.missing_files,
            "holds_secret_key": manifest.holds_key(),
        },
        findings=bool(manifest.missing_files),
    )


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--other-key", is_flag=True, help="The secret key is lost; everybody chooses a new password.")
@with_appcontext
def restore(file: Path, other_key: bool) -> None:
    """Bring a backup back into an empty folder and an empty database."""
    from app.core.backup import CannotError, restoring  # noqa: PLC0415

    try:
        manifest = restoring.restore(settings(), file.absolute(), other_key=other_key)
    except CannotError as error:
        refuse(error)
    except OSError as error:
        refuse(f"Nothing was restored: {error}")
    answer(
        {
            "restored": str(file),
            "made_at": manifest.made_at,
            "revision": manifest.revision,
            "files": len(manifest.files()),
            "missing_files": manifest.missing_files,
        }
    )
    click.echo("Restored. Next: flask setup, then flask check.", err=True)


@click.command()
@with_appcontext
def check() -> None:
    """Read everything and compare: database, references, stored files, mails, plans."""
    from app.abroad import agreement as abroad  # noqa: PLC0415
    from app.core import check as checking  # noqa: PLC0415
    from app.schedule import agreement  # noqa: PLC0415

    report = checking.check(settings(), [agreement.without_subject, abroad.without_definition])
    answer(asdict(report), findings=bool(report.findings))


COMMANDS: tuple[click.Command, ...] = (backup, restore, check)
