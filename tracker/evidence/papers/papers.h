/*
 * papers: the track for other programs, and the rule in words: files below data/ that are made of the sealed ones, and say nothing that these do not.
 *
 * The same case gives the same bytes: no clock is asked, numbers are written by our own code, times of the track are UTC (in rule.txt the city's).
 */
#ifndef MW_PAPERS_H
#define MW_PAPERS_H

#include "case_facts.h"

/* Adds data/rule.txt, data/track.geojson, data/track.gpx and data/fixes.csv to the case; their texts are in the arena. False without memory. */
bool papers_add(struct sealed_case *c, const struct case_facts *facts, struct arena *arena);

void paper_rule(const struct case_facts *f, struct buf *out);
void paper_geojson(const struct case_facts *f, struct buf *out);
void paper_gpx(const struct case_facts *f, struct buf *out);
void paper_csv(const struct case_facts *f, struct buf *out);

#endif
