// What commands print: a table for people, JSON for scripts.
import type { Given, Option } from "./command.ts";
import type { Terminal } from "./terminal.ts";

export const JSON_OPTION = { json: { about: "print JSON, for scripts" } } satisfies Record<string, Option>;

type Cell = string | number | boolean | null | undefined | readonly string[];

/** One row for each entry: all of it as JSON, or `columns` as a table. */
export function printList<Entry extends Record<string, unknown>>(
  { out, err }: Terminal,
  given: Given,
  entries: readonly Entry[],
  columns: readonly (keyof Entry & string)[],
): void {
  if (given.has("json")) out(`${JSON.stringify(entries, undefined, 2)}\n`);
  else if (entries.length === 0) err("Nothing found.\n");
  else
    out(
      table(
        columns,
        entries.map((entry) => columns.map((column) => cellText(entry[column] as Cell))),
      ),
    );
}

/** What was done: the thing as JSON, or a sentence. */
export function printDone({ out }: Terminal, given: Given, thing: unknown, sentence: string): void {
  out(given.has("json") ? `${JSON.stringify(thing, undefined, 2)}\n` : `${visible(sentence)}\n`);
}

function table(columns: readonly string[], rows: string[][]): string {
  const lines = [columns.map((column) => column.replaceAll("_", " ").toUpperCase()), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => Bun.stringWidth(line[i] ?? ""))));
  const pad = (text: string, i: number) => text + " ".repeat((widths[i] ?? 0) - Bun.stringWidth(text));
  return lines.map((line) => `${line.map(pad).join("  ").trimEnd()}\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === "") return "-";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return visible(Array.isArray(cell) ? cell.join(", ") : String(cell));
}

/** What others wrote must not steer the terminal (ASVS 16.4.1). */
export const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
