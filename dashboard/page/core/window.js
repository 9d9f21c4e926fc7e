/*
 * window: which rows of a long list are in view, where rows have heights of their own. Offsets are sums, found by halving.
 */
export function layoutOf(heights) {
    const tops = new Float64Array(heights.length + 1);
    heights.forEach((height, i) => { tops[i + 1] = tops[i] + height; });
    return tops;
}

/** The row at a distance from the top. */
export function rowAt(tops, y) {
    let low = 0, high = tops.length - 2;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (tops[middle] <= y)
            low = middle;
        else
            high = middle - 1;
    }
    return Math.max(0, low);
}

/** `[first, end)` of the rows that touch the view, and `spare` more on both sides. */
export function rangeOf(tops, scroll, height, spare = 4) {
    const count = tops.length - 1;
    if (count === 0)
        return [0, 0];
    return [Math.max(0, rowAt(tops, scroll) - spare), Math.min(count, rowAt(tops, scroll + height) + 1 + spare)];
}

/** Where to scroll to so that a row is whole in view; as it is if it is. */
export function scrollTo(tops, row, scroll, height) {
    if (tops[row] < scroll)
        return tops[row];
    return tops[row + 1] > scroll + height ? tops[row + 1] - height : scroll;
}
