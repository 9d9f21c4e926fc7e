#include "phrases.h"

#include "phrase_measure.h"
#include "phrase_rows.h"
#include "telling.h"

/* What of it is named in a few words: the cause, or else where. */
static void put_detail(const struct telling *x)
{
    struct text name = telling_fence(x).len > 0 ? telling_fence(x) : telling_place(x);
    if (x->t->cause != CAUSE_NONE && x->t->kind == KIND_TAMPER)
        buf_puts(x->out, phrase_cause(x->t->cause, x->language));
    else if (name.len > 0)
        wording_put_name(x->out, name);
    else
        return;
    telling_say(x, "）", ")");
}

static void put_short_measure(const struct telling *x)
{
    phrase_put_measure(x->t, x->language, MEASURE_SHORT, x->out);
}

void phrase_put_headline(const struct transition *t, const struct names *names, enum phrase_language language,
                         struct buf *out)
{
    const struct telling x = {t, names, language, out};
    telling_put_who(&x);
    telling_say(&x, "：", ": ");
    telling_put_what(&x, phrase_row_of(t)->noun[language]);
    telling_clause(&x, "（", " (", put_detail);
    telling_clause(&x, "，", ", ", put_short_measure);
    telling_clause(&x, "；", "; ", telling_put_course);
}

static void put_cab_measure(const struct telling *x)
{
    phrase_put_measure(x->t, x->language, MEASURE_CAB, x->out);
}

static void put_hours_ahead(const struct telling *x)
{
    const struct told_facts *told = &x->t->told;
    telling_say(x, "准许时段将于", "Your hours close at ");
    wording_put_edge(x->out, told->closed_ms, told->zone, x->t->at_ms, x->language);
    telling_say(x, "结束，请在此前完成或停驶", ": please finish or stop before then");
}

static void put_advice(const struct telling *x)
{
    const struct transition *t = x->t;
    const char *pattern = phrase_row_of(t)->advice[x->language];
    if (t->kind == KIND_WRONG_HOURS && t->told.closed_ms != TIME_NONE && t->told.closed_ms > t->at_ms) {
        put_hours_ahead(x);
        return;
    }
    telling_put_what(x, pattern != NULL ? pattern : phrase_row_of(t)->noun[x->language]);
    telling_clause(x, "：", ". Now: ", put_cab_measure);
}

void phrase_put_cab(const struct transition *t, enum transition_event event, enum phrase_language language,
                    struct buf *out)
{
    struct transition said = *t;
    said.event = event;
    const struct telling x = {&said, NULL, language, out};
    if (event == TRANSITION_NONE) {
        put_advice(&x);
        return;
    }
    if (event == TRANSITION_CLOSED)
        telling_say(&x, "已结束：", "Over: ");
    else
        telling_say(&x, "已记录：", "Recorded: ");
    telling_put_what(&x, phrase_row_of(t)->noun[language]);
    telling_clause(&x, "（", " (", put_detail);
    if (event != TRANSITION_CLOSED)
        telling_clause(&x, "，", ", ", put_cab_measure);
}
