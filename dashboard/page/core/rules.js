/*
 * rules: how a kind is judged, in words, by the thresholds that were in force (docs/openapi.yaml, about): a line each. What the kind does not have, or
 * what is switched off by 0, has none.
 */

/* A setting of whole minutes is said in minutes. */
const seconds = (s, words) => (s >= 60 && s < 3600 && s % 60 === 0 ? words.t('span.minutes', { m: s / 60 }) : words.span(s * 1000));

/* "3 fixes and 30 s"; either alone; empty: at once. */
function countOf(fixes, s, words) {
    return [fixes > 0 ? words.t('rule_how.fixes', { n: fixes }) : '', s > 0 ? seconds(s, words) : ''].filter(Boolean).join(words.t('rule_how.and'));
}

function majorOf({ major }, words) {
    if (major === null)
        return '';
    return major.unit === 's' ? words.t('rule_how.major_lasting', { span: seconds(major.at, words) }) : words.t('rule_how.major_over', { n: major.at });
}

/* A setting of the kind's own; one of a newer gateway by its name. */
function ownOf([name, n], words) {
    if (name === 'inferred')
        return n > 0 ? words.t('rule_own.inferred') : '';
    const text = words.word('rule_own', name);
    return text === name ? `${name} ${n}` : words.t(`rule_own.${name}`, { n, span: seconds(n, words) });
}

/** Lines of what opens it, how grave it is, what ends it, when the cab is told. `rule`: as the gateway has it. */
export function thresholdsOf(rule, words) {
    const { t, word } = words, opens = countOf(rule.confirm_fixes, rule.confirm_s, words), ends = countOf(rule.clear_fixes, rule.clear_s, words);
    return [
        rule.enabled ? '' : t('rule_how.off'),
        opens === '' ? t('rule_how.at_once') : t('rule_how.opens', { count: opens }),
        ...Object.entries(rule.own).map((own) => ownOf(own, words)),
        [t('rule_how.severity', { severity: word('severity', rule.severity) }), majorOf(rule, words)].filter(Boolean).join(t('rule_how.then')),
        ends === '' ? '' : t('rule_how.ends', { count: ends }),
        rule.warn_s > 0 ? t('rule_how.warns', { span: seconds(rule.warn_s, words) }) : t('rule_how.silent'),
        t('rule_how.gap', { span: seconds(rule.gap_s, words) }),
    ].filter(Boolean);
}
