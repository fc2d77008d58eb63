// From a program to a browser, or from there to a program: a code for one minute and one use, worth something only while what issued it is alive.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import type { ApiKeyId, SessionId } from "./ids.ts";

export const LIFETIME_MS = 60 * 1000;

/** What a code was issued by, and is bound to. */
export type Issuer = { kind: "session"; id: SessionId } | { kind: "key"; id: ApiKeyId };

interface Row {
  sessionId: SessionId | null;
  apiKeyId: ApiKeyId | null;
}

/** A new code, shown this once: `ost_xch_` + 32 random bytes. It goes with its issuer. */
export async function create(ctx: Context, { kind, id }: Issuer): Promise<string> {
  const code = `ost_xch_${Buffer.from(ctx.random(32)).toString("base64url")}`;
  const now = ctx.now();
  await ctx.db.run`
    insert into exchange_codes (code_hash, session_id, api_key_id, expires_at, created_at)
    values (${digest(code)}, ${kind === "session" ? id : null}, ${kind === "key" ? id : null}, ${now + LIFETIME_MS}, ${now})`;
  return code;
}

/** Spends a code; undefined when it is unknown, spent or expired. Of any number of parallel calls exactly one gets its issuer. */
export async function consume(ctx: Context, code: string): Promise<Issuer | undefined> {
  const now = ctx.now();
  return issuerOf(
    await ctx.db.get<Row>`
      update exchange_codes set used_at = ${now}
      where code_hash = ${digest(code)} and used_at is null and expires_at > ${now}
      returning session_id as "sessionId", api_key_id as "apiKeyId"`,
  );
}

/** Who issued a code, whatever became of it. Spends nothing. */
export async function find(ctx: Context, code: string): Promise<Issuer | undefined> {
  return issuerOf(
    await ctx.db.get<Row>`
      select session_id as "sessionId", api_key_id as "apiKeyId" from exchange_codes
      where code_hash = ${digest(code)}`,
  );
}

/** Frees the room of dead ones; they stopped working when they expired. Returns how many went, at most `most`. */
export async function removeExpired(ctx: Context, most: number): Promise<number> {
  return ctx.db.run`
    delete from exchange_codes where code_hash in (
      select code_hash from exchange_codes where expires_at <= ${ctx.now()} limit ${most})`;
}

function issuerOf(row: Row | undefined): Issuer | undefined {
  if (row?.sessionId) return { kind: "session", id: row.sessionId };
  return row?.apiKeyId ? { kind: "key", id: row.apiKeyId } : undefined;
}
