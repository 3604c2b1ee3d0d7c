// The official TypeScript SDK: its helpers for streams, tools, schemas, files and batches, as its samples use them.
import Anthropic, { toFile } from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { createReadStream, readFileSync } from "node:fs";
import { z } from "zod";
import {
  ASKED, BILL, CODE, FORCED, IMAGE, KEY, MODEL, PDF, QUOTED, URL_, WEATHER, fails, holds, inBase64, run, task,
} from "./tasks.mjs";

const client = new Anthropic({ baseURL: URL_, apiKey: KEY, maxRetries: 0 });
const Invoice = z.object({ vendor: z.string(), total: z.number() });
const GOOD = JSON.stringify({ vendor: "Northwind", total: 1234.5 });
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOL = { name: "get_weather", description: "Get the current weather in a city.", input_schema: CITY };

const text = (words) => ({ type: "text", text: words });
const question = (content, more = {}) => ({
  model: MODEL, max_tokens: 900, messages: [{ role: "user", content }], ...more,
});
const words = (message) => message.content.map((block) => block.text ?? "").join("");
const pdf = (more = {}) => ({
  type: "document", source: { type: "base64", media_type: "application/pdf", data: inBase64(PDF) }, ...more,
});
const typed = { type: "application/pdf" };

task("question", async () => holds(words(await client.messages.create(question("Hello"))), "no text"));
task("question", async () => {
  const message = await client.messages.create(question("Hello"));
  holds(message.content.length === 1 && message.content[0].text, message);
}, { case: "content[0].text, as samples print it" });
task("stream", async () => {
  const seen = [];
  const stream = client.messages.stream(question("Hello")).on("text", (piece) => seen.push(piece));
  const whole = words(await stream.finalMessage());
  holds(whole && seen.join("") === whole, seen);
});
task("stream", async () => {
  const seen = [];
  for await (const event of await client.messages.create(question("Hello", { stream: true }))) seen.push(event.type);
  holds(seen[0] === "message_start" && seen.at(-1) === "message_stop", seen);
}, { case: "raw events" });
task("system", () => client.messages.create(question("Hello", { system: "Be brief." })));
task("turns", async () => {
  const { content } = await client.messages.create(question("Hello"));
  const messages = [{ role: "user", content: "Hello" }, { role: "assistant", content }];
  await client.messages.create({ ...question(""), messages: [...messages, { role: "user", content: "And now?" }] });
});
task("turns", async () => {
  const thread = client.beta.messages.thread({ model: MODEL, max_tokens: 900 });
  await thread.send({ role: "user", content: "Hello" });
  holds(words(await thread.send({ role: "user", content: "And now?" })), "no text");
}, { case: "a thread" });

async function asksByFile(file) {
  const { id } = await client.files.upload({ file });
  const answer = await client.messages.create(question([{ type: "document", source: { type: "file", file_id: id } }, text(ASKED)]));
  holds(words(answer).includes(QUOTED), answer);
}
task("file id", async () => asksByFile(await toFile(readFileSync(PDF), "manual.pdf", typed)));
task("file id", () => asksByFile(createReadStream(PDF)), { case: "a stream from disk" });
task("file id", async () => asksByFile(await toFile(readFileSync(PDF), "manual.pdf")), { case: "toFile without a type" });
task("file id", () => asksByFile(new File([readFileSync(PDF)], "manual.pdf")), { case: "a File without a type" });
task("inline PDF", async () => {
  const answer = await client.messages.create(question([pdf(), text(ASKED)]));
  holds(words(answer).includes(QUOTED), answer);
});
task("image", async () => {
  const source = { type: "base64", media_type: "image/jpeg", data: inBase64(IMAGE) };
  const answer = await client.messages.create(question([{ type: "image", source }, text("What is this?")]));
  holds(words(answer).includes("JPEG"), answer);
});
task("citations", async () => {
  const answer = await client.messages.create(question([pdf({ citations: { enabled: true } }), text(ASKED)]));
  holds(answer.content.some((block) => block.citations?.length), answer);
});
task("citations", async () => {
  let seen = 0;
  const stream = client.messages.stream(question([pdf({ citations: { enabled: true } }), text(ASKED)]));
  await stream.on("citation", () => (seen += 1)).finalMessage();
  holds(seen, seen);
}, { case: "streamed" });
task("tool, forced", async () => {
  const tool = { name: "invoice", input_schema: z.toJSONSchema(Invoice) };
  const asked = question(BILL, { model: FORCED, tools: [tool], tool_choice: { type: "tool", name: "invoice" } });
  const { content } = await client.messages.create(asked);
  holds(JSON.stringify(content[0].input) === GOOD, content);
});
task("tool, auto", async () => {
  const answer = await client.messages.create(question(WEATHER, { tools: [TOOL] }));
  holds(answer.stop_reason === "tool_use" && answer.content.at(-1).name === "get_weather", answer);
});
task("tool, auto", async () => {
  const seen = [];
  const stream = client.messages.stream(question(WEATHER, { tools: [TOOL] }));
  await stream.on("inputJson", (piece) => seen.push(piece)).finalMessage();
  holds(JSON.parse(seen.join("")), seen);
}, { case: "streamed" });

