// Files on their way to the kernel: pieces, acknowledgements, and what to do when one is missing.
//
// A row is `queued` (this page waits with it), `asking` (begin is sent), `receiving`, and then whatever the
// kernel says. Only rows with a `file` are sent by this page; others are shown.
import { TransferRate } from "./transfer_rate.js";

export const PIECE = 4 * 1024 * 1024; // bytes; a message costs the same time whatever its size, up to 10 MB
const MOST_OUT = 4; // pieces under way, over all files; more is no faster and costs memory
const FILES_AT_ONCE = 4; // small files would else wait for one another's acknowledgements
const SILENCE = 2500; // ms without a message, after which the page asks
const PROBE = 1000; // ms between two looks because somebody comes near
const LONGEST = 15000; // ms between two such questions
const RESTARTS = 5; // of one file without a new piece arriving

const OVER = new Set(["uploaded", "already there", "failed", "cancelled", "broken", "lost"]);

/** Whether nothing more will happen to a row by itself. */
export function isOver(row) {
  return OVER.has(row.state);
}

export class Sender {
  rows = new Map(); // id → row, in the order they came
  limit = 0; // bytes a file; 0 until the kernel said it
  destination = "";
  waits = false; // for a kernel that does not answer
  gone = false; // the kernel, for good
  #out = 0;
  #window = 1;
  #lastMessage = 0;
  #asked = 0;
  #query = 0;
  #answered = 0;
  #turn = Promise.resolve(); // one piece a frame while others are under way: the page is to draw between them

  /**
   * @param {{send: (content: object, buffers?: ArrayBuffer[]) => void, changed: () => void,
   *   nextFrame: () => Promise<void>, now: () => number, newId: () => string, tab: string, page: string}} world
   */
  constructor(world) {
    this.world = world;
    this.#lastMessage = world.now();
    this.#ask();
  }

  /** Take files to send. @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const id = this.world.newId();
      this.rows.set(id, newRow({ id, name: file.name, size: file.size, file, state: "queued" }));
    }
    this.#sendMore();
  }

  cancel(id) {
    const row = this.rows.get(id);
    if (!row || isOver(row)) return;
    if (row.state !== "queued") this.#send({ type: "cancel", id });
    if (row.state !== "uploading") this.#stop(row, { state: "cancelled" });
    this.#sendMore();
  }

  retry(id) {
    const row = this.rows.get(id);
    if (!row || !this.canRetry(row)) return;
    if (row.kept) this.#send({ type: "retry", id });
    else this.#stop(row, { state: "queued", note: "", restarts: 0 });
    this.#sendMore();
  }

  /** Whether a retry can help: the kernel has the bytes, or this page has the file and its size is allowed. */
  canRetry(row) {
    const allowed = row.size > 0 && !(this.limit && row.size > this.limit);
    return ["failed", "cancelled", "broken"].includes(row.state) && Boolean(row.kept || (row.file && allowed));
  }

  /** Take a message of the kernel. */
  receive(content) {
    this.#lastMessage = this.world.now();
    this.waits = false;
    if (content.type === "row") this.#update(content.row);
    if (content.type === "got") this.#acknowledge(content);
    if (content.type === "unknown") this.#onUnknown(content);
    if (content.type === "rows") this.#compare(content);
    this.#sendMore();
  }

