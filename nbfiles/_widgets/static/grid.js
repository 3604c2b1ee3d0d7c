// The rows on the page: only those in sight are drawn. Mouse and keyboard change what is selected.

import { element } from "./dom.js";
import { visibleRange } from "./rows.js";
import { NOTHING, all, retain, moveActive, only, range, toggled } from "./selection.js";
import { ago, short, size, until } from "./formatting.js";

/** @typedef {import("./rows.js").Row} Row */

/** @type {[string, string, (row: Row, now: number, letters: number) => string][]} */
const COLUMNS = [
  ["name", "name", (row, now, letters) => short(row.name, letters)],
  ["kind", "kind", (row) => row.kind],
  ["read", "read as", (row) => row.read],
  ["size", "size", (row) => size(row.bytes)],
  ["age", "uploaded", (row, now) => ago(row.created, now)],
  ["expiry", "expires", (row, now) => until(row.expires, now)],
];
const AGING_MS = 30_000; // ages are shown in minutes

export class Grid {
  /** @type {Row[]} */ rows = [];
  selection = NOTHING;
  /** @type {string[]} */ #order = [];
  /** @type {Map<string, HTMLElement>} */ #drawn = new Map();
  #frame = 0;
  #name = `nbfiles-${Math.random().toString(36).slice(2)}`;

  /**
   * @param {{sort: (by: string) => void, selected: () => void, key: (name: string) => void}} callbacks
   *   for: a header was pressed, the selection changed, `Enter`, `Delete` or `Copy` was typed
   */
  constructor(callbacks) {
    this.callbacks = callbacks;
    this.#build();
    this.watch = new ResizeObserver(() => this.draw(true));
    this.watch.observe(this.node);
    this.clock = setInterval(() => this.draw(true), AGING_MS);
  }

