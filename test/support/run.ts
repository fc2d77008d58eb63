// Runs the tests and ends with the line that CI reads: "N passed, N failed".
import { spawn } from "bun";

const child = spawn(["bun", "test", "--timeout", "60000", ...Bun.argv.slice(2)], {
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
const skipped = count("skip");
console.log(`${count("pass")} passed, ${count("fail")} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(code);
