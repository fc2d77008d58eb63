// Rows that were read before and cannot have changed since, as nobody has written anything.
import type { Database } from "bun:sqlite";
import type { Value } from "./db.ts";
import type { Verbs } from "./sqlite-verbs.ts";

/** About 1 KiB each. */
const MOST = 10_000;

export interface Memo {
  /** As `get`, from memory where it can be. What was not found is looked for each time: there is no end of what is not there. */
  recall: Verbs["get"];
  /** To be called whenever reads may see another moment than before. */
  expire(): void;
}

/** `reader` must not write: SQLite tells a connection of what others have written, of this process or another (`data_version`). */
export function createMemo(reader: Database, reads: Verbs): Memo {
  const version = reader.prepare<{ data_version: number }, []>("pragma data_version");
  const rows = new Map<TemplateStringsArray, Map<Value, unknown>>();
  let size = 0;
  let isOf: number | undefined;
  let isOfNow = false;

  const forget = () => {
    rows.clear();
    size = 0;
  };
  const requireOfNow = () => {
    const now = version.get()?.data_version;
    if (now !== isOf) forget();
    isOf = now;
    isOfNow = true;
  };
  const rowsOf = (text: TemplateStringsArray): Map<Value, unknown> => {
    const known = rows.get(text);
    if (known) return known;
    const fresh = new Map<Value, unknown>();
    rows.set(text, fresh);
    return fresh;
  };

  return {
    expire() {
      isOfNow = false;
    },
    recall<Row>(text: TemplateStringsArray, values: Value[]): Row | undefined {
      if (!isOfNow) requireOfNow();
      const key = values.length === 1 ? (values[0] ?? null) : JSON.stringify(values);
      const known = rowsOf(text).get(key);
      if (known !== undefined) return known as Row;
      const found = reads.get<Row>(text, values);
      if (found === undefined) return undefined;
      if (size >= MOST) forget();
      // Whoever gets it from memory must not find another's changes.
      rowsOf(text).set(key, Object.freeze(found));
      size++;
      return found;
    },
  };
}