const described = { name: "get_weather", description: "Get the current weather in a city.", run: () => "Sunny." };
const zodTool = betaZodTool({ ...described, inputSchema: z.object({ city: z.string() }) });
const jsonTool = betaTool({ ...described, inputSchema: CITY });
task("tool loop", async () => {
  const answer = await client.beta.messages.toolRunner(question(WEATHER, { tools: [zodTool] }));
  holds(words(answer).includes("Sunny"), answer);
}, { case: "zod" });
task("tool loop", async () => {
  const answer = await client.beta.messages.toolRunner(question(WEATHER, { tools: [jsonTool] })).runUntilDone();
  holds(words(answer).includes("Sunny"), answer);
}, { case: "JSON Schema" });
task("tool loop", async () => {
  const turns = [];
  for await (const stream of client.beta.messages.toolRunner(question(WEATHER, { tools: [zodTool], stream: true })))
    turns.push(words(await stream.finalMessage()));
  holds(turns.at(-1).includes("Sunny"), turns);
}, { case: "streamed" });
task("structured", async () => {
  const asked = question(BILL, { output_config: { format: zodOutputFormat(Invoice) } });
  const { parsed_output } = await client.messages.parse(asked);
  holds(JSON.stringify(parsed_output) === GOOD, parsed_output);
});
task("structured", async () => {
  const asked = question(BILL, { output_config: { format: zodOutputFormat(Invoice) } });
  const { parsed_output } = await client.messages.stream(asked).finalMessage();
  holds(JSON.stringify(parsed_output) === GOOD, parsed_output);
}, { case: "streamed" });
task("count", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  holds((await client.messages.countTokens({ model: MODEL, messages })).input_tokens, "none");
});
task("models", async () => {
  const seen = [];
  for await (const model of client.models.list({ limit: 2 })) seen.push(model.id);
  holds(seen.includes((await client.models.retrieve(MODEL)).id), seen);
});
task("files", async () => {
  const file = await client.files.upload({ file: createReadStream(PDF) });
  holds((await client.files.retrieveMetadata(file.id)).filename === "bzip2-manual.pdf", file);
  holds((await client.files.list()).data.some((each) => each.id === file.id), "not listed");
  await fails(() => client.files.download(file.id), 400);
  holds((await client.files.delete(file.id)).type === "file_deleted", file);
});
task("batches", async () => {
  const { id } = await client.messages.batches.create({ requests: [{ custom_id: "a", params: question("Hello") }] });
  while ((await client.messages.batches.retrieve(id)).processing_status !== "ended")
    await new Promise((done) => setTimeout(done, 50));
  for await (const { result } of await client.messages.batches.results(id)) holds(result.type === "succeeded", result);
});
task("code", async () => {
  const tools = [{ type: "code_execution_20250825", name: "code_execution" }];
  const answer = await client.messages.create(question(CODE, { tools }));
  const result = answer.content.find((block) => block.type.endsWith("code_execution_tool_result"));
  holds((await (await client.files.download(result.content.content[0].file_id)).text()) === "42", result);
});
task("error: bad model", () => fails(() => client.messages.create({ ...question("Hello"), model: "claude-9" }), 404));
task("error: too large", () => fails(() => client.messages.create(question("x".repeat(34e6))), 413));
await run();
