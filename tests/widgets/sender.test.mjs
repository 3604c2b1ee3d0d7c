import assert from "node:assert/strict";
import { test } from "node:test";
import { PIECE } from "../../nbfiles/_widgets/static/sender.js";
import { fileOf, Kernel } from "./fake_kernel.mjs";

const LARGE = 5 * PIECE + 12345;

async function arrivedWhole(kernel, name, file) {
  const row = kernel.row(name);
  assert.equal(row.state, "waiting");
  const sent = Buffer.from(await file.arrayBuffer());
  assert.ok(Buffer.concat(kernel.files.get(row.id).parts).equals(sent));
}

test("a file arrives piece by piece, and never more than four are under way", async () => {
  const kernel = new Kernel();
  const file = fileOf("a.bin", LARGE);
  kernel.sender.add([file]);
  await kernel.settle();
  await arrivedWhole(kernel, "a.bin", file);
  const pieces = kernel.seen.filter((content) => content.type === "piece");
  assert.deepEqual(pieces.map((piece) => piece.offset), [0, 1, 2, 3, 4, 5].map((n) => n * PIECE));

  kernel.held = [];
  kernel.sender.add([fileOf("b.bin", 20 * PIECE)]);
  await kernel.resume(); // begin
  kernel.held = [];
  await kernel.settle();
  assert.ok(kernel.held.length <= 4);
});

test("many files go at once, and the order of the rows is theirs", async () => {
  const kernel = new Kernel();
  const files = Array.from({ length: 30 }, (_, n) => fileOf(`${n}.txt`, n + 1));
  kernel.sender.add(files);
  await kernel.settle();
  assert.deepEqual([...kernel.sender.rows.values()].map((row) => row.name), files.map((file) => file.name));
  for (const file of files) await arrivedWhole(kernel, file.name, file);
});

test("a busy kernel is waited for, which is said, and then all goes on", async () => {
  const kernel = new Kernel();
  await kernel.settle();
  kernel.held = [];
  const file = fileOf("a.bin", LARGE);
  kernel.sender.add([file]);
  await kernel.pass(60);
  assert.ok(kernel.sender.waits);
  assert.ok(kernel.held.length < 20, "it asks now and then, not all the time");
  await kernel.resume();
  assert.ok(!kernel.sender.waits);
  await arrivedWhole(kernel, "a.bin", file);
});

test("after a broken connection it goes on from the last piece that arrived", async () => {
  const kernel = new Kernel();
  const file = fileOf("a.bin", LARGE);
  const tell = kernel.tell.bind(kernel);
  kernel.tell = (content) => {
    if (content.type === "got" && content.received === 2 * PIECE) kernel.cut = true;
    tell(content);
  };
  kernel.sender.add([file]);
  await kernel.settle();
  assert.equal(kernel.files.get("id1").received, 2 * PIECE);
  kernel.tell = tell;
  await kernel.pass(4);
  kernel.cut = false;
  await kernel.pass(20);
  await arrivedWhole(kernel, "a.bin", file);
  const begun = kernel.seen.filter((content) => content.type === "begin");
  assert.equal(begun.length, 1);
});

test("a piece that is lost on the way is sent again", async () => {
  const kernel = new Kernel();
  const file = fileOf("a.bin", LARGE);
  const send = kernel.sender.world.send;
  let lost = 0;
  kernel.sender.world.send = (content, buffers) => {
    if (content.offset === PIECE && !lost++) return;
    send(content, buffers);
  };
  kernel.sender.add([file]);
  await kernel.settle();
  await kernel.pass(10);
  await arrivedWhole(kernel, "a.bin", file);
});

test("what the kernel gave up is begun again", async () => {
  const kernel = new Kernel();
  const file = fileOf("a.bin", LARGE);
  const send = kernel.sender.world.send;
  kernel.sender.world.send = (content, buffers) => {
    if (content.offset === 2 * PIECE && content.epoch === 0) kernel.files.delete(content.id);
    send(content, buffers);
  };
  kernel.sender.add([file]);
  await kernel.settle();
  await arrivedWhole(kernel, "a.bin", file);
});

test("a cancelled file sends no more, and a retry sends all of it", async () => {
  const kernel = new Kernel();
  await kernel.settle();
  kernel.held = [];
  const file = fileOf("a.bin", LARGE);
  kernel.sender.add([file]);
  kernel.sender.cancel("id1");
  assert.equal(kernel.row("a.bin").state, "cancelled");
  await kernel.resume();
  assert.equal(kernel.row("a.bin").state, "cancelled");
  assert.equal(kernel.seen.filter((content) => content.type === "piece").length, 0);
  kernel.sender.retry("id1");
  await kernel.settle();
  await arrivedWhole(kernel, "a.bin", file);
});

test("a file that cannot be read says so, and keeps saying so", async () => {
  const kernel = new Kernel();
  const gone = { name: "a.bin", size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) };
  kernel.sender.add([gone]);
  await kernel.settle();
  await kernel.pass(5);
  assert.equal(kernel.row("a.bin").state, "failed");
  assert.match(kernel.row("a.bin").note, /can no longer be read/);
  assert.ok(!kernel.sender.canRetry(kernel.row("a.bin")));
  assert.equal(kernel.files.get("id1").state, "cancelled");
});

test("a kernel that ended leaves no row moving", async () => {
  const kernel = new Kernel();
  kernel.held = [];
  kernel.sender.add([fileOf("a.bin", LARGE)]);
  kernel.sender.disconnect();
  assert.equal(kernel.row("a.bin").state, "lost");
  await kernel.pass(5);
  assert.equal(kernel.row("a.bin").state, "lost");
});

test("a line that is closed is a kernel that ended", async () => {
  const kernel = new Kernel();
  await kernel.settle();
  kernel.sender.world.send = () => {
    throw new Error("Cannot send");
  };
  kernel.sender.add([fileOf("a.bin", LARGE)]);
  assert.equal(kernel.row("a.bin").state, "lost");
  assert.ok(kernel.sender.gone);
});

test("who comes near sees where files go now, and is not asked for at every step", async () => {
  const kernel = new Kernel();
  await kernel.settle();
  kernel.destination = "elsewhere";
  await kernel.pass(2);
  for (let i = 0; i < 50; i++) kernel.sender.probe();
  await kernel.settle();
  assert.equal(kernel.sender.destination, "elsewhere");
  assert.equal(kernel.seen.filter((content) => content.type === "hello").length, 2);
});

test("another page shows the rows and does not send them", async () => {
  const kernel = new Kernel();
  kernel.show({ id: "x", name: "x.bin", size: 9, received: 4, state: "receiving" });
  await kernel.pass(3);
  assert.equal(kernel.row("x.bin").received, 4);
  assert.ok(kernel.seen.every((content) => content.type === "hello"));
});
