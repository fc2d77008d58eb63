// An audit log with rows in it, and the hands of somebody who can write to the database but has no key.
import { type Client, type Context, transaction } from "../../src/context.ts";
import * as audit from "../../src/core/audit.ts";
import type { TenantId, UserId } from "../../src/core/ids.ts";
import { type Verdict, verifyAudit } from "../../src/flows/verify-audit.ts";
import { type Answer, type World, world } from "./world.ts";
import { openBeside } from "./beside.ts";

export const someClient = (ctx: Context, more: Partial<Client> = {}): Client => ({
  requestId: ctx.id("req"),
  address: "203.0.113.7",
  network: "203.0.113.7",
  userAgent: "Mozilla/5.0",
  language: null,
  device: null,
  trustedDevice: null,
  isLocal: false,
  ...more,
});

/** Every column has a value. */
export const appendOne = (ctx: Context, reason = "pwd"): Promise<void> =>
  audit.append(ctx, someClient(ctx), {
    event: "login.succeeded",
    actorId: "usr_a" as UserId,
    userId: "usr_b" as UserId,
    tenantId: "tnt_c" as TenantId,
    reason,
  });

export interface Log extends World {
  /** SQL by another connection, as a forger would run it. */
  forge(sql: string): void;
  /** Whole rows, to be put back later. */
  copyOf(where: string): Record<string, string | number | null>[];
  put(row: Record<string, string | number | null>): void;
}

/** A world whose log has that many rows. */
export async function logOf(rows: number, settings: Parameters<typeof world>[0] = {}): Promise<Log> {
  const w = await world(settings);
  await transaction(w.ctx, async (ctx) => {
    for (let i = 1; i <= rows; i++) await appendOne(ctx, `number ${i}`);
  });
  const path = w.ctx.config.databasePath;
  return Object.assign(w, {
    forge(sql: string) {
      using database = openBeside(path);
      database.run(sql);
    },
    copyOf(where: string) {
      using database = openBeside(path);
      return database
        .query<Record<string, string | number | null>, []>(`select * from audit where ${where}`)
        .all();
    },
    put(row: Record<string, string | number | null>) {
      using database = openBeside(path);
      const names = Object.keys(row);
      database.run(
        `insert into audit (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`,
        Object.values(row),
      );
    },
  });
}

/** What is wrong, as `edited 5`, `missing 5-7`, `head`. */
export const faultsOf = ({ faults }: Verdict): string[] =>
  faults.map(({ kind, seq, upTo = seq }) =>
    [kind, ...(seq === null ? [] : [seq === upTo ? seq : `${seq}-${upTo}`])].join(" "),
  );

export const faults = async (
  { ctx }: Pick<World, "ctx">,
  options: Parameters<typeof verifyAudit>[1] = {},
): Promise<string[]> => {
  // What is read within one turn of the event loop is of one moment, and the forger's may have come since.
  await Bun.sleep(0);
  return faultsOf(await verifyAudit(ctx, options));
};

/** The head, as it is kept elsewhere. */
export async function headOf({ ctx }: Pick<World, "ctx">): Promise<{ seq: number; mac: string }> {
  const { head } = await verifyAudit(ctx);
  if (!head) throw new Error("the log has no head");
  return { seq: head.seq, mac: head.mac };
}

export interface Told {
  event: string;
  reason: string | null;
  actor: string | null;
  user: string | null;
  address: string;
}

/** What the log says of the request of each answer. */
export async function told({
  ctx,
}: Pick<World, "ctx">): Promise<(answer: Pick<Answer, "headers">) => Told[]> {
  const rows = await ctx.db.all<Told & { request: string }>`
    select request_id as request, event, reason, actor_id as actor, user_id as "user", address from audit order by seq`;
  const byRequest = Map.groupBy(rows, ({ request }) => request);
  return ({ headers }) => byRequest.get(headers.get("x-request-id") ?? "") ?? [];
}
