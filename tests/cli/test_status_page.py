"""openline status-page export: files that stand by themselves, and refusals that say what to do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "openline", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)


def test_writes_the_page_of_a_centre_and_says_what_is_wrong(tmp_path: Path) -> None:
    take_in = "import sys; from pathlib import Path; from openline.server.start import prepare; "
    take_in += "prepare(Path(sys.argv[1]), [Path('examples/one-seat')])"
    subprocess.run([sys.executable, "-c", take_in, str(tmp_path / "data")], check=True, timeout=120, cwd=ROOT)
    data, to = ("--data", str(tmp_path / "data")), tmp_path / "out"

    written = run("status-page", "export", "corner-repairs", "--to", str(to), "--url", "https://o.example", *data)
    unknown = run("status-page", "export", "nowhere", "--to", str(to), *data)
    no_data = run("status-page", "export", "nowhere", "--to", str(to), "--data", str(tmp_path / "none"))

    assert written.returncode == 0, written.stderr
    assert 'action="https://o.example/status/corner-repairs/subscribe/"' in (to / "index.html").read_text()
    assert (to / "feed.xml").exists()
    assert (unknown.returncode, no_data.returncode) == (2, 2)
    assert "there is no centre 'nowhere'" in unknown.stderr
    assert "--data" in no_data.stderr
