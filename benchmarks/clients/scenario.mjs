// The scenario of scenario.py through the official TypeScript SDK. Usage: node scenario.mjs URL KEY PDF EXPIRED_FILE
import Anthropic, { toFile } from "@anthropic-ai/sdk";
import { readFileSync } from "node:fs";

const [URL_, KEY, PDF, EXPIRED] = process.argv.slice(2);
const MODEL = "claude-sonnet-5-5";
const CODE =
  "```python\nimport os\nopen(os.path.join(os.environ['OUTPUT_DIR'], 'n.txt'), 'w').write('42')\n```";
const client = new Anthropic({ baseURL: URL_, apiKey: KEY, maxRetries: 0 });
const today = client.files !== undefined;
const files = today ? client.files : client.beta.files;
const messages = today ? client.messages : client.beta.messages;
const betas = today ? {} : { betas: ["files-api-2025-04-14", "code-execution-2025-08-25"] };
const saw = {};

const text = (words) => ({ type: "text", text: words });
const question = (content, more = {}) => ({
  model: MODEL, max_tokens: 900, messages: [{ role: "user", content }], ...betas, ...more,
});
async function error(call) {
  try {
    await call();
  } catch (problem) {
    const { type, details } = problem.error.error;
    const known = Boolean(problem.requestID ?? problem.headers?.get("request-id"));
    return [problem.status, type, details?.error_code ?? null, known];
  }
  return "none";
}

const sent = [];
for (const n of [0, 1, 2]) {
  const file = await toFile(Buffer.from("A boat came back with the tide."), `${n}.txt`, { type: "text/plain" });
  sent.push(await files.upload({ file }));
}
const book = await files.upload({ file: await toFile(readFileSync(PDF), "manual.pdf", { type: "application/pdf" }) });
saw["upload"] = [book.filename, book.mime_type, book.size_bytes, book.downloadable];
saw["metadata"] = (await files.retrieveMetadata(book.id)).id === book.id;
const page = await files.list({ limit: 2 });
saw["page"] = page.data.map((file) => file.filename);
const names = [];
for await (const file of files.list({ limit: 2 })) {
  names.push(file.filename);
  if (names.length === 4) break;
}
saw["pages"] = names;

const document = {
  type: "document", source: { type: "file", file_id: book.id }, title: "manual.pdf", citations: { enabled: true },
};
const asked = question([document, text("Can bzip2recover repair damaged files?")]);
const whole = await messages.create(asked);
saw["answer"] = whole.content.map((block) => block.text);
saw["cited"] = whole.content.flatMap((b) => (b.citations ?? []).map((c) => [c.type, c.start_page_number]));
const streamed = await messages.stream(asked).finalMessage();
saw["stream"] = JSON.stringify(streamed.content.map((block) => block.text)) === JSON.stringify(saw["answer"]);
saw["same tokens"] = streamed.usage.output_tokens === whole.usage.output_tokens;

const tool = { type: "code_execution_20250825", name: "code_execution" };
const ran = await messages.create(question([text(CODE)], { tools: [tool] }));
const result = ran.content.find((block) => block.type.endsWith("code_execution_tool_result"));
saw["code"] = [result.content.return_code, Boolean(ran.container)];
saw["download"] = await (await files.download(result.content.content[0].file_id)).text();

const { betas: _, ...params } = asked;
const created = await messages.batches.create({
  requests: [{ custom_id: "a", params }, { custom_id: "b", params: { ...params, model: "m-9" } }], ...betas,
});
while ((await messages.batches.retrieve(created.id)).processing_status !== "ended") {
  await new Promise((done) => setTimeout(done, 50));
}
const results = {};
for await (const line of await messages.batches.results(created.id)) results[line.custom_id] = line.result;
saw["batch"] = [results.a.type, results.b.type, results.b.error.error.type];

saw["unknown file"] = await error(() => files.retrieveMetadata("file_nobody"));
saw["not downloadable"] = await error(() => files.download(book.id));
saw["unknown model"] = await error(() => messages.create({ ...asked, model: "claude-9" }));
saw["bad request"] = await error(() => messages.create(question([])));
saw["too long"] = await error(() => messages.create(question([text("?")], { max_tokens: 1e6, stream: true })));
const gone = { ...document, source: { type: "file", file_id: EXPIRED } };
const file = async (size, type) => ({ file: await toFile(Buffer.alloc(size), "big.bin", { type }) });
const [twelve, twentyFive] = [await file(12e6, "application/octet-stream"), await file(25e6, "text/plain")];
saw["expired"] = [
  await error(() => files.download(EXPIRED)),
  await error(() => messages.create(question([text("?"), gone]))),
  (await files.retrieveMetadata(EXPIRED)).filename,
];
saw["quota"] = await error(() => files.upload(twelve));
saw["file too large"] = await error(() => files.upload(twentyFive));
saw["question too large"] = await error(() => messages.create(question([text("x".repeat(34e6))])));
const stranger = new Anthropic({ baseURL: URL_, apiKey: "wrong", maxRetries: 0 });
saw["bad key"] = await error(() => stranger.models.list());
saw["models"] = (await client.models.list({ limit: 3 })).data.length;
saw["count"] = (await client.messages.countTokens({
  model: MODEL, messages: [{ role: "user", content: "How many?" }],
})).input_tokens;
saw["delete"] = [];
for (const file of [...sent, book]) saw["delete"].push((await files.delete(file.id)).type);
console.log(JSON.stringify(saw));
