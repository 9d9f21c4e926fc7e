"""The few forms of opening hours that the sample city uses, evaluated the long way: a span belongs to the day on
which it starts, so the spans of today and of yesterday are laid out and looked through."""
import re
from datetime import datetime, timedelta, timezone

CST = timezone(timedelta(hours=8))
DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


def is_open(expression, t, calendar):
    if expression is None or expression == "24/7":
        return True
    now = datetime.fromtimestamp(t, CST)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in (0, 1):
        day = midnight - timedelta(days=back)
        minute = (t - day.timestamp()) / 60
        if any(a <= minute < b for a, b in spans(expression, day, calendar)):
            return True
    return False


def spans(expression, day, calendar):
    """Spans of a day in minutes from its midnight; later rules replace earlier ones."""
    out = []
    for rule in expression.split(";"):
        m = re.fullmatch(r"\s*(?:(WD|PH|[A-Z][a-z]-[A-Z][a-z]|2026 Jun 07-09)\s+)?(off|[\d:,-]+)\s*", rule)
        assert m, "hours not understood: %r" % expression
        if not selected(m.group(1), day, calendar):
            continue
        out = []
        if m.group(2) != "off":
            for span in m.group(2).split(","):
                a, b = (int(h) * 60 + int(s) for h, s in re.findall(r"(\d+):(\d+)", span))
                out.append((a, b if b > a else b + 1440))
    return out


def selected(selector, day, calendar):
    marked = calendar.get(day.strftime("%Y-%m-%d"))
    if selector is None:
        return True
    if selector == "PH":
        return marked is True
    if selector == "WD":
        return marked is False or marked is None and day.weekday() < 5
    if selector.startswith("2026"):
        return day.year == 2026 and day.month == 6 and 7 <= day.day <= 9
    first, last = (DAYS.index(name) for name in selector.split("-"))
    return first <= day.weekday() <= last
