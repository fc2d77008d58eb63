// A data directory with as many accounts as asked for, made by the nouns themselves: `bun seed.ts <directory> <users>`, or
// `seed()`. A million accounts take minutes; progress shows on stderr.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import {
  type Client,
  type Context,
  openContext,
  type OpenedContext,
  transaction,
} from "../../src/context.ts";
import * as audit from "../../src/core/audit.ts";
import { positionOf } from "../../src/core/decoys.ts";
import { canonicalEmail } from "../../src/core/emails.ts";
import type { TenantId } from "../../src/core/ids.ts";
import { parseUsername } from "../../src/core/logins.ts";
import * as memberships from "../../src/core/memberships.ts";
import * as refreshTokens from "../../src/core/refresh-tokens.ts";
import * as sessions from "../../src/core/sessions.ts";
import * as tenants from "../../src/core/tenants.ts";
import * as users from "../../src/core/users.ts";
import { createLog } from "../../src/log.ts";

export const SECRET = "a master secret for the benchmark only";
export const PASSWORD = "correct horse battery staple";
export const COST = { memoryKib: 19456, passes: 2 };
/** Each user is a member of one of these: bench0, bench1, … They let anybody register, unverified. */
export const TENANTS = 20;
const SESSIONS_PER_USER = 3;
const BATCH = 200;
/** So many at a time keep the log below 500 MB. */
const PART = 50_000;
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

export const usernameOf = (i: number): string => `user${i}`;
export const emailOf = (i: number): string => `user${i}@example.com`;
export const slugOf = (i: number): string => `bench${i % TENANTS}`;

const CLIENT: Client = {
  requestId: "req_seed",
  address: "192.0.2.1",
  network: "192.0.2.1",
  userAgent: "a browser of which one cannot say much, as browsers say so much of themselves",
  language: null,
  device: null,
  trustedDevice: null,
  isLocal: false,
};

/** Fills `directory`/data, unless it was filled before, with `count` users, three sessions and refresh tokens each. */
export async function seed(directory: string, count: number): Promise<void> {
  const done = join(directory, "data/seeded");
  if (existsSync(done)) return;
  const passwordHash = await Bun.password.hash(PASSWORD, {
    algorithm: "argon2id",
    memoryCost: COST.memoryKib,
    timeCost: COST.passes,
  });
  let tenantIds: TenantId[] | undefined;
  for (let from = 0; from < count; from += PART) {
    const { ctx, close } = open(directory);
    tenantIds ??= await makeTenants(ctx);
    const end = Math.min(count, from + PART);
    for (let at = from; at < end; at += BATCH) {
      const [ids, until] = [tenantIds, Math.min(end, at + BATCH)];
      await transaction(ctx, async (ctx) => {
        for (let i = at; i < until; i++) await makeUser(ctx, i, ids, passwordHash);
      });
      progress(until, count);
    }
    // Moves the log into the database: whoever writes without a pause leaves no room for that to happen beside them.
    await close();
  }
  await Bun.write(done, String(count));
}

function open(directory: string): OpenedContext {
  const flags = { DATA: join(directory, "data"), SECRET };
  const config = loadConfig({ env: {}, flags, readFile: () => "", cwd: directory });
  mkdirSync(config.dataDirectory, { recursive: true });
  const log = createLog({ level: "silent", pretty: false, now: Date.now, write: () => {} });
  return openContext({ config, secret: SECRET, log, now: Date.now });
}

async function makeTenants(ctx: Context): Promise<TenantId[]> {
  const settings = { self_registration: true, email_verification: false };
  const made = Array.from({ length: TENANTS }, (_, i) =>
    tenants.create(ctx, { slug: slugOf(i), name: `Bench ${i}`, identity: "shared", settings }),
  );
  return (await Promise.all(made)).map(given);
}

async function makeUser(ctx: Context, i: number, tenantIds: TenantId[], passwordHash: string): Promise<void> {
  const address = given(canonicalEmail(emailOf(i)));
  const tenantId = given(tenantIds[i % TENANTS]);
  const userId = given(
    await users.create(ctx, {
      realm: "instance",
      email: { address, isVerified: true, decoyPosition: positionOf(ctx, address) },
      username: given(parseUsername(usernameOf(i))),
      passwordHash,
      isActive: true,
      isSuperuser: false,
    }),
  );
  await memberships.create(ctx, { tenantId, userId, role: "member", status: "active" });
  for (let n = 0; n < SESSIONS_PER_USER; n++) {
    const opening = { userId, tenantId, kind: "tokens", authTime: ctx.now(), amr: ["pwd"] } as const;
    const { id } = await sessions.create(ctx, { ...opening, lifetimeMs: LIFETIME_MS }, CLIENT);
    await refreshTokens.create(ctx, id);
  }
  await audit.append(ctx, CLIENT, { event: "login.succeeded", actorId: userId, userId, tenantId });
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("seeding failed");
  return value;
}

/** A bar that grows at a terminal; elsewhere a line for each tenth. */
function progress(done: number, all: number): void {
  const share = done / all;
  const isTenth = Math.floor(share * 10) > Math.floor(((done - BATCH) / all) * 10);
  if (!process.stderr.isTTY && !isTenth) return;
  const bar = "#".repeat(Math.floor(share * 40)).padEnd(40, ".");
  const line = `seeding ${bar} ${`${Math.floor(share * 100)}%`.padStart(4)} of ${all} users`;
  process.stderr.write(
    process.stderr.isTTY && done < all ? `\r${line}` : `${process.stderr.isTTY ? "\r" : ""}${line}\n`,
  );
}

if (import.meta.main) await seed(Bun.argv[2] ?? "bench-data", Number(Bun.argv[3] ?? 1_000_000));
