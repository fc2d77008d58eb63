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

/** Longer than any test may take: when nothing has been printed for so long, the run stands still, and would for ever. */
const STANDSTILL_MS = 15 * 60_000;

/** `bun test`, which prints its own report; what that came to. One that stands still is ended, and counts as failed. */
async function runTests(args: string[]): Promise<Run> {
  const child = spawn([process.execPath, "test", ...args], {
    cwd: ROOT,
    stdout: "inherit",
    stderr: "pipe",
    // With one of these set, Bun prints nothing of a test that passes.
    env: { ...process.env, CLAUDECODE: undefined, AGENT: undefined, REPL_ID: undefined },
  });
  let printed = "";
  const decoder = new TextDecoder();
  let isStill = false;
  const giveUp = () => {
    isStill = true;
    console.error(`\nstands still: nothing was printed for ${STANDSTILL_MS / 60_000} min; ended`);
    child.kill("SIGKILL");
  };
  let alarm = setTimeout(giveUp, STANDSTILL_MS);
  const readAll = async () => {
    for await (const chunk of child.stderr) {
      clearTimeout(alarm);
      alarm = setTimeout(giveUp, STANDSTILL_MS);
      process.stderr.write(chunk);
      printed += decoder.decode(chunk, { stream: true });
    }
  };
  // What it started may live on and hold the pipe open.
  await Promise.race([readAll(), child.exited.then(() => Bun.sleep(1_000))]);
  clearTimeout(alarm);
  const code = await child.exited;
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, "m").exec(printed)?.[1] ?? 0);
  // One that was ended has printed no sum.
  return { code, passed: count("pass"), failed: count("fail") + Number(isStill), skipped: count("skip") };
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
