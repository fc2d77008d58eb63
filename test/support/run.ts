// Runs the tests and ends with the line that CI reads: "N passed, N failed". With --slow, the slow suites (test/slow/) too, and
// the line counts both.
import { join } from "node:path";
import { Glob, spawn } from "bun";
import { ROOT } from "./process.ts";

interface Run {
  code: number;
  passed: number;
  failed: number;
  skipped: number;
}

/** `bun test`, which prints its own report; what that came to. */
async function runTests(args: string[]): Promise<Run> {
  const child = spawn([process.execPath, "test", ...args], {
    cwd: ROOT,
    stdout: "inherit",
    stderr: "pipe",
    env: { ...process.env },
  });
  let printed = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    printed += decoder.decode(chunk, { stream: true });
  }
  const code = await child.exited;
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, "m").exec(printed)?.[1] ?? 0);
  return { code, passed: count("pass"), failed: count("fail"), skipped: count("skip") };
}

const SLOW = "--slow";
const args = Bun.argv.slice(2);
const runs = [await runTests(["--timeout", "60000", ...args.filter((arg) => arg !== SLOW)])];
if (args.includes(SLOW)) {
  // Named one by one: without the ending .test.ts, Bun finds them by no pattern, and `bun run check` does not run them.
  const suites = [...new Glob("test/slow/*.slow.ts").scanSync(ROOT)].toSorted();
  if (suites.length > 0) {
    runs.push(await runTests(["--timeout", "600000", ...suites.map((path) => join(ROOT, path))]));
  }
}
const sum = (word: "passed" | "failed" | "skipped") => runs.reduce((total, run) => total + run[word], 0);
const skipped = sum("skipped");
console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(runs.find(({ code }) => code !== 0)?.code ?? 0);
