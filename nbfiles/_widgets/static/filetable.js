// A live table of files: what the kernel knows, sorted, filtered and selected on the page.

import { element } from "./dom.js";
import { Grid } from "./grid.js";
import { filterRows, sortRows, nextOrder } from "./rows.js";
import { targets } from "./selection.js";
import { files, short, typed } from "./formatting.js";
import { kernelRequests } from "./kernel_requests.js";

/** @typedef {import("./rows.js").Row} Row */

const SEVERAL_MS = 1500; // files come in swarms; a screen reader hears of them once
const EMPTY = "No files here yet. To upload some, type: %upload PATH";

class FileTable {
  /** @type {Map<string, Row>} */ rows = new Map();
  /** @type {import("./rows.js").Order | null} */ order = null;
  arrived = new Set();

  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    this.kernel = kernelRequests(model, (message) => this.#change(message), (text) => this.say(text));
    this.grid = new Grid({ sort: (by) => this.#sort(by), selected: () => this.#count(), key: (name) => this.#key(name) });
    this.#build(el);
    this.#load();
  }

  close() {
    this.kernel.close();
    this.grid.close();
    clearTimeout(this.news);
  }

  /** Show a line, which a screen reader speaks. @param {string} text */
  say(text) {
    this.status.textContent = text;
  }

  /** @param {HTMLElement} el */
  #build(el) {
    this.filter = /** @type {HTMLInputElement} */ (
      element("input", { type: "search", placeholder: "Filter", "aria-label": "Filter files by name or kind", oninput: () => this.#show() })
    );
    this.count = element("span", { class: "count" });
    this.actions = element(
      "div",
      { class: "actions", role: "group", "aria-label": "What to do with the selected files" },
      this.#button("Info", () => this.#info()),
      this.#button("Copy name", () => this.#copy()),
      this.#button("Download", () => this.#download()),
      this.#button("Delete …", () => this.#plan()),
    );
    this.bar = element("div", { class: "bar" }, this.filter, this.count, this.actions);
    this.none = element("p", { class: "none" }, "Waiting for the list of files …");
    this.panel = element("div", { class: "panel", hidden: "" });
    this.status = element("div", { role: "status", class: "status" });
    el.classList.add("nbfiles", "nbfiles-table");
    el.append(this.bar, this.grid.node, this.none, this.panel, this.status);
  }

  /** @param {string} text @param {() => void} onclick */
  #button(text, onclick) {
    return element("button", { type: "button", onclick }, text);
  }

  async #load() {
    const answer = await this.kernel.ask("rows");
    if (!answer?.rows) return;
    this.order = answer.order;
    this.rows = new Map(answer.rows.map((/** @type {Row} */ row) => [row.key, row]));
    this.say("");
    this.#show();
  }

  /** @param {{put: Row[], drop: string[], initial?: boolean}} message `initial`: no news, but the rest of a long list */
  #change({ put, drop, initial }) {
    for (const key of drop) {
      this.rows.delete(key);
      this.arrived.delete(key);
    }
    for (const row of put) {
      if (!initial && !this.rows.has(row.key)) this.arrived.add(row.key);
      this.rows.set(row.key, row);
    }
    this.#show();
    clearTimeout(this.news);
    this.news = setTimeout(() => {
      if (this.arrived.size) this.say(`${files(this.arrived.size)} added.`);
      this.arrived.clear();
    }, SEVERAL_MS);
  }

