"""Reads the sample city as a stranger would and holds it against the words of the contract."""
import sys

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


def main():
    city = city_reader.City(sys.argv[1])
    check_form(city)
    check_plenty(city)
    print("ok: %d lines, %d expected" % (len(city.lines), len(city.expected)))


main()
