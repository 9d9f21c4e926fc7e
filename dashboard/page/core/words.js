/*
 * words: texts of the page in one language, by key; `{name}` in them is put in. What has no key (a kind of a newer tracker) is shown as it is.
 */
import { spanOf } from './zone.js';

export const LANGUAGES = ['zh-CN', 'en'];

export function languageOf(wanted, browser) {
    if (LANGUAGES.includes(wanted))
        return wanted;
    const first = (browser ?? []).find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'zh';
    return /^zh/i.test(first) ? 'zh-CN' : 'en';
}

/* Tenths of what is over a hundred say nothing. */
const rounded = (value) => (typeof value === 'number' && Math.abs(value) >= 100 ? Math.round(value) : value);

export function wordsOf(language, known) {
    const texts = { ...known };
    const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (values[name] === undefined ? all : String(values[name])));

    function t(key, values = {}) {
        return Object.hasOwn(texts, key) ? fill(texts[key], values) : key;
    }

    /* A word of a family, `kind.spill`; itself if there is none. */
    function word(family, value) {
        const key = `${family}.${value}`;
        return Object.hasOwn(texts, key) ? texts[key] : String(value);
    }

    /* The two greatest units that matter. */
    function span(ms) {
        const { days, hours, minutes, seconds } = spanOf(ms);
        if (days > 0)
            return t('span.days', { d: days, h: hours });
        if (hours > 0)
            return t('span.hours', { h: hours, m: minutes });
        return minutes >= 10 ? t('span.minutes', { m: minutes }) : minutes > 0 ? t('span.seconds', { m: minutes, s: seconds }) : t('span.only_seconds', { s: seconds });
    }

    function measure(a) {
        if (a.value === undefined)
            return '';
        const unit = word('unit', a.unit ?? ''), value = rounded(a.value);
        return a.limit === undefined ? t('measure.alone', { value, unit }) : t('measure.limit', { value, limit: rounded(a.limit), unit });
    }

    /* A tracker tells both languages; of a sentence that it has not told, the headline. */
    const sentence = (a) => (language === 'zh-CN' ? a.text_zh : a.text_en) ?? a.text ?? '';
    const tracker = language === 'zh-CN' ? 'zh' : 'en';
    return { language, tracker, t, word, span, measure, sentence, add: (more) => Object.assign(texts, more) };
}
