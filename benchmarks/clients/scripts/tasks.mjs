// What the JavaScript scripts share, as tasks.py does for Python: a task is a function that throws on failure.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const [URL_, KEY, SAMPLES] = process.argv.slice(2);
export const MODEL = "claude-sonnet-5-5";
export const FORCED = "claude-opus-4-8"; // the newest models refuse a forced tool
export const PDF = join(SAMPLES, "bzip2-manual.pdf");
export const IMAGE = join(SAMPLES, "flower.jpg");
export const ASKED = "Can bzip2recover repair damaged files?";
export const QUOTED = "bzip2recover";
export const BILL = "Read this. Vendor: Northwind\nTotal: 1,234.50";
export const WEATHER = "What is the current weather in Paris?";
export const CODE =
  "```python\nimport os\nopen(os.path.join(os.environ['OUTPUT_DIR'], 'n.txt'), 'w').write('42')\n```";

const tasks = [];

export function task(name, doIt, { case: of = "", theirs = "" } = {}) {
  tasks.push({ name, of, theirs, doIt });
}

export async function run() {
  for (const { name, of, theirs, doIt } of tasks) {
    const said = { task: name, case: of, theirs, ok: true };
    try {
      await doIt();
    } catch (problem) {
      Object.assign(said, { ok: false, error: String(problem).slice(0, 2000) });
    }
    console.log(JSON.stringify(said));
  }
}

export function holds(condition, seen) {
  if (!condition) throw new Error(`unexpected: ${JSON.stringify(seen)?.slice(0, 1000)}`);
}

export async function fails(call, status) {
  try {
    await call();
  } catch (problem) {
    return holds(problem.status === status, String(problem));
  }
  throw new Error("no error");
}

export const inBase64 = (path) => readFileSync(path).toString("base64");
