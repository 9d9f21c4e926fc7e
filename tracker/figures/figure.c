#include "figure.h"

#define KM                                                                                                   \
    {                                                                                                        \
        "公里", "km"                                                                                         \
    }
#define PERCENT                                                                                              \
    {                                                                                                        \
        "%", "%"                                                                                             \
    }
#define NO_UNIT                                                                                              \
    {                                                                                                        \
        "", ""                                                                                               \
    }

/* clang-format off */
const struct figure_row figure_rows[FIGURE_COUNT] = {
    [FIGURE_VEHICLES] = {"vehicles", {"在岗车辆", "vehicles on duty"}, {"辆", ""}, FIGURE_OF_TRACKS, FIGURE_COUNTED, 0,
        "vehicles that drove on at least one of the days", "", "never"},
    [FIGURE_VEHICLE_DAYS] = {"vehicle_days", {"在岗车日", "vehicle-days"}, {"车日", ""}, FIGURE_OF_TRACKS, FIGURE_COUNTED, 0,
        "days on which a vehicle drove, over all vehicles", "", "never"},
    [FIGURE_ONLINE] = {"online", {"上线率", "online"}, PERCENT, FIGURE_OF_TRACKS, FIGURE_SHARE, 1,
        "days on which a vehicle of the fleet file sent a fix", "days of each vehicle of the fleet file in force at the day's end",
        "no fleet file is archived, or it has no such vehicle"},
    [FIGURE_DRIVEN_H] = {"driven_h", {"行驶时长", "driven"}, {"小时", "h"}, FIGURE_OF_TRACKS, FIGURE_COUNTED, 1,
        "time between valid fixes no more than gap_s apart in which the unit moved (1 m/s and more by its speed; without one by its way)", "", "never"},
    [FIGURE_HEARD_H] = {"heard_h", {"在线时长", "heard"}, {"小时", "h"}, FIGURE_OF_TRACKS, FIGURE_COUNTED, 1,
        "time between fixes no more than gap_s apart", "", "never"},
    [FIGURE_WAY_KM] = {"way_km", {"行驶里程", "way"}, KM, FIGURE_OF_TRACKS, FIGURE_COUNTED, 1,
        "straight ways between valid fixes, over the time of driven_h", "", "never"},
    [FIGURE_VALID] = {"valid", {"定位有效率", "valid positions"}, PERCENT, FIGURE_OF_TRACKS, FIGURE_SHARE, 2,
        "fixes with a position and, where mode is said, mode 2 or 3", "fixes, but those by a clock known to be wrong", "no fix"},
    [FIGURE_COMPLETE] = {"complete", {"轨迹完整率", "track completeness"}, PERCENT, FIGURE_OF_TRACKS, FIGURE_SHARE, 2,
        "way_km", "way_km and the straight ways over pauses longer than gap_s, of 100 m and more (in m)", "nothing was driven"},
    [FIGURE_TRIPS] = {"trips", {"运输趟次", "trips"}, {"趟", ""}, FIGURE_OF_TRIPS, FIGURE_COUNTED, 0,
        "trips that departed on the day and stand", "", "never"},
    [FIGURE_TONNES] = {"tonnes", {"运量", "tonnes"}, {"吨", "t"}, FIGURE_OF_TRIPS, FIGURE_SUM, 1,
        "load_kg of trips that have it", "so many trips have it", "there are trips, and none was weighed"},
    [FIGURE_SEALED] = {"sealed", {"密闭率", "sealed"}, PERCENT, FIGURE_OF_TRIPS, FIGURE_SHARE, 1,
        "trips without uncovered", "trips with it, and those whose cover was known over 90 % of their time",
        "a trip without a cover sensor that works, or without an end; no trip is left"},
    [FIGURE_WASHED] = {"washed", {"冲洗率", "washed"}, PERCENT, FIGURE_OF_TRIPS, FIGURE_SHARE, 1,
        "trips without unwashed_exit", "trips with it, and those from a site that has a wash", "a trip from a site without a wash, or from none; no trip is left"},
    [FIGURE_ON_ROUTE] = {"on_route", {"按路线率", "on route"}, PERCENT, FIGURE_OF_TRIPS, FIGURE_SHARE, 1,
        "trips without off_route", "trips with it, and those whose permit names routes and whose completeness is 0.9 and more",
        "a trip without such a permit, or that was not seen; no trip is left"},
    [FIGURE_IN_HOURS] = {"in_hours", {"按时段率", "in hours"}, PERCENT, FIGURE_OF_TRIPS, FIGURE_SHARE, 1,
        "trips without wrong_hours", "trips with it, and those with a permit whose completeness is 0.9 and more",
        "a trip without a permit, or that was not seen; no trip is left"},
    [FIGURE_PERMITTED] = {"permitted", {"持证率", "with permit"}, PERCENT, FIGURE_OF_TRIPS, FIGURE_SHARE, 1,
        "trips without no_permit", "trips with it, and those with a permit", "a trip that has neither; no trip is left"},
    [FIGURE_FINDINGS] = {"findings", {"违规数", "findings"}, {"起", ""}, FIGURE_OF_FINDINGS, FIGURE_COUNTED, 0,
        "findings that began on the day and stand: those withdrawn are none", "", "never"},
    [FIGURE_MINOR] = {"minor", {"轻微", "minor"}, {"起", ""}, FIGURE_OF_FINDINGS, FIGURE_COUNTED, 0, "of these, of severity minor", "", "never"},
    [FIGURE_MAJOR] = {"major", {"较重", "major"}, {"起", ""}, FIGURE_OF_FINDINGS, FIGURE_COUNTED, 0, "of severity major", "", "never"},
    [FIGURE_CRITICAL] = {"critical", {"严重", "critical"}, {"起", ""}, FIGURE_OF_FINDINGS, FIGURE_COUNTED, 0, "of severity critical", "", "never"},
    [FIGURE_PER_100] = {"per_100_trips", {"百趟违规数", "per 100 trips"}, NO_UNIT, FIGURE_OF_FINDINGS, FIGURE_MEAN, 1,
        "findings, times 100", "trips; by kind, jurisdiction and road those of all rows", "no trip"},
    [FIGURE_REPEAT] = {"repeat", {"屡犯车辆", "repeat offenders"}, {"辆", ""}, FIGURE_OF_FINDINGS, FIGURE_SUM, 0,
        "vehicles with 3 findings and more", "vehicles with a finding", "never"},
    [FIGURE_ACK_MIN] = {"ack_min", {"平均签收", "to acknowledgement"}, {"分钟", "min"}, FIGURE_OF_FINDINGS, FIGURE_MEAN, 1,
        "time from the first entry of a finding to its first action acknowledge", "findings that were acknowledged", "none was"},
    [FIGURE_ACK_ON_TIME] = {"ack_on_time", {"及时签收率", "acknowledged on time"}, PERCENT, FIGURE_OF_FINDINGS, FIGURE_SHARE, 1,
        "findings acknowledged within the time for their severity", "findings acknowledged, or for which that time is over",
        "no action is archived: nobody works with them here; or no finding is left"},
    [FIGURE_CLOSE_H] = {"close_h", {"平均办结", "to closing"}, {"小时", "h"}, FIGURE_OF_FINDINGS, FIGURE_MEAN, 1,
        "time from the first entry of a finding to its last action close, unless reopen came behind it", "findings that were closed", "none was"},
    [FIGURE_CLOSE_ON_TIME] = {"close_on_time", {"按期办结率", "closed on time"}, PERCENT, FIGURE_OF_FINDINGS, FIGURE_SHARE, 1,
        "findings closed within the time for their severity", "findings closed, or for which that time is over", "as ack_on_time"},
};
/* clang-format on */

void figure_explain(struct buf *out)
{
    buf_puts(
        out,
        "| figure | 名称 | unit | above the line | below it | unknown where |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        const struct figure_row *row = &figure_rows[i];
        buf_printf(out, "| `%s` | %s | %s | %s | %s | %s |\n", row->name, row->heading[FIGURE_ZH],
                   row->unit[FIGURE_EN], row->above, row->below, row->unknown);
    }
}
