"""The script of the demo: every scene does what it says on harbor, and nothing can leave the machine."""

import pytest

from openline.incident.permit import MayNotTouchTheWorld, permit
from openline.incident.script import SCENES, commander, first_report, is_playable
from tests.incident.plans import Log, harbor


def played() -> Log:
    log = Log()
    log.do(first_report(harbor(), "harbor", "0" * 64), commander(harbor()))
    for scene in SCENES:
        for command, actor in scene.play(log.state, harbor()):
            log.do(command, actor)
    return log


def test_plays_every_scene_without_a_refusal() -> None:
    log = played()

    assert is_playable(harbor())
    assert log.state.phase == "stood_down"
    assert log.state.stamps.keys() >= {
        "onset",
        "declared",
        "mitigated",
        "assessed",
        "resumed",
        "restored",
        "stood_down",
    }


def test_may_not_touch_the_world() -> None:
    with pytest.raises(MayNotTouchTheWorld):
        permit(played().state, "INC-1")
