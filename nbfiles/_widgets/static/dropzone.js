// The drop zone: one Sender a page, drawn by any number of views. See nbfiles/_widgets/dropzone.py.
import { element } from "./dom.js";
import { filesOf, includedOf } from "./dropped_files.js";
import { announcement, describeState, percent } from "./progress.js";
import { isOver, Sender } from "./sender.js";
import { short, size } from "./formatting.js";

const CHECK = 1000; // ms between two checks whether the kernel answers
const HIDDEN = 200; // ms after which a frame is not waited for any more
const SPEECH_PAUSE = 3000; // ms between two sentences of a screen reader
const LETTERS = 80; // of a name; all of it is in the line to type next

export default () => {
  /** @type {Sender} */
  let sender;
  const views = new Set();
  const changed = () => views.forEach((view) => view.draw());

  return {
    initialize({ model }) {
      sender = new Sender({
        send: (content, buffers) => model.send(content, undefined, buffers),
        changed,
        nextFrame,
        now: () => performance.now(),
        newId,
        tab: tabId(),
        page: String(performance.timeOrigin),
      });
      const receive = (content) => sender.receive(content);
      const leave = () => sender.leave();
      const timer = setInterval(() => sender.tick(), CHECK);
      model.on("msg:custom", receive);
      window.addEventListener("pagehide", leave);
      return () => {
        clearInterval(timer);
        model.off("msg:custom", receive);
        window.removeEventListener("pagehide", leave);
      };
    },

    render({ model, el }) {
      const view = new View(el, sender);
      // JupyterLab marks the views of a kernel that has gone; the model itself does not tell.
      const check = () => (el.classList.contains("jupyter-widgets-disconnected") ? sender.disconnect() : sender.probe());
      model.on("comm_live_update", check);
      if (el.classList.contains("jupyter-widgets-disconnected")) sender.disconnect();
      views.add(view);
      view.draw();
      return () => {
        views.delete(view);
        model.off("comm_live_update", check);
        view.remove();
      };
    },
  };
};

class View {
  #drawn = false;
  #items = new Map(); // id → the elements of its row
  #ended = new Set(); // ids whose end was spoken of
  #lastSpoke = -SPEECH_PAUSE;
  #timer = 0;

  constructor(el, sender) {
    this.sender = sender;
    this.root = element("div", {
      class: "nbfiles nbfiles-drop",
      role: "group",
      "aria-label": "Drop zone for files",
      tabindex: "-1", // a click puts the focus here, so that a paste arrives
      "data-lm-suppress-shortcuts": "true", // or JupyterLab would paste a cell
    });
    this.#build();
    this.#listen();
    el.append(this.root);
  }

