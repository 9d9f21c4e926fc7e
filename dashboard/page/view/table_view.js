/* table_view: a table with its bars, and the buttons that make files of it. Bars are drawn as SVG beside the number that they stand for. */
import { el } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes))
        element.setAttribute(name, value);
    element.append(...children);
    return element;
}

/** Columns over a day or the like; each has its number as a title. `values`: [[label, number], …]. */
export function columnChart(values, label) {
    const width = 720, height = 150, foot = 22, head = 16, most = Math.max(1, ...values.map(([, n]) => n)), step = width / Math.max(1, values.length);
    const y = (n) => head + (height - head - foot) * (1 - n / most);
    const bars = values.flatMap(([name, n], i) => {
        const middle = step * (i + 0.5);
        const bar = svg('rect', { class: 'bar_of', x: (step * i + step * 0.15).toFixed(1), y: y(n).toFixed(1), width: (step * 0.7).toFixed(1), height: Math.max(0, height - foot - y(n)).toFixed(1) });
        const text = (cls, at, words) => svg('text', { class: cls, x: middle.toFixed(1), y: at.toFixed(1), 'text-anchor': 'middle' }, words);
        return [bar, n > 0 ? text('number_of', y(n) - 4, String(n)) : null, values.length <= 12 || i % 2 === 0 ? text('label_of', height - 6, name) : null].filter(Boolean);
    });
    return svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, svg('line', { class: 'axis', x1: 0, x2: width, y1: height - foot, y2: height - foot }), ...bars);
}

const bar = (n, most) => svg('svg', { class: 'share_bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('rect', { class: 'bar_of', x: 0, y: 0, width: (100 * (most > 0 ? n / most : 0)).toFixed(1), height: 8 }));

function cellText(value, kind) {
    if (value === null || value === undefined)
        return '–';
    return kind === 'share' ? `${(100 * value).toFixed(1)} %` : String(value);
}

function body(table) {
    const most = table.bars === null ? 0 : Math.max(0, ...table.rows.map((row) => row[table.bars]));
    return table.rows.map((row) => el('tr', {}, ...row.map((value, i) => {
        const kind = table.columns[i].kind, cell = el(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, className: kind }, el('bdi', {}, cellText(value, kind)));
        if (i === table.bars)
            cell.prepend(bar(value, most));
        return cell;
    })));
}

/** `save(kind)`: csv or xlsx; left out, no files are offered. `chart`: an element below the table, or null. */
export function tableView(table, { title, note = '', chart = null, save = null, empty }, words) {
    const files = save === null ? null : el('span.files', {}, ...['csv', 'xlsx'].map((kind) => el('button.chip', { type: 'button', 'aria-label': words.t('paper.file_of', { kind: kind.toUpperCase(), title }), onclick: () => save(kind) }, kind.toUpperCase())));
    const grid = el('table', {}, el('caption.unseen', {}, title), el('thead', {}, el('tr', {}, ...table.columns.map((c) => el('th', { scope: 'col', className: c.kind }, c.title)))), el('tbody', {}, ...body(table)));
    return el('section.sheet_of', { 'data-table': table.name }, el('div.sheet_head', {}, el('h2', {}, title), files), note === '' ? null : el('p.small', {}, note),
        table.rows.length === 0 ? el('p.empty', {}, empty) : grid, chart);
}
