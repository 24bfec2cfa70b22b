"""Which speaker answers: the one that is named, or the one that a classifier's label points to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tamiz.errors import SettingsError
from tamiz.settings import ServingSettings
from tuning.serving.bases import Speaker

__all__ = ["AUTO", "Routing", "make_routing"]

AUTO = "auto"  # the model's name in a request that the classifier shall route


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Label to speaker's name; `default` takes the labels without a route."""

    router: Speaker
    default: str
    routes: Mapping[str, str] = field(default_factory=dict)

    def chosen(self, label: str) -> str:
        """The name of the speaker for a question of this label."""
        return self.routes.get(label, self.default)


def make_routing(speakers: Mapping[str, Speaker], settings: ServingSettings) -> Routing | None:
    """The routing of the settings; None without a router. SettingsError names what is not there or does not fit.

    A label without a route of its own goes to the speaker of its name, where there is one.
    """
    if not settings.router:
        return None
    answering = [name for name, speaker in speakers.items() if not speaker.labels]
    router = speakers.get(settings.router)
    if router is None or not router.labels:
        there = ", ".join(name for name, speaker in speakers.items() if speaker.labels) or "none"
        raise SettingsError(
            f"[serving] router is {settings.router!r}, which is no classifier that is served (there are: {there}). "
            'Train one with [tuning] task = "classify"'
        )
    if AUTO in speakers:
        raise SettingsError(f'an adapter is named "{AUTO}", which is what requests to be routed are sent to')
    labels = [str(label) for label in router.card.settings.get("labels", ())]
    for label, name in settings.routes.items():
        if label not in labels:
            raise SettingsError(f"[serving.routes] {label!r} is no label of {router.name}; it has: {', '.join(labels)}")
        if name not in answering:
            raise SettingsError(f"[serving.routes] {label} points to {name!r}; served are: {', '.join(answering)}")
    default = settings.default or next(iter(answering), "")
    if default not in answering:
        raise SettingsError(f"[serving] default is {default!r}; served are: {', '.join(answering) or 'none'}")
    own = {label: label for label in labels if label in answering}
    return Routing(router=router, default=default, routes={**own, **settings.routes})
