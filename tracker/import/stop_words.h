/*
 * stop_words: how cities write clocks, weekdays and yes or no.
 */
#ifndef MW_STOP_WORDS_H
#define MW_STOP_WORDS_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* All seven bits; Monday is bit 0. */
#define STOP_DAYS_ALL 0x7f

/* Blanks before and behind are taken off. */
struct text stop_trim(struct text t);
/* Minutes of "18:05", "1805", "805", "18:05:00", "2417", at most 29:59; -1: it is no clock. */
int stop_clock(struct text t);
/* A number in decimals; false: it is none. */
bool stop_number(struct text t, double *out);
/*
 * A list of weekdays: "Mo,Tu", "Monday Thursday", "Mo-Fr", "1,2,4", "一、二、四", "週一,週五", "YYNYYYN". False: it has something
 * else, or no day at all.
 */
bool stop_days(struct text t, uint8_t *out_days);
/* Y or N, 1 or 0, true or false, V, 是, 否; nothing is no. 1, 0, or -1 where it is neither. */
int stop_flag(struct text t);
/* The days as hours have them: "Mo,Tu". `out` has room for 24 bytes. */
void stop_days_write(uint8_t days, char out[24]);

#endif
