// The rows of a table: which are shown, and in what order.

/**
 * @typedef {object} Row
 * @property {string} key what tells rows apart
 * @property {string} name
 * @property {string} kind
 * @property {string} read how it is read
 * @property {number} bytes
 * @property {number} created seconds since 1970
 * @property {number | null} expires
 * @property {boolean} code whether Claude's code made it
 */

/** @typedef {{by: string, down: boolean}} Order */

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @type {Record<string, (a: Row, b: Row) => number>} */
const COMPARE = {
  name: (a, b) => collator.compare(a.name, b.name),
  kind: (a, b) => collator.compare(a.kind, b.kind),
  read: (a, b) => collator.compare(a.read, b.read),
  size: (a, b) => a.bytes - b.bytes,
  age: (a, b) => b.created - a.created, // the youngest has the least age
  expiry: (a, b) => (a.expires ?? Infinity) - (b.expires ?? Infinity) || 0, // two that never end are alike
};

/**
 * Rows in an order, those that are alike as they came; without an order, all as they came.
 * @param {Row[]} rows @param {Order | null} order
 */
export function sortRows(rows, order) {
  if (!order) return rows;
  const compare = COMPARE[order.by];
  return [...rows].sort(order.down ? (a, b) => compare(b, a) : compare);
}

/** The order after a click on a header: up, down, as they came. @param {Order | null} order @param {string} by */
export function nextOrder(order, by) {
  if (order?.by !== by) return { by, down: false };
  return order.down ? null : { by, down: true };
}

/** Rows that hold each typed word in their name or kind. @param {Row[]} rows @param {string} text */
export function filterRows(rows, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (!words.length) return rows;
  return rows.filter((row) => {
    const whole = plain(`${row.name} ${row.kind} ${row.read}`);
    return words.every((word) => whole.includes(word));
  });
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

/**
 * The rows that are in sight, and a few on either side, so that a scroll finds them drawn.
 * @param {number} top pixels above @param {number} height pixels in sight @param {number} each pixels a row
 * @param {number} count @returns {[number, number]} the first, and the one after the last
 */
export function visibleRange(top, height, each, count) {
  const first = Math.max(0, Math.floor(top / each) - 8);
  const last = Math.min(count, Math.ceil((top + height) / each) + 8);
  return [Math.min(first, last), last];
}
