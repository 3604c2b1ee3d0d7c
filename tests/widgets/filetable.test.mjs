// The pure parts of the file table; tests/widgets/test_javascript.py runs this under `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { inSight, matching, sorted, turned } from "../../nbfiles/widgets/static/rows.js";
import * as selection from "../../nbfiles/widgets/static/selection.js";
import * as words from "../../nbfiles/widgets/static/words.js";

const row = (name, more = {}) =>
  ({ key: name, name, kind: "text", read: "document", bytes: 1, created: 0, expires: null, code: false, ...more });
const names = (rows) => rows.map((each) => each.name);
const ORDER = ["a", "b", "c", "d", "e"];

test("names are sorted as people count", () => {
  const rows = ["b10.csv", "B9.csv", "a.csv"].map((name) => row(name));
  assert.deepEqual(names(sorted(rows, { by: "name", down: false })), ["a.csv", "B9.csv", "b10.csv"]);
  assert.deepEqual(names(sorted(rows, { by: "name", down: true })), ["b10.csv", "B9.csv", "a.csv"]);
  assert.deepEqual(names(sorted(rows, null)), ["b10.csv", "B9.csv", "a.csv"]);
});

test("numbers and times are sorted as such, and what never ends comes last", () => {
  const rows = [row("a", { bytes: 9, created: 1, expires: null }), row("b", { bytes: 10, created: 2, expires: 5 }),
    row("c", { bytes: 1, created: 3, expires: null })];
  assert.deepEqual(names(sorted(rows, { by: "size", down: false })), ["c", "a", "b"]);
  assert.deepEqual(names(sorted(rows, { by: "age", down: false })), ["c", "b", "a"]);
  assert.deepEqual(names(sorted(rows, { by: "expiry", down: false })), ["b", "a", "c"]);
});

test("a header turns its order up, down and off", () => {
  const up = turned(null, "size");
  assert.deepEqual(up, { by: "size", down: false });
  const down = turned(up, "size");
  assert.deepEqual(down, { by: "size", down: true });
  assert.equal(turned(down, "size"), null);
  assert.deepEqual(turned(down, "name"), { by: "name", down: false });
});

test("every typed word must be in the name or the kind, however it is written", () => {
  const rows = [row("Q3 Report.pdf", { kind: "PDF" }), row("Ärger.csv", { kind: "data" })];
  assert.deepEqual(names(matching(rows, "  pdf rep ")), ["Q3 Report.pdf"]);
  assert.deepEqual(names(matching(rows, "ÄRGER")), ["Ärger.csv"]);
  assert.deepEqual(names(matching(rows, "A\u0308rger")), ["Ärger.csv"]);
  assert.deepEqual(matching(rows, "(.*"), []);
  assert.equal(matching(rows, " "), rows);
});

test("only what is in sight is drawn, whatever the number of rows", () => {
  assert.deepEqual(inSight(0, 300, 30, 5000), [0, 18]);
  assert.deepEqual(inSight(3000, 300, 30, 5000), [92, 118]);
  assert.deepEqual(inSight(149_700, 300, 30, 5000), [4982, 5000]);
  assert.deepEqual(inSight(149_700, 300, 30, 3), [3, 3]);
  assert.deepEqual(inSight(0, 300, 30, 0), [0, 0]);
});

test("a click selects one, with Ctrl another, with Shift a range", () => {
  let now = selection.only("b");
  now = selection.toggled(now, "d");
  assert.deepEqual([...now.keys], ["b", "d"]);
  now = selection.range(now, ORDER, "a");
  assert.deepEqual([...now.keys], ["a", "b", "c", "d"]);
  now = selection.toggled(now, "c");
  assert.deepEqual(selection.chosen(now, ORDER), ["a", "b", "d"]);
  assert.equal(selection.all(now, ORDER).keys.size, 5);
});

test("the keyboard stays on the table, and Shift selects what it passes", () => {
  let now = selection.moved(selection.NOTHING, ORDER, 1, false);
  assert.equal(now.active, "a");
  assert.equal(selection.moved(selection.NOTHING, ORDER, -1, false).active, "e");
  assert.equal(selection.moved(selection.NOTHING, ORDER, -Infinity, false).active, "a");
  now = selection.moved(now, ORDER, Infinity, false);
  assert.equal(now.active, "e");
  now = selection.moved(selection.moved(now, ORDER, -1, true), ORDER, -1, true);
  assert.deepEqual(selection.chosen(now, ORDER), ["c", "d", "e"]);
  now = selection.moved(now, ORDER, 1, true);
  assert.deepEqual(selection.chosen(now, ORDER), ["d", "e"]);
  assert.equal(selection.moved(selection.NOTHING, [], 1, false), selection.NOTHING);
  assert.deepEqual(selection.chosen(selection.moved(selection.NOTHING, ORDER, 1, false), ORDER), ["a"]);
});

test("what goes is not selected any more, and the keyboard stays near", () => {
  const now = selection.toggled(selection.only("a"), "c");
  const after = selection.kept(now, ORDER, ["a", "b", "d", "e"]);
  assert.deepEqual([...after.keys], ["a"]);
  assert.equal(after.active, "d");
  assert.equal(selection.kept(now, ORDER, []).active, null);
  assert.equal(selection.kept(selection.NOTHING, [], ORDER).active, null);
});

test("sizes, ages and names are said as in the text form", () => {
  const cases = JSON.parse(process.env.WORDS ?? "{}");
  for (const [bytes, said] of cases.size ?? []) assert.equal(words.size(bytes), said);
  for (const [seconds, said] of cases.span ?? []) assert.equal(words.span(seconds), said);
  assert.equal(words.ago(100, 130), "just now");
  assert.equal(words.ago(0, 7200), "2 h ago");
  assert.equal(words.until(null, 0), "never");
  assert.equal(words.until(5, 5), "expired");
  assert.equal(words.until(86400 * 3, 1), "in 2 days");
  assert.equal(words.files(5000), "5,000 files");
  assert.equal(words.typed("my file.pdf"), '"my file.pdf"');
  assert.equal(words.typed("a.pdf"), "a.pdf");
});

test("a long name is cut in its middle, and never within a letter", () => {
  assert.equal(words.short("x".repeat(300)).length, 59);
  assert.equal(words.short("😀".repeat(100), 11), `${"😀".repeat(5)}…${"😀".repeat(5)}`);
  assert.equal(words.short("a.pdf"), "a.pdf");
});