  /** Look, once a second, whether the kernel is still there. */
  tick() {
    const now = this.world.now();
    const busy = [...this.rows.values()].some((row) => !isOver(row));
    if (this.gone || (!busy && this.#answered)) return; // the first hello may be behind a cell
    const silent = now - Math.max(this.#lastMessage, this.#asked);
    const unanswered = this.#query > this.#answered;
    // Often at first, as answers get lost while a connection comes back; then less and less.
    if (silent > Math.min(LONGEST, Math.max(SILENCE, (now - this.#lastMessage) / 4))) this.#ask();
    const waits = unanswered && now - this.#lastMessage > SILENCE;
    if (waits !== this.waits) {
      this.waits = waits;
      this.world.changed();
    }
  }

  /** Find out, when a person comes near, whether the kernel is there, and where files go now. */
  probe() {
    if (this.world.now() - this.#asked > PROBE) this.#ask();
  }

  /** This page goes: what it has not sent yet will not come. */
  leave() {
    if ([...this.rows.values()].some((row) => row.file && !isOver(row))) this.#send({ type: "leave" });
  }

  /** The kernel ended or was restarted: nothing here can go on. */
  disconnect() {
    if (this.gone) return;
    this.gone = true;
    for (const row of this.rows.values()) {
      if (!isOver(row)) this.#stop(row, { state: "lost" });
    }
    this.world.changed();
  }

  #ask() {
    this.#asked = this.world.now();
    this.#query += 1;
    this.#send({ type: "hello", query: this.#query });
  }

  #send(content, buffers) {
    const { tab, page } = this.world;
    if (this.gone) return;
    try {
      this.world.send({ ...content, tab, page }, buffers);
    } catch {
      this.disconnect(); // the line to a kernel that was restarted is closed
    }
  }

  #sendMore() {
    const rows = [...this.rows.values()];
    let active = rows.filter((row) => row.file && ["asking", "receiving"].includes(row.state)).length;
    for (const row of rows) {
      if (row.state !== "queued" || active >= FILES_AT_ONCE || this.gone) continue;
      active += 1;
      row.state = "asking";
      row.after = this.#query;
      this.#send({ type: "begin", id: row.id, name: row.name, size: row.size });
    }
    for (const row of rows) {
      if (row.file && row.state === "receiving") this.#read(row);
    }
    this.world.changed();
  }

  /** Read the next piece of a row while others are under way, and send it. */
  async #read(row) {
    if (row.reading || row.next >= row.size || this.#out >= this.#window) return;
    const { next: offset, epoch } = row;
    row.reading = true;
    this.#out += 1;
    row.out += 1;
    let piece;
    try {
      piece = await row.file.slice(offset, offset + PIECE).arrayBuffer();
      if (this.#out > 1) await (this.#turn = this.#turn.then(this.world.nextFrame));
    } catch {
      piece = null;
    }
    row.reading = false;
    if (row.epoch !== epoch || row.state !== "receiving") return this.#sendMore(); // stopped meanwhile
    if (piece?.byteLength !== Math.min(PIECE, row.size - offset)) {
      this.#send({ type: "cancel", id: row.id });
      this.#stop(row, { state: "failed", note: "It can no longer be read: it was changed, moved or removed." });
      row.file = null;
    } else {
      row.next = offset + piece.byteLength;
      row.after = this.#query;
      this.#send({ type: "piece", id: row.id, offset, epoch }, [piece]);
    }
    this.#sendMore();
  }

  #acknowledge({ id, received, epoch, fits }) {
    const row = this.rows.get(id);
    if (!row || isOver(row)) return;
    if (!row.file) return this.#update({ ...row, received });
    if (row.epoch !== epoch) return;
    if (!fits) return this.#rewind(row, received);
    this.#release(row, 1);
    this.#window = Math.min(MOST_OUT, this.#window + 1);
    row.restarts = 0;
    row.received = received;
    row.rate.add(this.world.now(), received);
  }

  /** The kernel has no such file any more: it gave up waiting for this page. */
  #onUnknown({ id, epoch }) {
    const row = this.rows.get(id);
    if (row?.file && row.state === "receiving" && row.epoch === epoch) this.#restart(row);
  }

  #update(news) {
    const row = this.rows.get(news.id) ?? newRow({ id: news.id });
    this.rows.set(row.id, row);
    if (row.file && news.state === "broken" && !isOver(row)) return this.#restart(row);
    if (row.state === "cancelled" && news.state === "receiving") return; // it was on its way
    if (isOver(row) && news.state === "cancelled") return; // as this page knows, perhaps for a reason
    if (row.state !== news.state && news.state !== "receiving") this.#release(row, row.out);
    const { name, size, state, received, sent, note, ask, kept } = news;
    if (row.state !== state) row.rate = new TransferRate();
    Object.assign(row, { name, size, state, received, sent, note, ask, kept });
    row.rate.add(this.world.now(), state === "receiving" ? received : sent);
  }

  /**
   * Compare all rows with the kernel's; what was lost on the way is sent again. Answers come in order: when one
   * comes to a question asked after (`after`) the last message about a row, no piece of it is on its way.
   */
  #compare({ query, rows, limit, destination }) {
    this.limit = limit;
    this.destination = destination;
    this.#answered = Math.max(this.#answered, query);
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const news of rows) {
      const row = this.rows.get(news.id);
      if (row?.file && row.state === "receiving" && news.state === "receiving") {
        if (row.out && !row.reading && query > row.after) this.#rewind(row, news.received);
      } else if (row?.state !== "queued") this.#update(news);
    }
    for (const row of this.rows.values()) {
      const sending = row.file && ["asking", "receiving"].includes(row.state);
      if (sending && query > row.after && !byId.has(row.id)) this.#restart(row);
    }
  }

  #rewind(row, received) {
    this.#release(row, row.out);
    row.epoch += 1;
    row.next = row.received = received;
  }

  #restart(row) {
    const restarts = row.restarts + 1;
    if (restarts > RESTARTS) this.#stop(row, { state: "failed", note: "It broke off again and again." });
    else this.#stop(row, { state: "queued", restarts });
  }

  #stop(row, changes) {
    this.#rewind(row, 0);
    Object.assign(row, changes);
  }

  #release(row, count) {
    const released = Math.min(row.out, count);
    row.out -= released;
    this.#out -= released;
  }
}

function newRow(values) {
  const start = { received: 0, sent: 0, note: "", ask: "", kept: false, file: null, next: 0, out: 0 };
  return { ...start, after: 0, epoch: 0, reading: false, restarts: 0, rate: new TransferRate(), ...values };
}
