"""Conditions, wildcards and variables of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html. An operator that is not
known here is an error, not a guess.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Callable

# Key in lower case (they are not case-sensitive) -> value or values. A key that the request does not have is absent.
Context = dict[str, Any]


@lru_cache(maxsize=4096)
def _pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    text = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    # Marks set by `substitute`: characters that stand for themselves.
    for mark, character in (("\ue000", r"\*"), ("\ue001", r"\?"), ("\ue002", r"\$")):
        text = text.replace(mark, character)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """`*` stands for any characters, `?` for one."""
    return _pattern(pattern, ignore_case).fullmatch(value) is not None


def substitute(pattern: str, context: Context) -> str:
    """Fills in policy variables: `${aws:username}`, `${aws:username, 'default'}`, `${*}`."""
    if "${" not in pattern:
        return pattern

    def value(match: re.Match[str]) -> str:
        key, _, default = match.group(1).partition(",")
        literal = {"*": "\ue000", "?": "\ue001", "$": "\ue002"}.get(key)
        if literal is not None:
            return literal
        found = context.get(key.strip().lower())
        if isinstance(found, str):
            return found.replace("*", "\ue000").replace("?", "\ue001")
        # Without a value the statement never matches: no request has this character.
        return default.strip().strip("'") if default else "\ue003"

    return re.sub(r"\$\{([^}]+)\}", value, pattern)


def _equal(expected: str, actual: str) -> bool:
    return expected == actual


def _equal_ignoring_case(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


def _same_truth(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


def _in_network(expected: str, actual: str) -> bool:
    return ip_address(actual) in ip_network(expected, strict=False)


def _compare(convert: Callable[[str], Any]) -> dict[str, Callable[[str, str], bool]]:
    return {
        "Equals": lambda expected, actual: convert(actual) == convert(expected),
        "LessThan": lambda expected, actual: convert(actual) < convert(expected),
        "LessThanEquals": lambda expected, actual: convert(actual) <= convert(expected),
        "GreaterThan": lambda expected, actual: convert(actual) > convert(expected),
        "GreaterThanEquals": lambda expected, actual: convert(actual) >= convert(expected),
    }


def _date(text: str) -> float:
    return float(text) if text.isdigit() else datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _same_truth,
    "IpAddress": _in_network,
    **{f"Numeric{name}": test for name, test in _compare(float).items()},
    **{f"Date{name}": test for name, test in _compare(_date).items()},
}

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def all_hold(conditions: dict[str, dict[str, Any]], context: Context) -> bool:
    return all(
        _holds(operator, context.get(key.lower()), _texts(expected), context)
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _holds(operator: str, actual: Any, expected: list[str], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return (actual is None) == (expected[0].lower() == "true")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = name in NEGATED
    test = OPERATORS.get(NEGATED.get(name, name))
    if test is None:
        raise ValueError(f"policy condition: unknown operator, got {operator}; expected one of {sorted([*OPERATORS, *NEGATED])}")
    if actual is None:
        return if_exists or negated or quantifier == "ForAllValues"

    wanted = [substitute(one, context) for one in expected]
    results = [any(test(one, value) for one in wanted) != negated for value in _texts(actual)]
    return all(results) if quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue") else any(results)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
