// Every SQL text of the program, as it stands in the source.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { ROOT } from "./process.ts";

export interface SourceStatement {
  /** `file.ts function`: where it stands. */
  place: string;
  /** With `?` for each value. */
  sql: string;
}

const VERB = /\.\s*(?:get|recall|all|run)\s*(?:<[^()`]*>)?\s*`/g;
const FUNCTION = /^(?:export )?(?:async )?function (\w+)|^(?:export )?const (\w+) = (?:async )?\(/gm;

/** All of src/core and src/db, in the order of the files. SQL stands nowhere else (test/architecture.test.ts). */
export function statementsInSource(): SourceStatement[] {
  const files = [...new Glob("src/{core,db}/**/*.ts").scanSync(ROOT)].toSorted();
  return files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(VERB)].map(({ index, 0: { length } }) => ({
      place: `${file.replace(/^src\/\w+\//, "")} ${functionAt(text, index)}`,
      sql: templateFrom(text, index + length),
    }));
  });
}

function functionAt(text: string, index: number): string {
  const before = [...text.matchAll(FUNCTION)].findLast((match) => match.index < index);
  return before?.[1] ?? before?.[2] ?? "";
}

/** The text from behind its opening backtick to the closing one, which is not one inside a value. */
function templateFrom(text: string, start: number): string {
  let sql = "";
  let depth = 0;
  for (let i = start; ; i++) {
    const next = text[i];
    if (next === undefined) throw new Error("a template without an end");
    if (depth === 0 && next === "`") return sql;
    if (depth === 0 && next === "$" && text[i + 1] === "{") sql += "?";
    if (next === "{") depth++;
    else if (next === "}") depth--;
    else if (depth === 0 && next !== "$") sql += next;
  }
}
