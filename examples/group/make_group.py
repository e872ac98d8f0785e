"""Write Meridian Group, 5,000 agents in ten regions, as a plan's directory: `python make_group.py DIR [REGIONS]`.

Invented like its figures; it shows size. The shapes are in `openline.bench.group`, which the benchmark uses as well.
"""

import argparse
import io
from pathlib import Path

from ruamel.yaml import YAML

from openline.bench.group import ORGANIZATION, REGIONS, group_document, group_tables
from openline.plan.sections import COLLECTIONS


def files(regions: int) -> dict[str, str]:
    """Return the files of the plan; sections with many entities are folders with a file a region."""
    found = dict(group_tables())
    found["openline.yaml"] = _text({"format": 1, "organization": ORGANIZATION})
    by_file: dict[str, dict[str, list[object]]] = {}
    for name, entities in group_document(regions).items():
        for entity in entities:
            region = entity["id"][:4] if entity["id"][:1] == "r" and entity["id"][1:4].isdigit() else "common"
            by_file.setdefault(f"{COLLECTIONS[name].section}/{region}.yaml", {}).setdefault(name, []).append(entity)
    return found | {file: _text(document) for file, document in by_file.items()}


def _text(document: object) -> str:
    stream = io.StringIO()
    YAML(typ="safe", pure=False).dump(document, stream)
    return stream.getvalue()


def main() -> None:
    """Write the plan where the command line says; a directory that has something in it is left alone."""
    asked = argparse.ArgumentParser(description="Write Meridian Group as a plan's directory.")
    asked.add_argument("directory", metavar="DIR", type=Path, help="where to; it must be empty or not there")
    asked.add_argument("regions", metavar="REGIONS", type=int, nargs="?", default=REGIONS, help="500 agents each")
    found = asked.parse_args()
    if found.directory.exists() and any(found.directory.iterdir()):
        asked.error(f"{found.directory} is not empty: name another directory")
    for name, text in files(found.regions).items():
        (found.directory / name).parent.mkdir(parents=True, exist_ok=True)
        (found.directory / name).write_text(text)


if __name__ == "__main__":
    main()
