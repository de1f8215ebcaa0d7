"""A proposed rule: what it says, how well the data supports it, and the call that declares it."""

import re
from dataclasses import dataclass, field
from typing import Any

# A rule that more rows break is a coincidence.
VIOLATED_SHARE_MAX = 0.03
NAME_LENGTH_MAX = 48
# Arguments that distinguish one rule from another.
DISTINGUISHING = (
    "table",
    "total",
    "limit",
    "amount",
    "child",
    "child_where",
    "columns",
    "column",
    "parent",
)
LISTS = {"key", "columns", "values", "child_key", "parent_columns", "groups", "steps"}


@dataclass
class Proposal:
    """A rule that the data supports.

    Args:
        template: Its template.
        arguments: Its arguments, without `p_`.
        subject: What it is about, for its name.
        priority: P1 to P4.
        is_certain: Whether names and data leave little doubt.
        checked: How many rows support it.
    """

    template: str
    arguments: dict[str, Any]
    subject: str
    priority: str
    is_certain: bool
    checked: int
    violations: int = 0
    violating: list[str] = field(default_factory=list)
    description: str = ""
    unit: str = "rows"

    @property
    def name(self) -> str:
        """Return the name of the rule."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.subject)
        name = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")[:NAME_LENGTH_MAX].strip("_")
        is_one = re.fullmatch("[A-Z][A-Z0-9_]{2,}", name)
        return name if is_one else f"RULE_{name}"[:NAME_LENGTH_MAX]

    @property
    def evidence(self) -> str:
        """Return what the data says about it."""
        held = self.checked - self.violations
        if not self.violations:
            return f"holds for {held:,} of {self.checked:,} {self.unit}"
        more = " …" if self.violations > len(self.violating) else ""
        return (
            f"holds for {held:,} of {self.checked:,} {self.unit};"
            f" violated by {self.violations}: {', '.join(self.violating)}{more}"
        )

    @property
    def signature(self) -> tuple[Any, ...]:
        """Return what makes two rules the same."""
        return (self.template, *(str(self.arguments.get(name)) for name in DISTINGUISHING))

    def described(self) -> dict[str, Any]:
        """Return what a program reads of it."""
        return {
            "name": self.name,
            "template": self.template,
            "priority": self.priority,
            "description": self.description,
            "isCertain": self.is_certain,
            "checked": self.checked,
            "violations": self.violations,
            "call": self.call(),
        }

    def call(self) -> str:
        """Return the SQL that declares it."""
        given = {"name": self.name} | self.arguments | {"priority": self.priority}
        lines = ",\n    ".join(f"p_{key} => {_literal(key, value)}" for key, value in given.items())
        return f"select plumb.declare_{self.template}(\n    {lines}\n);\n"


def literal(value: Any) -> str:
    """Return a value as SQL.

    Args:
        value: A text, a number or a truth value.
    """
    return _literal("", value)


def _literal(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if key in LISTS:
        return f"array[{', '.join(_literal('', v) for v in value)}]"
    return "'" + str(value).replace("'", "''") + "'"
