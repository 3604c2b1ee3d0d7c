// A kernel for the Sender: it keeps to nbfiles/_widgets/chunked_uploads.py, on a line that a test can cut or hold up.
import { Sender } from "../../nbfiles/_widgets/static/sender.js";

export class Kernel {
  files = new Map();
  seen = []; // every message that arrived
  held = null; // an array while the kernel is busy
  cut = false; // whether messages get lost
  clock = 0;
  destination = "here";
  #id = 0;

  constructor() {
    this.sender = new Sender({
      send: (content, buffers) => this.#arrive(content, buffers),
      changed: () => {},
      nextFrame: () => Promise.resolve(),
      now: () => this.clock,
      newId: () => `id${++this.#id}`,
      tab: "tab",
      page: "page",
    });
  }

  /** Let everything that waits happen. */
  async settle() {
    for (let i = 0; i < 200; i++) await new Promise((done) => setImmediate(done));
  }

  /** Let time pass, a second a tick. */
  async pass(seconds) {
    for (let i = 0; i < seconds; i++) {
      this.clock += 1000;
      this.sender.tick();
      await this.settle();
    }
  }

  /** Take what waited for a busy kernel. */
  async resume() {
    const waiting = this.held;
    this.held = null;
    waiting.forEach(([content, buffers]) => this.#arrive(content, buffers));
    await this.settle();
  }

  row(name) {
    return [...this.sender.rows.values()].find((row) => row.name === name);
  }

  tell(content) {
    if (!this.cut) queueMicrotask(() => this.sender.receive(structuredClone(content)));
  }

  show(file) {
    const { id, name, size, state, received } = file;
    this.tell({ type: "row", row: { id, name, size, state, received, sent: 0, note: "", ask: "", kept: false } });
  }

  #arrive(content, buffers) {
    if (this.cut) return;
    if (this.held) return void this.held.push([content, buffers]);
    this.seen.push(content);
    const file = this.files.get(content.id);
    if (content.type === "hello") {
      const rows = [...this.files.values()].map(({ parts, ...row }) => row);
      this.tell({ type: "rows", query: content.query, rows, limit: 500e6, destination: this.destination });
    } else if (content.type === "begin") {
      const { id, name, size } = content;
      const begun = { id, name, size, received: 0, state: "receiving", sent: 0, note: "", ask: "", parts: [] };
      this.files.set(id, begun);
      this.show(begun);
    } else if (content.type === "cancel") {
      file.state = "cancelled";
      this.show(file);
    } else if (content.type === "piece") {
      this.#piece(content, file, buffers[0]);
    }
  }

  #piece({ id, offset, epoch }, file, buffer) {
    if (file?.state !== "receiving") return this.tell({ type: "unknown", id, epoch });
    const fits = offset === file.received;
    if (fits) {
      file.parts.push(Buffer.from(buffer));
      file.received += buffer.byteLength;
    }
    this.tell({ type: "got", id, received: file.received, epoch, fits });
    if (file.received === file.size) {
      file.state = "waiting";
      this.show(file);
    }
  }
}

/** A file whose bytes tell their place. */
export function fileOf(name, size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 4096) bytes[i] = (i / 4096) % 251;
  return new File([bytes], name);
}
