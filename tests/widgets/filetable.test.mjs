// The pure parts of the file table; tests/widgets/test_javascript.py runs this under `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { visibleRange, filterRows, sortRows, nextOrder } from "../../nbfiles/_widgets/static/rows.js";
import * as selection from "../../nbfiles/_widgets/static/selection.js";
import * as formatting from "../../nbfiles/_widgets/static/formatting.js";

const row = (name, more = {}) =>
  ({ key: name, name, kind: "text", read: "document", bytes: 1, created: 0, expires: null, code: false, ...more });
const names = (rows) => rows.map((each) => each.name);
const ORDER = ["a", "b", "c", "d", "e"];

test("names are sorted as people count", () => {
  const rows = ["b10.csv", "B9.csv", "a.csv"].map((name) => row(name));
  assert.deepEqual(names(sortRows(rows, { by: "name", down: false })), ["a.csv", "B9.csv", "b10.csv"]);
  assert.deepEqual(names(sortRows(rows, { by: "name", down: true })), ["b10.csv", "B9.csv", "a.csv"]);
  assert.deepEqual(names(sortRows(rows, null)), ["b10.csv", "B9.csv", "a.csv"]);
});

test("numbers and times are sorted as such, and what never ends comes last", () => {
  const rows = [row("a", { bytes: 9, created: 1, expires: null }), row("b", { bytes: 10, created: 2, expires: 5 }),
    row("c", { bytes: 1, created: 3, expires: null })];
  assert.deepEqual(names(sortRows(rows, { by: "size", down: false })), ["c", "a", "b"]);
  assert.deepEqual(names(sortRows(rows, { by: "age", down: false })), ["c", "b", "a"]);
  assert.deepEqual(names(sortRows(rows, { by: "expiry", down: false })), ["b", "a", "c"]);
});

test("a header turns its order up, down and off", () => {
  const up = nextOrder(null, "size");
  assert.deepEqual(up, { by: "size", down: false });
  const down = nextOrder(up, "size");
  assert.deepEqual(down, { by: "size", down: true });
  assert.equal(nextOrder(down, "size"), null);
  assert.deepEqual(nextOrder(down, "name"), { by: "name", down: false });
});

test("every typed word must be in the name or the kind, however it is written", () => {
  const rows = [row("Q3 Report.pdf", { kind: "PDF" }), row("Ärger.csv", { kind: "data" })];
  assert.deepEqual(names(filterRows(rows, "  pdf rep ")), ["Q3 Report.pdf"]);
  assert.deepEqual(names(filterRows(rows, "ÄRGER")), ["Ärger.csv"]);
  assert.deepEqual(names(filterRows(rows, "A\u0308rger")), ["Ärger.csv"]);
  assert.deepEqual(filterRows(rows, "(.*"), []);
  assert.equal(filterRows(rows, " "), rows);
});

test("only what is in sight is drawn, whatever the number of rows", () => {
  assert.deepEqual(visibleRange(0, 300, 30, 5000), [0, 18]);
  assert.deepEqual(visibleRange(3000, 300, 30, 5000), [92, 118]);
  assert.deepEqual(visibleRange(149_700, 300, 30, 5000), [4982, 5000]);
  assert.deepEqual(visibleRange(149_700, 300, 30, 3), [3, 3]);
  assert.deepEqual(visibleRange(0, 300, 30, 0), [0, 0]);
});

test("a click selects one, with Ctrl another, with Shift a range", () => {
  let now = selection.only("b");
  now = selection.toggle(now, "d");
  assert.deepEqual([...now.keys], ["b", "d"]);
  now = selection.range(now, ORDER, "a");
  assert.deepEqual([...now.keys], ["a", "b", "c", "d"]);
  now = selection.toggle(now, "c");
  assert.deepEqual(selection.targets(now, ORDER), ["a", "b", "d"]);
  assert.equal(selection.all(now, ORDER).keys.size, 5);
});

test("the keyboard stays on the table, and Shift selects what it passes", () => {
  let now = selection.moveActive(selection.NOTHING, ORDER, 1, false);
  assert.equal(now.active, "a");
  assert.equal(selection.moveActive(selection.NOTHING, ORDER, -1, false).active, "e");
  assert.equal(selection.moveActive(selection.NOTHING, ORDER, -Infinity, false).active, "a");
  now = selection.moveActive(now, ORDER, Infinity, false);
  assert.equal(now.active, "e");
  now = selection.moveActive(selection.moveActive(now, ORDER, -1, true), ORDER, -1, true);
  assert.deepEqual(selection.targets(now, ORDER), ["c", "d", "e"]);
  now = selection.moveActive(now, ORDER, 1, true);
  assert.deepEqual(selection.targets(now, ORDER), ["d", "e"]);
  assert.equal(selection.moveActive(selection.NOTHING, [], 1, false), selection.NOTHING);
  assert.deepEqual(selection.targets(selection.moveActive(selection.NOTHING, ORDER, 1, false), ORDER), ["a"]);
});

test("what goes is not selected any more, and the keyboard stays near", () => {
  const now = selection.toggle(selection.only("a"), "c");
  const after = selection.retain(now, ORDER, ["a", "b", "d", "e"]);
  assert.deepEqual([...after.keys], ["a"]);
  assert.equal(after.active, "d");
  assert.equal(selection.retain(now, ORDER, []).active, null);
  assert.equal(selection.retain(selection.NOTHING, [], ORDER).active, null);
});

test("sizes, ages and names are said as in the text form", () => {
  const cases = JSON.parse(process.env.WORDS ?? "{}");
  for (const [bytes, said] of cases.size ?? []) assert.equal(formatting.size(bytes), said);
  for (const [seconds, said] of cases.span ?? []) assert.equal(formatting.span(seconds), said);
  assert.equal(formatting.ago(100, 130), "just now");
  assert.equal(formatting.ago(0, 7200), "2 h ago");
  assert.equal(formatting.until(null, 0), "never");
  assert.equal(formatting.until(5, 5), "expired");
  assert.equal(formatting.until(86400 * 3, 1), "in 2 days");
  assert.equal(formatting.files(5000), "5,000 files");
  assert.equal(formatting.typed("my file.pdf"), '"my file.pdf"');
  assert.equal(formatting.typed("a.pdf"), "a.pdf");
});

test("a long name is cut in its middle, and never within a letter", () => {
  assert.equal(formatting.short("x".repeat(300)).length, 59);
  assert.equal(formatting.short("😀".repeat(100), 11), `${"😀".repeat(5)}…${"😀".repeat(5)}`);
  assert.equal(formatting.short("a.pdf"), "a.pdf");
});
