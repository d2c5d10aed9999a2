"""What a part hands back."""

from dataclasses import dataclass, field


@dataclass
class Goal:
    what: str
    goal: str
    measured: str
    is_met: bool


@dataclass
class Section:
    title: str
    text: list = field(default_factory=list)
    goals: list = field(default_factory=list)

    def add(self, text):
        self.text.append(text)

    def at_least(self, what, limit, measured, unit):
        self.goals.append(Goal(what, f"≥ {limit:g} {unit}", f"{measured:.2f} {unit}", measured >= limit))

    def at_most(self, what, limit, measured, unit):
        self.goals.append(Goal(what, f"≤ {limit:.4g} {unit}", f"{measured:.4g} {unit}", measured <= limit))

    def markdown(self):
        return "\n\n".join([f"### {self.title}", *self.text])
