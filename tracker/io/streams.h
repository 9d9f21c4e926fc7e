/*
 * streams: the three standard streams of a program that was started without one of them.
 *
 * Invariant: once streams_hold has returned, no file or connection that is opened has the number of a standard stream.
 * Else the first connection would get it, and what is printed or logged would go to the store or the broker.
 */
#ifndef MW_STREAMS_H
#define MW_STREAMS_H

/* The first thing a program does. What takes a missing stream's place can neither be read nor written. */
void streams_hold(void);

#endif
