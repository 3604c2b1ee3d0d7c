// Which rows are selected, and on which one the keyboard stands. Values: every step returns a new one.

/**
 * @typedef {object} Selection
 * @property {ReadonlySet<string>} keys
 * @property {string | null} active where the keyboard stands
 * @property {string | null} anchor where a range begins
 */

/** @type {Selection} */
export const NOTHING = { keys: new Set(), active: null, anchor: null };

/** Only this row. @param {string} key @returns {Selection} */
export function only(key) {
  return { keys: new Set([key]), active: key, anchor: key };
}

/** This row, too, or not any more. @param {Selection} selection @param {string} key @returns {Selection} */
export function toggle(selection, key) {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) keys.add(key);
  return { keys, active: key, anchor: key };
}

/**
 * All rows from the anchor to this one.
 * @param {Selection} selection @param {string[]} order @param {string} key @returns {Selection}
 */
export function range(selection, order, key) {
  const to = order.indexOf(key);
  const from = Math.max(0, selection.anchor === null ? to : order.indexOf(selection.anchor));
  const keys = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1));
  return { keys, active: key, anchor: order[from] };
}

/** Every row that is shown. @param {Selection} selection @param {string[]} order @returns {Selection} */
export function all(selection, order) {
  return { ...selection, keys: new Set(order) };
}

/**
 * The keyboard, moved by some rows; stays on the table. With `extend`, what it passes is selected.
 * @param {Selection} selection @param {string[]} order @param {number} by @param {boolean} extend
 * @returns {Selection}
 */
export function moveActive(selection, order, by, extend) {
  if (!order.length) return selection;
  const from = selection.active === null ? -1 : order.indexOf(selection.active);
  const at = from < 0 && by === -1 ? order.length : from; // up from nowhere is the last
  const to = Math.min(order.length - 1, Math.max(0, at + by));
  if (extend) return range(from < 0 ? { ...selection, anchor: order[to] } : selection, order, order[to]);
  return { ...selection, active: order[to], anchor: order[to] };
}

/**
 * The same without what is not shown any more; the keyboard stays near where it stood.
 * @param {Selection} selection @param {string[]} before @param {string[]} order @returns {Selection}
 */
export function retain(selection, before, order) {
  const visible = new Set(order);
  const keys = new Set([...selection.keys].filter((key) => visible.has(key)));
  if (selection.active === null || visible.has(selection.active)) return { ...selection, keys };
  const at = Math.min(before.indexOf(selection.active), order.length - 1);
  const active = at < 0 ? null : order[at];
  return { keys, active, anchor: active };
}

/** What an action is about: what is selected, else the row of the keyboard. @param {Selection} selection */
export function targets(selection, /** @type {string[]} */ order) {
  if (selection.keys.size) return order.filter((key) => selection.keys.has(key));
  return selection.active === null ? [] : [selection.active];
}
