"""Reads the sample city as a stranger would and holds it against the words of the contract."""
import sys
from datetime import datetime, timedelta, timezone

import city_judge
import city_reader


def check_form(city):
    """Lines are in order of arrival; journals have no holes; every vehicle and fence named is there."""
    newest, last_seq = 0, {}
    for row in city.lines:
        assert row["received"] >= newest, "arrival order"
        newest = row["received"]
        assert row["vehicle"] in city.vehicles
        if row.get("mode", 3) > 1:
            assert 29 < row["lat"] < 32 and 112 < row["lon"] < 114 and 0 <= row["speed"] < 40 and 0 <= row["track"] < 360
        if "boot" in row:
            key = (row["vehicle"], row["boot"])
            assert row["seq"] <= last_seq.get(key, 0) + 1, "a hole in a journal"
            last_seq[key] = max(last_seq.get(key, 0), row["seq"])
    for row in city.expected:
        assert row["vehicle"] in city.vehicles and row.get("fence", "site-1") in city.fences
        assert row.get("permit") is None or row["permit"] in city.permits
        assert row["end"] is None or row["end"] >= row["start"]


def check_plenty(city):
    """At least three episodes of every kind that the day is for."""
    for kind in ("off_route wrong_hours banned_area spill uncovered overload over_height illegal_dumping illegal_loading no_permit "
                 "wrong_site unwashed_exit speeding overstay offline no_fix tamper").split():
        assert sum(row["kind"] == kind for row in city.expected) >= 3, kind


def check_rules(city):
    """The contract's rules on the fixes find what is planted, at its times, and nothing else."""
    rows = {}
    for row in city.lines:
        rows.setdefault(row["vehicle"], []).append(row)
    judges = [city_judge.Judge(city, vehicle, rows[vehicle]) for vehicle in sorted(rows)]
    found = [e for judge in judges for e in judge.run()]
    check_trips(city, judges)
    left = list(city.expected)
    extra = []
    for e in found:
        match = next((row for row in left if same(row, e)), None)
        left.remove(match) if match else extra.append(e)
    for row in left:
        print("missing", row)
    for e in extra:
        print("extra  ", e, clock(e["start"]), clock(e["end"]))
    assert not left and not extra
    return len(found)


def check_trips(city, judges):
    """Each trip of the ledger is seen in the fixes, and no other."""
    seen = [(judge.vehicle["id"], *trip) for judge in judges for trip in judge.trips]
    assert len(seen) == len(city.trips), (len(seen), len(city.trips))
    for row in city.trips:
        assert any(vehicle == row["vehicle"] and site == row["site"] and abs(row["departed"] / 1000 - departed) <= 15
                   and disposal == row["disposal"] and abs(row["unloaded"] / 1000 - unloaded) <= 15
                   for vehicle, site, departed, disposal, unloaded in seen), row
        assert row["permit"] is None or row["permit"] in city.permits


def same(row, e):
    def near(ms, s):
        return ms is None or s is not None and abs(ms / 1000 - s) <= row["tolerance_s"]
    return row["kind"] == e["kind"] and row["vehicle"] == e["vehicle"] and near(row["start"], e["start"]) and \
        near(row["end"], e["end"]) and all(row.get(k, e.get(k)) == e[k] for k in ("fence", "subject", "site") if k in e)


def clock(t):
    return "-" if t is None else datetime.fromtimestamp(t, timezone(timedelta(hours=8))).strftime("%H:%M:%S")


def main():
    city = city_reader.City(sys.argv[1])
    check_form(city)
    check_plenty(city)
    check_rules(city)
    print("ok: %d lines, %d expected" % (len(city.lines), len(city.expected)))


main()