  #show() {
    const visible = sortRows(filterRows([...this.rows.values()], this.filter.value), this.order);
    this.grid.show(visible, this.order);
    this.grid.node.hidden = this.bar.hidden = !this.rows.size;
    this.none.hidden = visible.length > 0;
    this.none.textContent = this.rows.size ? `No file matches “${short(this.filter.value)}”.` : EMPTY;
  }

  #count() {
    const [visible, total] = [this.grid.rows.length, this.rows.size];
    const selected = this.grid.selection.keys.size;
    const few = visible < total ? `${visible.toLocaleString("en")} of ` : "";
    this.count.textContent = `${few}${files(total)}${selected ? `, ${selected.toLocaleString("en")} selected` : ""}`;
  }

  /** @param {string} by */
  #sort(by) {
    this.order = nextOrder(this.order, by);
    this.#show();
  }

  /** @param {string} name */
  #key(name) {
    if (name === "Enter") this.#info();
    else if (name === "Delete") this.#plan();
    else this.#copy();
  }

  /** What an action is about; where nothing is, say so. */
  #targets() {
    const keys = targets(this.grid.selection, this.grid.order);
    if (!keys.length) this.say("Select a file first: click on it, or use the arrow keys and Space.");
    return keys.map((key) => /** @type {Row} */ (this.rows.get(key)));
  }

  /** Ask about some rows; the answer, unless something was wrong. @param {string} what @param {object} more */
  async #ask(what, more) {
    const answer = await this.kernel.ask(what, more);
    if (answer?.problem) this.say(answer.problem);
    return answer && !answer.problem ? answer : null;
  }

  async #info() {
    const [row] = this.#targets();
    if (!row) return;
    const answer = await this.#ask("info", { key: row.key });
    if (!answer) return;
    this.say("");
    const facts = answer.facts.flatMap((/** @type {[string, string]} */ [what, fact]) => [element("dt", {}, what), element("dd", {}, fact)]);
    this.#open("region", `About ${row.name}`, element("dl", {}, ...facts), this.#button("Close", () => this.#shut()));
  }

  async #copy() {
    const names = this.#targets().map((row) => typed(row.name));
    if (!names.length) return;
    const text = names.join(" ");
    try {
      await navigator.clipboard.writeText(text);
      this.say(`Copied: ${short(text)}`);
    } catch {
      const field = /** @type {HTMLInputElement} */ (element("input", { readonly: "", "aria-label": "Names" }));
      field.value = text;
      this.#open("region", "Copy it with Ctrl+C:", field, this.#button("Close", () => this.#shut()));
      field.select();
    }
  }

  async #download() {
    const rows = this.#targets();
    if (!rows.length) return;
    const yours = rows.find((row) => !row.code);
    if (yours) return this.say(`“${short(yours.name)}” is a file of yours: only what Claude's code made can be downloaded.`);
    const answer = await this.#ask("download", { keys: rows.map((row) => row.key) });
    if (answer) this.say(answer.message);
  }

  async #plan() {
    const rows = this.#targets();
    if (!rows.length) return;
    const plan = await this.#ask("plan", { keys: rows.map((row) => row.key) });
    if (!plan) return;
    this.say("");
    const names = element("ul", {}, ...plan.names.map((/** @type {string} */ name) => element("li", {}, name)));
    const more = plan.more ? element("p", {}, `… and ${files(plan.more)} more`) : "";
    const remove = this.#button("Delete", () => this.#delete(plan));
    remove.classList.add("danger");
    this.#open("alertdialog", plan.title, names, more, remove, this.#button("Keep", () => this.#shut()));
  }

  /** @param {{plan: number}} proposal */
  async #delete({ plan }) {
    this.#shut();
    const answer = await this.#ask("delete", { plan });
    if (answer) this.say(answer.message);
  }

  /** @param {string} role @param {string} title @param {(Node | string)[]} parts */
  #open(role, title, ...parts) {
    this.panel.setAttribute("role", role);
    this.panel.setAttribute("aria-label", title);
    this.panel.onkeydown = (event) => {
      if (event.key === "Escape") this.#shut();
    };
    this.panel.replaceChildren(element("p", { class: "title" }, short(title, 120)), ...parts);
    this.panel.hidden = false;
    const buttons = this.panel.querySelectorAll("button");
    buttons[buttons.length - 1].focus(); // Close or Keep: Enter by mistake does no harm
  }

  #shut() {
    this.panel.hidden = true;
    this.grid.node.focus({ preventScroll: true });
  }
}

/** @param {{model: any, el: HTMLElement}} widget */
function render({ model, el }) {
  const table = new FileTable(model, el);
  return () => table.close();
}

export default { render };
