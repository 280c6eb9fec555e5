"""``firstlight cloud command``, ``publish-model`` and ``publish-cards``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.cli.bundles import keys_option
from tools.cli.cloud_options import SITE, access_options, project_of
from tools.cli.options import EXISTING_FILE, as_json

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access
    from cloud_sync.firebase.admin.published import ModelFacts
    from cloud_sync.firebase.admin.queue import Kind, Queued
    from models.bundle import Bundle


@click.command()
@SITE
@click.option("--kiosk", metavar="ID", help="The kiosk that is to do it.")
@click.option("--all-kiosks", is_flag=True, help="Every kiosk of the site that is in use.")
@click.option("--percent", type=click.IntRange(1, 100), help="With --all-kiosks: a share of them; a larger one contains it.")
@click.option(
    "--kind", "kind_word", required=True, type=click.Choice(["configuration", "model", "revoke_card"]), help="What to do."
)
@click.option("--file", "value_file", type=EXISTING_FILE, help="configuration: a file with the settings (JSON or TOML).")
@click.option("--model", metavar="SHA256", help="model: the published bundle that is to be used.")
@click.option("--card", metavar="REF", help="revoke_card: the card's reference, 64 hexadecimal digits; never its number.")
@click.option("--wait", "waits", is_flag=True, help="Wait for the answers; exits with 7 where one is missing or a refusal.")
@click.option("--timeout", type=click.FloatRange(1, 86_400), default=300.0, show_default=True, help="With --wait: seconds.")
@as_json
@access_options
def command(
    site: str,
    kiosk: str | None,
    all_kiosks: bool,
    percent: int | None,
    kind_word: str,
    value_file: Path | None,
    model: str | None,
    card: str | None,
    waits: bool,
    timeout: float,
    as_json: bool,
    access: Access,
) -> None:
    """Send a configuration, a model or a card's revocation to kiosks.

    A command waits in the cloud until the kiosk fetches it. A kiosk verifies a bundle's signature itself, and refuses what it
    does not know; nothing that is sent here can make it trust somebody new.
    """
    from cloud_sync.firebase.admin.kiosks import in_use
    from cloud_sync.firebase.admin.queue import Kind, queue, staged, wait

    if (kiosk is None) != all_kiosks or (percent is not None and not all_kiosks):
        raise click.UsageError("give --kiosk, or --all-kiosks (with --percent)")
    kind = Kind(kind_word)
    value = _value(kind, value_file, model, card)
    with project_of(access) as project:
        kiosks = in_use(project, site, kiosk)
        if percent is not None:
            kiosks = staged(kiosks, percent, model or json.dumps(value, sort_keys=True))
        queued = queue(project, site, kiosks, kind, value)
        if waits:
            queued = wait(project, queued, timeout)
    if as_json:
        click.echo(json.dumps([_row(one) for one in queued], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(map(_line, queued)))
    if waits and not all(one.accepted for one in queued):
        raise click.exceptions.Exit(7)


def _value(kind: Kind, file: Path | None, model: str | None, card: str | None) -> dict[str, Any]:
    given = {"configuration": file, "model": model, "revoke_card": card}
    if given[kind] is None or sum(each is not None for each in given.values()) != 1:
        raise click.UsageError("configuration takes --file, model takes --model, revoke_card takes --card, and nothing else")
    if kind == "model":
        return {"sha256": model}
    return {"card_ref": card} if file is None else _settings(file)


def _settings(file: Path) -> dict[str, Any]:
    import tomllib

    text = file.read_text(encoding="utf-8")
    try:
        settings = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"{file} cannot be read: {error}", param_hint="--file") from error
    if not isinstance(settings, dict):
        raise click.BadParameter(f"{file} holds no table of settings", param_hint="--file")
    return settings


def _row(one: Queued) -> dict[str, Any]:
    return {"kiosk": one.kiosk, "command": one.path, "accepted": one.accepted, "detail": one.detail}


def _line(one: Queued) -> str:
    state = {None: "queued", True: "done", False: "refused"}[one.accepted]
    return f"{one.kiosk:<24} {state:<8} {one.detail or ''}".rstrip()


@click.command("publish-model")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, file_okay=False))
@keys_option
@access_options
def publish_model(bundle: Path, keys: Path | None, access: Access) -> None:
    """Put the signed model bundle in the folder BUNDLE where kiosks fetch it, and its card where doctors read it.

    One that is not signed by a key of --keys is refused: no kiosk would take it. It can be published, never changed: its name
    is its hash.
    """
    from cloud_sync.firebase.admin.published import publish_bundle
    from models.bundle import SIGNATURE, SUMS, Bundle
    from models.errors import SignatureMissing
    from models.trial import try_out
    from models.trust import establish_trust
    from tools.cli.bundles import keys_folder

    opened = Bundle.open(bundle)
    trust = establish_trust(opened, keys_folder(keys, None))
    if opened.signature is None:
        raise SignatureMissing(f"{bundle} comes with Firstlight and is on every kiosk; `publish-cards` shows its card")
    try_out(opened)
    files = {**opened.files, SUMS: opened.sums, SIGNATURE: opened.signature}
    with project_of(access) as project:
        made = publish_bundle(project, _facts(opened), files)
    click.echo(f"{opened.card.name} {opened.card.version} ({trust}) is {made}: {opened.sha256}")


@click.command("publish-cards")
@access_options
def publish_cards(access: Access) -> None:
    """Show the cards of the shipped models in the portal: what each was made of, and what it does not show."""
    from cloud_sync.firebase.admin.published import publish_card
    from models.bundle import SUMS, Bundle, default_bundle

    with project_of(access) as project:
        for folder in sorted(path.parent for path in default_bundle("breast").parent.glob(f"*/{SUMS}")):
            opened = Bundle.open(folder)
            made = publish_card(project, _facts(opened))
            click.echo(f"{opened.card.name:<16} {opened.card.version:<8} {made:<10} {opened.sha256}")


def _facts(bundle: Bundle) -> ModelFacts:
    from cloud_sync.firebase.admin.published import ModelFacts

    return ModelFacts(bundle.card.name, bundle.card.version, bundle.sha256, bundle.card.document)
