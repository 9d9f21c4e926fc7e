#include "archive_schema.h"

#define CURSORS                                                                                              \
    "CREATE TABLE IF NOT EXISTS cursors(stream TEXT PRIMARY KEY, life INTEGER, ms INTEGER, seq INTEGER, "    \
    "missed INTEGER, added INTEGER) WITHOUT ROWID;"
#define FIELD(name)  "json_extract(fields, '$." name "') AS " name ", "
#define NUMBER(name) "CAST(json_extract(fields, '$." name "') AS REAL) AS " name ", "
#define WHOLE(name)  "CAST(json_extract(fields, '$." name "') AS INTEGER) AS " name ", "
/* What stands of an id: of its highest revision what the latest life told last. */
#define STANDING(view, from, id)                                                                             \
    "CREATE VIEW IF NOT EXISTS " view " AS SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY " id     \
    " ORDER BY rev DESC, life DESC, ms DESC, seq DESC) AS place FROM " from                                  \
    ") WHERE place = 1 AND ifnull(event, '') <> 'withdrawn';"

/* What stands of finding and trip, an id a row; ONE picks one id, or all. What is told in `actions` is an entry of its own. */
#define FIGURE_OF_FINDING(one)                                                                               \
    "INSERT INTO finding_figures SELECT id, vehicle, company, start, kind, json_extract(fields, "            \
    "'$.severity'), json_extract(fields, '$.jurisdiction'), json_extract(fields, '$.road_class'), "          \
    "json_extract(fields, '$.permit'), json_extract(fields, '$.trip'), (SELECT min(ms) FROM entries t "      \
    "WHERE t.stream = 'violations' AND t.id = stands.id), (SELECT min(ms) FROM entries a WHERE a.stream = "  \
    "'actions' AND json_extract(a.fields, '$.id') = stands.id AND json_extract(a.fields, '$.action') = "     \
    "'acknowledge'), (SELECT CASE json_extract(a.fields, '$.action') WHEN 'close' THEN ms END FROM "         \
    "entries a WHERE a.stream = 'actions' AND json_extract(a.fields, '$.id') = stands.id AND "               \
    "json_extract(a.fields, '$.action') IN ('close', 'reopen') ORDER BY life DESC, ms DESC, seq DESC LIMIT " \
    "1) FROM " STANDS("violations", one)
#define FIGURE_OF_TRIP(one)                                                                                  \
    "INSERT INTO trip_figures SELECT id, vehicle, start, CAST(json_extract(fields, '$.unloaded') AS "        \
    "INTEGER), json_extract(fields, '$.permit'), json_extract(fields, '$.site'), json_extract(fields, "      \
    "'$.disposal'), CAST(json_extract(fields, '$.load_kg') AS REAL), CAST(json_extract(fields, "             \
    "'$.completeness') AS REAL) FROM " STANDS("trips", one)
#define STANDS(stream, one)                                                                                  \
    "(SELECT *, row_number() OVER (PARTITION BY id ORDER BY rev DESC, life DESC, ms DESC, seq DESC) AS "     \
    "place FROM entries WHERE stream = '" stream "' AND id " one                                             \
    ") AS stands WHERE place = 1 AND ifnull(event, '') <> 'withdrawn' AND start IS NOT NULL"

const char archive_figure_finding[] = FIGURE_OF_FINDING("= ?1"),
           archive_figure_trip[] = FIGURE_OF_TRIP("= ?1");
const char archive_figures_all[] = "DELETE FROM finding_figures; DELETE FROM trip_figures;" FIGURE_OF_FINDING(
    "IS NOT NULL") ";" FIGURE_OF_TRIP("IS NOT NULL");

