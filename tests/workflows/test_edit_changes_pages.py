"""A change of data alone changes what people see: the program is copied, one YAML file edited, no line of Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULE = Path("workflows/machines/programme.yaml")
NAME = "{ja: 非臨床・CMC開発, en: Non-clinical and CMC}"
PAGE = """
from app import create_app
from app.config import Settings
from app.core import migrations
from tests.factories.world import build_world, scope_of
from tests.web.visitor import Visitor
from app.therapies import services as therapies

settings = Settings(mail_transport="memory")
settings.var.mkdir()
migrations.upgrade(settings.database)
app = create_app(settings)
app.config.update(TESTING=True)
with app.app_context():
    world = build_world()
    therapy = therapies.add(
        scope_of(world.lead), name_ja="品", product_class="RMP-C", material="allogeneic_ips",
        stage="NONCLINICAL", because="記録",
    )
print(Visitor(app).as_(world.lead, "en").get(f"/therapies/{therapy}"))
"""


def page(folder: Path, number: int) -> str:
    """The page of a therapy as the program in ``folder`` draws it."""
    environment = {**os.environ, "SHIRUBE_VAR": str(folder / f"var{number}"), "PYTHONPATH": str(folder)}
    answer = subprocess.run(
        [sys.executable, "-c", PAGE], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_station_renamed_in_yaml_is_renamed_on_the_page(tmp_path: Path) -> None:
    for name in ("app", "workflows", "migrations", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert "Bench and process work" not in page(tmp_path, 1)
    rule = tmp_path / RULE
    text = rule.read_text()
    assert NAME in text
    rule.write_text(text.replace(NAME, "{ja: 試作と工程開発, en: Bench and process work}"))
    changed = page(tmp_path, 2)
    assert "Bench and process work" in changed
    assert "Non-clinical and CMC" not in changed
