// Lists: `{"data": […], "next_cursor"}`, `?limit=` and `?cursor=` (decisions §7).
import { type TSchema, t } from "elysia";

const DEFAULT_LIMIT = 50;

/** The query of every list. Text, as queries are: nothing is coerced that a reader could read differently. */
export const pageQuery = {
  limit: t.Optional(
    t.String({
      pattern: "^([1-9][0-9]?|1[0-9][0-9]|200)$",
      description: `1 to 200, else ${DEFAULT_LIMIT}`,
    }),
  ),
  cursor: t.Optional(
    t.String({ minLength: 1, maxLength: 100, description: "next_cursor of the page before" }),
  ),
};

/** A page of what a list is of. */
export const pageOf = <Schema extends TSchema>(entry: Schema, description: string) =>
  t.Object(
    {
      data: t.Array(entry),
      next_cursor: t.Union([t.String(), t.Null()], { description: "For ?cursor=; null on the last page" }),
    },
    { description },
  );

export interface PageQuery {
  limit?: string | undefined;
  cursor?: string | undefined;
}

/**
 * Finds one entry more than asked for, which tells whether a page follows; the cursor is the id of the last one shown.
 */
export async function paginate<Entry, View>(
  { limit: text, cursor }: PageQuery,
  find: (page: { limit: number; cursor?: string }) => Promise<Entry[]>,
  idOf: (entry: Entry) => string,
  view: (entry: Entry) => View | Promise<View>,
): Promise<{ data: View[]; next_cursor: string | null }> {
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  const found = await find({ limit: limit + 1, ...(cursor === undefined ? {} : { cursor }) });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: await Promise.all(shown.map(view)),
    next_cursor: found.length > limit && last !== undefined ? idOf(last) : null,
  };
}
