// What the README has people run, for tests that run it.
import { join } from "node:path";
import { ROOT } from "./process.ts";

export const README = await Bun.file(join(ROOT, "README.md")).text();

/** What stands in the fenced block that follows a line. */
export function block(after: string, language: string): string {
  const found = README.slice(README.indexOf(`\n${after}`))
    .split("\n```" + language + "\n")[1]
    ?.split("\n```")[0];
  if (!found || !README.includes(`\n${after}`))
    throw new Error(`the README has nothing to run under ${after}`);
  return found;
}
