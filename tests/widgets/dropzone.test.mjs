import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, isIncluded, includedOf } from "../../nbfiles/_widgets/static/dropped_files.js";
import { percent, announcement, describeState } from "../../nbfiles/_widgets/static/progress.js";
import { TransferRate } from "../../nbfiles/_widgets/static/transfer_rate.js";

test("a rate is that of the last seconds, and begins anew with the count", () => {
  const rate = new TransferRate();
  assert.equal(rate.describe(0, 10e6), "0 %");
  for (let s = 0; s <= 20; s++) rate.add(s * 1000, s < 10 ? 0 : (s - 10) * 1e6);
  assert.equal(rate.describe(10e6, 20e6), "50 %, 1.0 MB/s, 10 s left");
  rate.add(21000, 0);
  assert.equal(rate.perSecond, 0);
});

function row(values) {
  return { name: "a.pdf", size: 100, received: 0, sent: 0, note: "", ask: "", rate: new TransferRate(), ...values };
}

test("every state is said in words", () => {
  for (const state of ["queued", "asking", "receiving", "waiting", "reading", "uploading", "lost", "broken"]) {
    assert.match(describeState(row({ state })), /\w{3}/);
  }
  assert.equal(describeState(row({ state: "failed", note: "too large" })), "too large");
  assert.match(describeState(row({ state: "receiving" }), true), /waiting for the running cell/);
  assert.equal(describeState(row({ state: "uploading" }), true), "uploading: 0 %");
});

test("the bar is half for the notebook and half for the API", () => {
  assert.equal(percent(row({ received: 100 })), 50);
  assert.equal(percent(row({ received: 100, sent: 50 })), 75);
  assert.equal(percent(row({ ask: "%%ask_file a.pdf" })), 100);
});

test("one file is spoken of by name, several in numbers", () => {
  const done = row({ state: "uploaded", ask: "%%ask_file a.pdf" });
  const failed = row({ name: "b.pdf", state: "failed", note: "too large" });
  assert.equal(announcement([], [done]), "");
  assert.equal(announcement([done], [done]), "a.pdf: uploaded. Next, type %%ask_file a.pdf");
  assert.equal(announcement([failed], [failed]), "b.pdf: too large.");
  assert.equal(announcement([failed], [done, failed]), "b.pdf: too large. 1 of 2 files uploaded, 1 not.");
  assert.equal(announcement([done], [done, row({ state: "queued" })]), "a.pdf: uploaded. Next, type %%ask_file a.pdf");
  const lost = row({ name: "c.pdf", state: "broken", note: "The page was closed. Drop it again." });
  assert.equal(announcement([lost], [lost]), "c.pdf: The page was closed. Drop it again.");
  assert.equal(announcement([done, failed], [done, failed, row({ state: "queued" })]),
    "1 of 3 files uploaded, 1 not. Next, type %%ask_file a.pdf");
});

function entry(name, children) {
  const file = new File(children ? [] : ["x"], name);
  const batches = [children ?? [], []];
  return {
    name,
    isDirectory: Boolean(children),
    createReader: () => ({ readEntries: (done) => done(batches.shift()) }),
    file: (done) => done(file),
  };
}

test("a drop gives files and what is in folders, without what is hidden or made by programs", async () => {
  const folder = entry("f", [entry("b.txt"), entry("a.txt"), entry(".git", [entry("c")]), entry("__pycache__", [entry("d")])]);
  const items = [entry("x.txt"), folder].map((one) => ({
    kind: "file", webkitGetAsEntry: () => one, getAsFile: () => (one.isDirectory ? null : new File(["x"], one.name)),
  }));
  const files = await filesOf({ items: [...items, { kind: "string" }] });
  assert.deepEqual(files.map((file) => file.name), ["x.txt", "a.txt", "b.txt"]);
});

test("a pasted picture is a file without an entry", async () => {
  const item = { kind: "file", webkitGetAsEntry: () => null, getAsFile: () => new File(["x"], "image.png") };
  assert.deepEqual((await filesOf({ items: [item] })).map((file) => file.name), ["image.png"]);
});

test("a dialog for folders leaves out the same", () => {
  assert.ok(isIncluded("a/b.txt") && !isIncluded("a/.b") && !isIncluded("nbfiles_out/x"));
  const files = ["f/a.txt", "f/.env", "f/empty"].map((path) => ({ webkitRelativePath: path, size: 1 }));
  files[2].size = 0;
  assert.deepEqual(includedOf(files), [files[0]]);
});
