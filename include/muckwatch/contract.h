/*
 * contract: the names of topics and keys that other people's software depends on.
 *
 * The contract itself, with every field, is docs/PROTOCOL.md. Formats are for printf; what they take is said
 * behind each. A partition's keys carry its number as a hash tag, so that a cluster keeps them together.
 */
#ifndef MUCKWATCH_CONTRACT_H
#define MUCKWATCH_CONTRACT_H

/* MQTT. The vehicle's id stands between prefix and suffix. */
#define MW_TOPIC_PREFIX    "muck/v1/"
#define MW_TOPIC_FIX       "/fix"
#define MW_TOPIC_LIVE      "/live"
#define MW_TOPIC_STATUS    "/status"
#define MW_TOPIC_ACK       "/ack"
#define MW_TOPIC_WARN      "/warn"
#define MW_TOPIC_OWNTRACKS "owntracks/" /* owntracks/{user}/{device} */

/* Redis. %u is the partition, %.*s length and bytes of an id. */
#define MW_KEY_VIOLATIONS  "muck:{%u}:violations"
#define MW_KEY_VIOLATION   "muck:{%u}:violation:%.*s"
#define MW_KEY_OPEN        "muck:{%u}:open"
#define MW_KEY_VEHICLE     "muck:{%u}:vehicle:%.*s"
#define MW_KEY_POSITIONS   "muck:{%u}:positions"
#define MW_KEY_TRACK       "muck:{%u}:track:%.*s"
#define MW_KEY_TRIPS       "muck:{%u}:trips"
#define MW_KEY_WORK        "muck:{%u}:work"
#define MW_KEY_DUTY        "muck:{%u}:duty"
#define MW_KEY_COLLECTIONS "muck:{%u}:collections"
#define MW_KEY_COVERAGE    "muck:{%u}:coverage"
#define MW_KEY_REJECTS     "muck:{%u}:rejects"
#define MW_KEY_ACTIONS     "muck:{%u}:actions"
#define MW_KEY_ALERT       "muck:{%u}:alert:%.*s"
#define MW_KEY_SHIFTS      "muck:{%u}:shifts"
#define MW_KEY_ARCHIVE     "muck:{%u}:archive"
#define MW_KEY_AUDIT       "muck:{%u}:audit"
#define MW_KEY_EVIDENCE    "muck:{%u}:evidence"
#define MW_KEY_LIVE        "muck:{%u}:live"
#define MW_KEY_TRIP        "muck:{%u}:trip:%.*s" /* a vehicle's */
#define MW_KEY_WARNINGS    "muck:{%u}:warnings"
#define MW_KEY_RELOAD_ASK  "muck:{%u}:reload:ask"
#define MW_KEY_RELOADED    "muck:{%u}:reload:done"
#define MW_KEY_HOOKS       "muck:{%u}:hooks"
#define MW_KEY_OVERDUE     "muck:{%u}:overdue"
#define MW_KEY_STATE       "muck:{%u}:state"
#define MW_KEY_OWNER       "muck:{%u}:owner"
#define MW_KEY_ATTENDED    "muck:{%u}:attended"
#define MW_KEY_PAST        "muck:{%u}:past:%.*s"
#define MW_KEY_SAID        "muck:{%u}:said:%.*s"
#define MW_KEY_LEDGER      "muck:{%u}:ledger:%.*s"
#define MW_KEY_CLOCK       "muck:{%u}:clock"
#define MW_KEY_MARKS       "muck:{%u}:marks"
#define MW_KEY_RULESETS    "muck:{%u}:rulesets"
#define MW_KEY_RULESET     "muck:ruleset:%.*s" /* of no partition */

/* Longest key: the longest prefix and an id of 64 bytes. */
#define MW_KEY_MAX 128

#endif
