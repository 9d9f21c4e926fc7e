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
                                              "CREATE VIEW IF NOT EXISTS rejects AS SELECT life, ms, seq, "
                                              "received, vehicle, " FIELD("reason") FIELD("payload") WHOLE(
                                                  "count") "fields FROM entries WHERE stream = 'rejects';";

const char archive_schema_day[] = CURSORS
    "CREATE TABLE IF NOT EXISTS dictionary(id INTEGER PRIMARY KEY, bytes BLOB);"
    "CREATE TABLE IF NOT EXISTS tail(n INTEGER PRIMARY KEY, part INTEGER, body BLOB);"
    "CREATE TABLE IF NOT EXISTS chunks(id INTEGER PRIMARY KEY, part INTEGER, vehicle TEXT, life INTEGER, "
    "first_ms INTEGER, first_seq INTEGER, last_ms INTEGER, last_seq INTEGER, batch_first INTEGER, batch_last "
    "INTEGER, "
    "received_first INTEGER, received_last INTEGER, time_first INTEGER, time_last INTEGER, count INTEGER, "
    "bytes INTEGER, hash BLOB, lines BLOB, places BLOB);"
    "CREATE INDEX IF NOT EXISTS chunks_vehicle ON chunks(vehicle, part);"
    "CREATE INDEX IF NOT EXISTS chunks_part ON chunks(part);"
    "CREATE INDEX IF NOT EXISTS chunks_time ON chunks(time_first, time_last);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS boxes USING rtree(id, lat_min, lat_max, lon_min, lon_max);" ARCHIVE_SCHEMA_OUTLINES
    "CREATE TABLE IF NOT EXISTS holes(life INTEGER, ms INTEGER, seq INTEGER, vehicle TEXT, batch INTEGER, "
    "received INTEGER, hole TEXT, seen INTEGER, UNIQUE(vehicle, life, ms, seq));"
    "CREATE TABLE IF NOT EXISTS marks(life INTEGER, ms INTEGER, seq INTEGER, stream TEXT, kind TEXT, vehicle "
    "TEXT, "
    "batch INTEGER, received INTEGER, line TEXT, UNIQUE(stream, life, ms, seq));"
    "CREATE TABLE IF NOT EXISTS in_force(kind TEXT PRIMARY KEY, batch INTEGER, line TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS checkpoints(vehicle TEXT PRIMARY KEY, life INTEGER, ms INTEGER, seq INTEGER, "
    "upto INTEGER, batch INTEGER, ruleset TEXT, settled TEXT, stored TEXT, state BLOB) WITHOUT ROWID;";
/* clang-format on */
