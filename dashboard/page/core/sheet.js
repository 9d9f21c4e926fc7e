/*
 * sheet: a table as a file: CSV, and a workbook of one sheet (xlsx: XML in a zip that is not packed). A table is `{columns: [{title, kind}], rows}`;
 * a cell is a text, a number, or null. What a spreadsheet would run gets an apostrophe in CSV; in a workbook a text is a text.
 */
const quoted = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
const cell = (value) => (value === null || value === undefined ? '""' : typeof value === 'number' ? `"${value}"` : quoted(String(value)));

/** With a byte order mark, so that spreadsheets read it as UTF-8. */
export const toCsv = (table) => `\ufeff${[table.columns.map((c) => c.title), ...table.rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;

/* XML 1.0 has no controls but these three. */
const xml = (text) => String(text).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd').replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c]);
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main', RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships', PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
/* Styles: 0 as it is, 1 a heading, 2 a share of 1. */
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="10" applyNumberFormat="1"/></cellXfs></styleSheet>`;

function columnName(i) {
    return (i >= 26 ? columnName(Math.floor(i / 26) - 1) : '') + String.fromCharCode(65 + (i % 26));
}

function sheetXml(table) {
    const put = (value, at, style) => {
        if (value === null || value === undefined || value === '')
            return '';
        const s = style === 0 ? '' : ` s="${style}"`;
        return typeof value === 'number' ? `<c r="${at}"${s}><v>${value}</v></c>` : `<c r="${at}"${s} t="inlineStr"><is><t xml:space="preserve">${xml(value)}</t></is></c>`;
    };
    const line = (row, n, styleOf) => `<row r="${n}">${row.map((value, i) => put(value, `${columnName(i)}${n}`, styleOf(i))).join('')}</row>`;
    const widths = table.columns.map((c, i) => `<col min="${i + 1}" max="${i + 1}" width="${c.kind === 'text' ? 28 : 14}" customWidth="1"/>`).join('');
    const rows = table.rows.map((row, i) => line(row, i + 2, (k) => (table.columns[k].kind === 'share' ? 2 : 0)));
    return `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths}</cols><sheetData>${line(table.columns.map((c) => c.title), 1, () => 1)}${rows.join('')}</sheetData></worksheet>`;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++)
        c = (c & 1) !== 0 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((c, byte) => CRC[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/* Numbers of a zip: [value, bytes] each, little endian. */
const numbers = (...pairs) => Uint8Array.from(pairs.flatMap(([value, size]) => Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255)));

/* Files that are stored as they are, all of 1980-01-01: the same table makes the same bytes. */
function zip(files) {
    const parts = [], ends = [], text = new TextEncoder();
    let at = 0;
    for (const [name, content] of files) {
        const bytes = text.encode(content), title = text.encode(name);
        const about = [[20, 2], [0x800, 2], [0, 2], [0, 2], [0x21, 2], [crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4], [title.length, 2], [0, 2]];
        const head = numbers([0x04034b50, 4], ...about);
        parts.push(head, title, bytes);
        ends.push(numbers([0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), title);
        at += head.length + title.length + bytes.length;
    }
    const size = ends.reduce((sum, part) => sum + part.length, 0);
    const all = [...parts, ...ends, numbers([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [at, 4], [0, 2])];
    const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
    all.reduce((place, part) => { out.set(part, place); return place + part.length; }, 0);
    return out;
}

/* What a spreadsheet takes as the name of a sheet. */
const sheetName = (title) => xml([...title.replace(/[[\]:*?/\\']/g, ' ')].slice(0, 31).join('').trim() || 'Sheet');

/** The bytes of a workbook. */
export function toXlsx(table, title) {
    const type = (part, kind) => `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`;
    return zip([
        ['[Content_Types].xml', `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${type('/xl/workbook.xml', 'sheet.main')}${type('/xl/worksheets/sheet1.xml', 'worksheet')}${type('/xl/styles.xml', 'styles')}</Types>`],
        ['_rels/.rels', `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
        ['xl/workbook.xml', `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="${sheetName(title)}" sheetId="1" r:id="r1"/></sheets></workbook>`],
        ['xl/_rels/workbook.xml.rels', `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`],
        ['xl/styles.xml', STYLES],
        ['xl/worksheets/sheet1.xml', sheetXml(table)],
    ]);
}