  close() {
    this.watch.disconnect();
    clearInterval(this.clock);
    cancelAnimationFrame(this.#frame);
  }

  /** @param {Row[]} rows @param {import("./rows.js").Order | null} order */
  show(rows, order) {
    const before = this.#order;
    [this.rows, this.#order] = [rows, rows.map((row) => row.key)];
    this.#select(retain(this.selection, before, this.#order));
    for (const [by, head] of Object.entries(this.heads)) {
      const sort = order?.by === by ? (order.down ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", sort);
    }
    this.node.setAttribute("aria-rowcount", String(rows.length + 1));
    this.body.hidden = !rows.length;
    this.draw(true);
  }

  get order() {
    return this.#order;
  }

  /** Draw before the next frame; `anew`, what is drawn may have changed. */
  draw(anew = false) {
    if (anew) this.anew = true;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #build() {
    /** @type {Record<string, HTMLElement>} */
    this.heads = {};
    for (const [by, title] of COLUMNS) {
      const button = element("button", { type: "button", onclick: () => this.callbacks.sort(by) }, title);
      this.heads[by] = element("div", { role: "columnheader", class: by, "aria-sort": "none" }, button);
    }
    const head = element("div", { role: "row", class: "row", "aria-rowindex": "1" }, ...Object.values(this.heads));
    this.top = element("div", { role: "rowgroup", class: "head" }, head);
    this.letter = element("span", {}, "0");
    this.probe = element("div", { class: "row probe", "aria-hidden": "true" }, element("div", { class: "name" }, mark(), this.letter));
    this.body = element("div", { role: "rowgroup", class: "body", onclick: this.#onClick }, this.probe);
    this.node = element(
      "div",
      { role: "grid", class: "grid", tabindex: "0", "aria-label": "Files", "aria-multiselectable": "true",
        "aria-colcount": String(COLUMNS.length), onkeydown: this.#onKeyDown, onscroll: () => this.draw() },
      this.top, this.body,
    );
  }

  #draw() {
    const each = this.probe.getBoundingClientRect().height;
    if (!each) return; // not on the page
    const [first, last] = visibleRange(this.node.scrollTop, this.node.clientHeight, each, this.rows.length);
    this.body.style.height = `${this.rows.length * each}px`;
    const keys = new Set(this.#order.slice(first, last));
    for (const [key, node] of this.#drawn) {
      if (this.anew || !keys.has(key)) {
        node.remove();
        this.#drawn.delete(key);
      }
    }
    this.anew = false;
    const letters = this.#letters();
    /** @type {HTMLElement | null} */
    let below = null;
    for (let at = last - 1; at >= first; at--) {
      const node = this.#positioned(this.rows[at], at, each, letters);
      if (node.parentNode !== this.body || node.nextSibling !== below) this.body.insertBefore(node, below);
      below = node;
    }
    this.#mark();
  }

  /** How many letters of a name there is room for, so that what is cut is its middle. */
  #letters() {
    const [room, letter] = [this.letter.parentElement, this.letter].map((node) => node.getBoundingClientRect());
    return Math.max(12, Math.floor((room.right - letter.left) / letter.width));
  }

  /** The node of a row, where it belongs. @param {Row} row @param {number} at @param {number} each @param {number} letters */
  #positioned(row, at, each, letters) {
    let node = this.#drawn.get(row.key);
    if (!node) {
      const now = Date.now() / 1000;
      const cells = COLUMNS.map(([by, , text]) => element("div", { role: "gridcell", class: by }, text(row, now, letters)));
      cells[0].title = row.name;
      cells[0].prepend(mark());
      node = element("div", { role: "row", class: "row" }, ...cells);
      node.dataset.key = row.key;
      this.#drawn.set(row.key, node);
    }
    node.id = `${this.#name}-${at}`;
    node.setAttribute("aria-rowindex", String(at + 2));
    node.style.top = `${at * each}px`;
    return node;
  }

  /** Say which rows are selected, and where the keyboard stands. */
  #mark() {
    let active = "";
    for (const [key, node] of this.#drawn) {
      node.setAttribute("aria-selected", String(this.selection.keys.has(key)));
      node.classList.toggle("active", key === this.selection.active);
      if (key === this.selection.active) active = node.id;
    }
    if (active) this.node.setAttribute("aria-activedescendant", active);
    else this.node.removeAttribute("aria-activedescendant");
  }

  /** @param {import("./selection.js").Selection} selection */
  #select(selection) {
    this.selection = selection;
    this.#mark();
    this.callbacks.selected();
  }

  #onClick = (/** @type {MouseEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const key = /** @type {HTMLElement | null} */ (target.closest("[data-key]"))?.dataset.key;
    if (key === undefined) return;
    const mark = target.closest(".mark") !== null;
    if (event.shiftKey) this.#select(range(this.selection, this.#order, key));
    else if (mark || event.ctrlKey || event.metaKey) this.#select(toggle(this.selection, key));
    else this.#select(only(key));
    this.node.focus({ preventScroll: true });
  };

  #onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== this.node || event.altKey) return;
    if (this.#handleKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  /** @param {KeyboardEvent} event whether it was for the table */
  #handleKey({ key, shiftKey, ctrlKey, metaKey }) {
    const page = Math.max(1, Math.floor(this.node.clientHeight / this.probe.clientHeight) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, End: Infinity, Home: -Infinity };
    const { active, keys } = this.selection;
    if (key in steps) this.#move(steps[/** @type {keyof typeof steps} */ (key)], shiftKey);
    else if (key === " " && active !== null) this.#select(toggle(this.selection, active));
    else if (key === "Escape" && keys.size) this.#select({ ...this.selection, keys: new Set() });
    else if ((ctrlKey || metaKey) && key === "a") this.#select(all(this.selection, this.#order));
    else if ((ctrlKey || metaKey) && key === "c") this.callbacks.key("Copy");
    else if (key === "Enter" || key === "Delete") this.callbacks.key(key);
    else return false;
    return true;
  }

  /** @param {number} by @param {boolean} extend */
  #move(by, extend) {
    this.#select(moveActive(this.selection, this.#order, by, extend));
    const at = this.#order.indexOf(this.selection.active ?? "");
    if (at < 0) return;
    const each = this.probe.getBoundingClientRect().height;
    const room = this.node.clientHeight - this.top.offsetHeight;
    const least = (at + 1) * each - room;
    this.node.scrollTop = Math.min(at * each, Math.max(least, this.node.scrollTop));
    this.draw();
  }
}

function mark() {
  return element("span", { class: "mark", "aria-hidden": "true" });
}
