/*
 * dom: elements, made and kept. Text is always set as text; there is no way in here to set markup, and none elsewhere.
 */
const SET = new Set(['value', 'checked', 'disabled', 'hidden', 'selected', 'tabIndex', 'type', 'rows', 'min', 'max', 'step', 'required', 'maxLength', 'autocomplete', 'placeholder', 'open', 'name', 'id', 'className', 'title', 'lang']);

/** `el('button.key', {title: …, onclick: …, 'aria-label': …}, child, …)`; children are elements, texts, or nothing. */
export function el(what, attributes = {}, ...children) {
    const [tag, ...classes] = what.split('.');
    const element = document.createElement(tag);
    if (classes.length > 0)
        element.className = classes.join(' ');
    for (const [name, value] of Object.entries(attributes))
        set(element, name, value);
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ''));
    return element;
}

export function set(element, name, value) {
    if (typeof value === 'function')
        element.addEventListener(name.slice(2), value);
    else if (SET.has(name))
        element[name] = value;
    else if (value === null || value === undefined || value === false)
        element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value))
        element.setAttribute(name, value === true ? '' : value);
}

/** Sets the text if it is another: selections and screen readers are left alone. */
export function say(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
    return element;
}

export function show(element, visible) {
    if (element.hidden === visible)
        element.hidden = !visible;
    return element;
}

const SVG = 'http://www.w3.org/2000/svg';
/* A shape beside each colour: an octagon with a call in it, that it is no disc where it is small; a triangle; a disc. */
const MARKS = { critical: 'M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5zM6.8 3h2.4v6.2H6.8zM6.8 10.7h2.4V13H6.8z', major: 'M8 1.2 15.4 14.4H.6z', minor: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2z' };

/** The mark of a severity; what it means is said beside it, or by `label`. */
export function mark(severity, label = '') {
    const svg = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path');
    svg.setAttribute('viewBox', '0 0 16 16');
    svg.setAttribute('class', `mark ${MARKS[severity] ? severity : 'other'}`);
    if (label === '')
        svg.setAttribute('aria-hidden', 'true');
    else {
        svg.setAttribute('role', 'img');
        svg.setAttribute('aria-label', label);
    }
    path.setAttribute('d', MARKS[severity] ?? MARKS.minor);
    svg.append(path);
    return svg;
}