/* clang-format off */
const char archive_schema_city[] =
    "CREATE TABLE IF NOT EXISTS state(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lives(life INTEGER PRIMARY KEY, begun INTEGER, why TEXT, batch_archived "
    "INTEGER, "
    "batch_found INTEGER);" CURSORS "CREATE TABLE IF NOT EXISTS orphans(stream TEXT, key BLOB, made INTEGER, "
                                    "PRIMARY KEY(stream, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS worlds(hash TEXT PRIMARY KEY, canonical BLOB) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS entries(stream TEXT, life INTEGER, ms INTEGER, seq INTEGER, id TEXT, rev "
    "INTEGER, "
    "event TEXT, kind TEXT, vehicle TEXT, company TEXT, start INTEGER, received INTEGER, hash BLOB, fields "
    "TEXT, "
    "UNIQUE(stream, life, ms, seq));"
    "CREATE UNIQUE INDEX IF NOT EXISTS entries_told ON entries(stream, id, rev, hash) WHERE id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS entries_vehicle ON entries(stream, vehicle, start);"
    "CREATE INDEX IF NOT EXISTS entries_start ON entries(stream, start) WHERE start IS NOT NULL;"
    "CREATE VIEW IF NOT EXISTS findings AS SELECT id, rev, life, ms, seq, event, kind, vehicle, company, "
    "start, "
    "received, " FIELD("severity") FIELD("plate") WHOLE("at") WHOLE("end") FIELD("reason") FIELD("cause")
        NUMBER("lat") NUMBER("lon") NUMBER("start_lat") NUMBER("start_lon") FIELD("fence") FIELD("permit")
            FIELD("trip") NUMBER("value") FIELD("unit") FIELD("jurisdiction") FIELD("road_class") FIELD(
                "event_code") FIELD("department") FIELD("ruleset") FIELD("text_zh")
                FIELD("text_en") "fields FROM entries WHERE stream = 'violations';" STANDING(
                    "findings_stand", "findings",
                    "id") "CREATE VIEW IF NOT EXISTS trips AS SELECT id AS trip, rev, life, ms, seq, event, "
                          "vehicle, company, "
                          "start AS departed, " FIELD("plate") FIELD("permit") FIELD("site") FIELD("disposal")
                              WHOLE("loaded") WHOLE("arrived") WHOLE("unloaded") NUMBER("distance_m") NUMBER(
                                  "load_kg") WHOLE("violations") NUMBER("completeness")
                                  FIELD("end_reason") "fields FROM entries WHERE stream = 'trips';" STANDING(
                                      "trips_stand", "trips",
                                      "trip") "CREATE VIEW IF NOT EXISTS actions AS SELECT life, ms, seq, "
                                              "received, vehicle, fields FROM entries "
                                              "WHERE stream = 'actions';"
                                              "CREATE VIEW IF NOT EXISTS shifts AS SELECT life, ms, seq, "
                                              "fields FROM entries WHERE stream = 'shifts';"
                                              "CREATE VIEW IF NOT EXISTS audit AS SELECT life, ms, seq, " FIELD("who") FIELD("what") FIELD(
                                                  "of") FIELD("purpose") "fields FROM entries WHERE stream = 'audit';"
                                              "CREATE VIEW IF NOT EXISTS rejects AS SELECT life, ms, seq, "
                                              "received, vehicle, " FIELD("reason") FIELD("payload") WHOLE(
                                                  "count") "fields FROM entries WHERE stream = 'rejects';"
    "CREATE VIEW IF NOT EXISTS work AS SELECT id, rev, life, ms, seq, event, kind, vehicle, company, start, received, "
        FIELD("plate") FIELD("segment") FIELD("side") NUMBER("from_m") NUMBER("to_m") WHOLE("end") FIELD("mode") FIELD("how")
            NUMBER("speed_kmh") NUMBER("fast_m") NUMBER("lat") NUMBER("lon") NUMBER("radius_error")
                FIELD("ruleset") "fields FROM entries WHERE stream = 'work';" STANDING("work_stand", "work", "id")
    "CREATE VIEW IF NOT EXISTS collections AS SELECT id, rev, life, ms, seq, event, vehicle, company, start AS window_start, "
    "received, " FIELD("duty") FIELD("day") FIELD("point") FIELD("state") FIELD("plate") WHOLE("window_end") WHOLE("arrived")
        WHOLE("left") WHOLE("dwell_s") NUMBER("distance_m") FIELD("how") FIELD("waste") FIELD("violation")
            FIELD("ruleset") "fields FROM entries WHERE stream = 'collections';" STANDING("collections_stand", "collections", "id")
    "CREATE VIEW IF NOT EXISTS coverage AS SELECT id, rev, life, ms, seq, event, company, start AS window_start, received, "
        FIELD("duty") FIELD("day") WHOLE("window_end") FIELD("mode") NUMBER("planned_m") NUMBER("done_m") NUMBER("planned_m2")
            NUMBER("done_m2") NUMBER("fast_m") NUMBER("unknown_side_m") WHOLE("vehicles") WHOLE("unswept_n") NUMBER("rate")
                FIELD("rate_of") FIELD("violation") FIELD("ruleset") "fields FROM entries WHERE stream = 'coverage';"
                    STANDING("coverage_stand", "coverage", "id")
    "CREATE INDEX IF NOT EXISTS entries_actions ON entries(json_extract(fields, '$.id')) WHERE stream = 'actions';"
    "CREATE INDEX IF NOT EXISTS entries_audit ON entries(json_extract(fields, '$.of')) WHERE stream = 'audit';"
    "CREATE TABLE IF NOT EXISTS rulesets(life INTEGER, ms INTEGER, seq INTEGER, ruleset TEXT, received INTEGER, "
    "UNIQUE(life, ms, seq));"
    "CREATE TABLE IF NOT EXISTS finding_figures(id TEXT PRIMARY KEY, vehicle TEXT, company TEXT, start INTEGER, kind TEXT, "
    "severity TEXT, jurisdiction TEXT, road_class TEXT, permit TEXT, trip TEXT, told INTEGER, acknowledged INTEGER, "
    "closed INTEGER) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS finding_figures_start ON finding_figures(start);"
    "CREATE INDEX IF NOT EXISTS finding_figures_trip ON finding_figures(trip, kind) WHERE trip IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS trip_figures(id TEXT PRIMARY KEY, vehicle TEXT, departed INTEGER, unloaded INTEGER, permit "
    "TEXT, site TEXT, disposal TEXT, load_kg REAL, completeness REAL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS trip_figures_departed ON trip_figures(departed);"
    "CREATE TABLE IF NOT EXISTS track_figures(day INTEGER, vehicle TEXT, fixes INTEGER, valid INTEGER, heard_ms INTEGER, "
    "moving_ms INTEGER, way_m REAL, gap_m REAL, cover TEXT, files TEXT, PRIMARY KEY(day, vehicle)) WITHOUT ROWID;";