  remove() {
    clearTimeout(this.#timer);
    this.root.remove();
  }

  /** Draw what changed, once a frame. */
  draw() {
    if (this.#drawn) return;
    this.#drawn = true;
    requestAnimationFrame(() => {
      this.#drawn = false;
      this.#drawHead();
      for (const row of this.sender.rows.values()) this.#drawRow(row);
      this.list.hidden = !this.sender.rows.size;
      this.#speak();
    });
  }

  #build() {
    this.lead = element("p", { class: "lead", "aria-live": "polite" }, "Drop files or folders here, or paste them.");
    this.files = button("Choose files", () => this.input.click());
    this.folder = button("Choose a folder", () => this.folderInput.click());
    this.limits = element("p", { class: "limits" });
    this.input = picker(false, (files) => this.sender.add(files));
    this.folderInput = picker(true, (files) => this.sender.add(includedOf(files)));
    this.list = element("ul", { class: "rows", "aria-label": "Dropped files" });
    this.voice = element("div", { class: "spoken", role: "status" });
    const parts = [this.lead, this.files, this.folder, this.limits, this.input, this.folderInput];
    this.root.append(element("div", { class: "target" }, ...parts), this.list, this.voice);
  }

  #listen() {
    const take = (event, data) => {
      event.preventDefault();
      event.stopPropagation();
      this.root.classList.remove("over");
      if (!this.sender.gone) filesOf(data).then((files) => this.sender.add(files));
    };
    const over = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = this.sender.gone ? "none" : "copy";
      this.root.classList.toggle("over", !this.sender.gone);
    };
    for (const near of ["pointerenter", "focusin", "dragenter"]) {
      this.root.addEventListener(near, () => this.sender.probe());
    }
    this.root.addEventListener("dragenter", over);
    this.root.addEventListener("dragover", over);
    this.root.addEventListener("dragleave", (event) => {
      if (!this.root.contains(event.relatedTarget)) this.root.classList.remove("over");
    });
    this.root.addEventListener("drop", (event) => take(event, event.dataTransfer));
    this.root.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) take(event, event.clipboardData);
    });
  }

  #drawHead() {
    const { gone, limit, destination } = this.sender;
    this.files.disabled = this.folder.disabled = gone;
    write(this.lead, gone ? "This drop zone has lost its kernel. Run the cell again." : this.lead.textContent);
    write(this.limits, !limit || gone ? "" : `Up to ${Math.floor(limit / 1e6)} MB each. Uploads go to: ${destination}.`);
  }

  #drawRow(row) {
    const item = this.#items.get(row.id) ?? this.#newItem(row);
    const state = describeState(row, this.sender.waits);
    write(item.name, short(row.name, LETTERS));
    item.name.title = row.name;
    write(item.size, size(row.size));
    write(item.state, state);
    write(item.ask, row.ask);
    item.li.dataset.state = row.state;
    item.next.hidden = !row.ask;
    show(item.cancel, !isOver(row), item.retry);
    show(item.retry, this.sender.canRetry(row) && !this.sender.gone, item.copy);
    item.bar.hidden = isOver(row);
    item.received.style.inlineSize = `${row.size ? (100 * row.received) / row.size : 0}%`;
    item.sent.style.inlineSize = `${row.size ? (100 * Math.min(row.sent, row.size)) / row.size : 0}%`;
    item.bar.setAttribute("aria-valuenow", String(percent(row)));
    item.bar.setAttribute("aria-valuetext", state);
    label(item.bar, `Progress of ${row.name}`);
    label(item.cancel, `Cancel ${row.name}`);
    label(item.retry, `Retry ${row.name}`);
    label(item.copy, `Copy ${row.ask}`);
  }

  #newItem(row) {
    const item = {
      name: element("bdi", { class: "name", dir: "ltr" }), // so that every name ends with its ending
      size: element("span", { class: "size" }),
      received: element("div", { class: "received" }),
      sent: element("div", { class: "sent" }),
      state: element("p", { class: "state" }),
      ask: element("code"),
      copy: button("Copy", () => copy(item.ask, item.copy)),
      cancel: button("Cancel", () => this.sender.cancel(row.id)),
      retry: button("Retry", () => this.sender.retry(row.id)),
    };
    const bar = { class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" };
    item.bar = element("div", bar, item.received, item.sent);
    item.next = element("p", {}, "Next, type ", item.ask, " ", item.copy);
    const head = element("div", { class: "head" }, item.name, item.size, item.cancel, item.retry);
    item.li = element("li", { class: "row" }, head, item.bar, item.state, item.next);
    this.list.append(item.li);
    this.#items.set(row.id, item);
    return item;
  }

  /** Say aloud what ended, all at once and seldom. */
  #speak() {
    const rows = [...this.sender.rows.values()];
    for (const row of rows) if (!isOver(row)) this.#ended.delete(row.id);
    const ended = rows.filter((row) => isOver(row) && !this.#ended.has(row.id));
    clearTimeout(this.#timer);
    if (!ended.length) return;
    const wait = this.#lastSpoke + SPEECH_PAUSE - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.draw(), wait);
      return;
    }
    this.#lastSpoke = performance.now();
    ended.forEach((row) => this.#ended.add(row.id));
    write(this.voice, announcement(ended, rows));
  }
}

function button(text, act) {
  return element("button", { type: "button", onclick: act }, text);
}

function picker(folder, act) {
  const input = element("input", { type: "file", multiple: "", hidden: "", onchange });
  input.webkitdirectory = folder;
  return input;

  function onchange() {
    act([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function label(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

/** Show or hide a control; when it had the focus, `heir` or what is before it gets that. */
function show(element, visible, heir) {
  const focused = !visible && element === element.getRootNode().activeElement;
  element.hidden = !visible;
  if (focused) queueMicrotask(() => (heir.hidden ? element.closest(".nbfiles") : heir).focus());
}

/** Copy a text, or select it where the browser lets no page copy. */
async function copy(source, control) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    write(control, "Copied");
  } catch {
    getSelection().selectAllChildren(source);
    write(control, "Selected: press Ctrl+C");
  }
  setTimeout(() => write(control, "Copy"), 2000);
}

/** Wait until the page has drawn; one that is hidden draws nothing. */
function nextFrame() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, HIDDEN);
  });
}

/** What stays the same when this tab is reloaded, so that the kernel knows which page has gone. */
function tabId() {
  try {
    return (sessionStorage.nbfilesTab ??= newId());
  } catch {
    return newId(); // no storage in this frame
  }
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
