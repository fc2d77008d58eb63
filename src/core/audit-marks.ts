// Where the chain of the audit log ends and begins (core/audit-chain.ts). Not a noun: the rows' own.
import type { Context, Keys } from "../context.ts";
import { isMark, type Mark, type MarkName, tagOf } from "./audit-chain.ts";

/** A mark, and whether it is one of ours. */
export type FoundMark = Mark & { tag: string; isGenuine: boolean };

/** `as`: what it must have been signed as; by default under its own name. */
export async function findMark(
  ctx: Context,
  name: "head" | "base",
  as: MarkName = name,
): Promise<FoundMark | undefined> {
  const mark = await ctx.db.get<Mark & { tag: string }>`
    select seq, mac, at, tag from audit_marks where name = ${name}`;
  if (!mark) return undefined;
  return { ...mark, isGenuine: (as === "head" && isSigned(ctx, mark)) || isMark(ctx, as, mark) };
}

/** Sets a mark, whatever was there. */
export async function putMark(
  ctx: Context,
  name: "head" | "base",
  mark: Mark,
  as: MarkName = name,
): Promise<void> {
  const { seq, mac, at } = mark;
  await ctx.db.run`
    insert into audit_marks (name, seq, mac, at, tag) values (${name}, ${seq}, ${mac}, ${at}, ${tagOf(ctx, as, mark)})
    on conflict (name) do update set seq = excluded.seq, mac = excluded.mac, at = excluded.at, tag = excluded.tag`;
}

/** The last head that this process has signed with each key: it need not be verified when it is read again. */
const signed = new WeakMap<Keys, Mark & { tag: string }>();

function isSigned({ keys }: Context, { seq, mac, at, tag }: Mark & { tag: string }): boolean {
  const last = signed.get(keys);
  return last?.tag === tag && last.seq === seq && last.mac === mac && last.at === at;
}

/** Sets the head where it is still `from`, of which 0 means none. False where another was faster. */
export async function moveHead(ctx: Context, from: Mark, to: Mark): Promise<boolean> {
  const { seq, mac, at } = to;
  const tag = tagOf(ctx, "head", to);
  signed.set(ctx.keys, { ...to, tag });
  const moved =
    from.seq === 0
      ? await ctx.db.run`
          insert into audit_marks (name, seq, mac, at, tag) values ('head', ${seq}, ${mac}, ${at}, ${tag})
          on conflict (name) do nothing`
      : await ctx.db.run`
          update audit_marks set seq = ${seq}, mac = ${mac}, at = ${at}, tag = ${tag}
          where name = 'head' and seq = ${from.seq} and mac = ${from.mac}`;
  return moved === 1;
}

/** Takes the head away that stood for rows to be chained, where there were none. */
export async function dropHead(ctx: Context): Promise<void> {
  await ctx.db.run`delete from audit_marks where name = 'head'`;
}