const char archive_schema_day[] = CURSORS
    "CREATE TABLE IF NOT EXISTS dictionary(id INTEGER PRIMARY KEY, bytes BLOB);"
    "CREATE TABLE IF NOT EXISTS tail(n INTEGER PRIMARY KEY, part INTEGER, body BLOB);"
    "CREATE TABLE IF NOT EXISTS chunks(id INTEGER PRIMARY KEY, part INTEGER, vehicle TEXT, life INTEGER, "
    "first_ms INTEGER, first_seq INTEGER, last_ms INTEGER, last_seq INTEGER, batch_first INTEGER, batch_last "
    "INTEGER, "
    "received_first INTEGER, received_last INTEGER, time_first INTEGER, time_last INTEGER, count INTEGER, "
    "bytes INTEGER, hash BLOB, lines BLOB, places BLOB);"
    "CREATE INDEX IF NOT EXISTS chunks_vehicle ON chunks(vehicle, part);"
    "CREATE INDEX IF NOT EXISTS chunks_time ON chunks(time_first, time_last);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS boxes USING rtree(id, lat_min, lat_max, lon_min, lon_max);" ARCHIVE_SCHEMA_OUTLINES ARCHIVE_SCHEMA_SUMS
    "CREATE TABLE IF NOT EXISTS holes(life INTEGER, ms INTEGER, seq INTEGER, vehicle TEXT, batch INTEGER, "
    "received INTEGER, hole TEXT, seen INTEGER, UNIQUE(vehicle, life, ms, seq));"
    "CREATE TABLE IF NOT EXISTS marks(life INTEGER, ms INTEGER, seq INTEGER, stream TEXT, kind TEXT, vehicle "
    "TEXT, "
    "batch INTEGER, received INTEGER, line TEXT, UNIQUE(stream, life, ms, seq));"
    "CREATE TABLE IF NOT EXISTS in_force(kind TEXT PRIMARY KEY, batch INTEGER, line TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS checkpoints(vehicle TEXT PRIMARY KEY, life INTEGER, ms INTEGER, seq INTEGER, "
    "upto INTEGER, batch INTEGER, ruleset TEXT, settled TEXT, stored TEXT, state BLOB) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS unsummed(vehicle TEXT, chunk INTEGER, upto INTEGER, time_first INTEGER, PRIMARY "
    "KEY(vehicle, chunk)) WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS chunks_unsummed AFTER INSERT ON chunks WHEN new.time_first IS NOT NULL BEGIN INSERT INTO "
    "unsummed VALUES(new.vehicle, new.id, -2147483648, new.time_first); END;";
const char archive_unsummed_all[] =
    "DELETE FROM sums;"
    "INSERT OR REPLACE INTO unsummed SELECT vehicle, id, -2147483648, time_first FROM chunks WHERE "
    "time_first IS NOT NULL";
/* clang-format on */
