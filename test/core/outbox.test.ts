// The outbox by itself: on a clock that stands still, without a server whose worker would take mails too.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Context, openContext, transaction } from "../../src/context.ts";
import type { MailId, TenantId } from "../../src/core/ids.ts";
import * as outbox from "../../src/core/outbox.ts";
import { HOUR_MS, LINK, newMail, queue, RESET, TOKEN } from "../support/outbox.ts";
import { rejection } from "../support/rejected.ts";
import { SECRET, worldWithoutServer } from "../support/world.ts";

const DAY_MS = 24 * HOUR_MS;
const CLAIM_MS = 60_000;

interface Scene extends AsyncDisposable {
  ctx: Context;
  time: { at: number };
  claim(): Promise<outbox.ClaimedMail>;
  row(id: MailId): Promise<Row>;
}
type Row = outbox.OutboxEntry & { bodySealed: string | null; claimedUntil: number };

async function scene(): Promise<Scene> {
  const w = worldWithoutServer();
  const time = { at: Date.UTC(2040, 0, 1) };
  const ctx: Context = { ...w.ctx, now: () => time.at, id: idsAt(time) };
  return {
    ctx,
    time,
    async claim() {
      const mail = await outbox.claim(ctx);
      if (!mail) throw new Error("nothing to claim");
      return mail;
    },
    async row(id) {
      const row = await ctx.db.get<Row>`
        select id, status, attempts, next_attempt_at as "nextAttemptAt", claimed_until as "claimedUntil",
          last_error as "lastError", finished_at as "finishedAt", body_sealed as "bodySealed"
        from outbox where id = ${id}`;
      if (!row) throw new Error("no such mail");
      return row;
    },
    [Symbol.asyncDispose]: () => w[Symbol.asyncDispose](),
  };
}

/** Ids of the time that the test has set. */
const idsAt = (time: { at: number }) => (prefix: string) =>
  `${prefix}_${Bun.randomUUIDv7("hex", time.at).replaceAll("-", "")}`;

const all = async (ctx: Context) => (await outbox.list(ctx, { limit: 200 })).entries;

describe("queueing", () => {
  test("happens with its transaction or not at all", async () => {
    await using s = await scene();
    const failing = transaction(s.ctx, async (ctx) => {
      await outbox.enqueue(ctx, newMail(ctx));
      throw new Error("the cause fell through");
    });
    expect(await rejection(failing)).toBe("the cause fell through");
    expect(await all(s.ctx)).toEqual([]);
    await queue(s.ctx);
    expect(await all(s.ctx)).toHaveLength(1);
  });

  test("leaves neither address nor words nor link in the files of the database", async () => {
    await using s = await scene();
    const id = await queue(s.ctx, { to: "grace.hopper@example.com" });
    const path = s.ctx.config.databasePath;
    const onDisk = [path, `${path}-wal`].map((file) => readFileSync(file, "latin1")).join("");
    expect(onDisk).toContain(id);
    for (const secret of [TOKEN, LINK, "grace.hopper", "Acme"]) expect(onDisk).not.toContain(secret);
  });

  test("binds the body to its row", async () => {
    await using s = await scene();
    await queue(s.ctx);
    const first = await s.claim();
    await queue(s.ctx);
    const second = await s.claim();
    expect(outbox.openBody(s.ctx, first)).toMatchObject({ to: "ada@example.com", content: RESET });
    expect(() => outbox.openBody(s.ctx, { ...first, bodySealed: second.bodySealed })).toThrow();
  });
});

describe("a claim", () => {
  test("is given to one of many workers, also of another process", async () => {
    await using s = await scene();
    const { config, log, now } = s.ctx;
    const other = openContext({ config, secret: SECRET, log, now });
    const ids = await Promise.all(Array.from({ length: 10 }, () => queue(s.ctx)));
    const claims = await Promise.all(
      Array.from({ length: 64 }, (_, i) => outbox.claim(i % 2 ? s.ctx : other.ctx)),
    );
    await other.close();
    const given = claims.flatMap((mail) => (mail ? [mail.id] : []));
    expect(given.toSorted()).toEqual(ids.toSorted());
  });

  test("goes to the mail that has been due longest", async () => {
    await using s = await scene();
    const first = await queue(s.ctx);
    s.time.at += 1;
    const second = await queue(s.ctx);
    expect([(await s.claim()).id, (await s.claim()).id]).toEqual([first, second]);
  });

  test("counts the attempt, holds for 60 s and then lapses", async () => {
    await using s = await scene();
    await queue(s.ctx);
    expect(await outbox.isAnythingDue(s.ctx)).toBe(true);
    expect((await s.claim()).attempts).toBe(1);
    expect(await outbox.isAnythingDue(s.ctx)).toBe(false);
    s.time.at += CLAIM_MS - 1;
    expect(await outbox.claim(s.ctx)).toBeUndefined();
    s.time.at += 1;
    expect(await outbox.isAnythingDue(s.ctx)).toBe(true);
    expect((await s.claim()).attempts).toBe(2);
  });

  test("that lapsed cannot put off what another worker has taken over", async () => {
    await using s = await scene();
    const id = await queue(s.ctx);
    const late = await s.claim();
    s.time.at += CLAIM_MS;
    const current = await s.claim();
    await outbox.postpone(s.ctx, late, "too late");
    expect(await s.row(id)).toMatchObject({ claimedUntil: current.claimedUntil, lastError: null });
  });
});

describe("after a failure", () => {
  test("the next attempt is 5 s away, then twice as long each time up to an hour, and never the same twice", async () => {
    await using s = await scene();
    const id = await queue(s.ctx, { expiresAt: s.time.at + 30 * DAY_MS });
    const waitsS: number[] = [];
    for (let i = 0; i < 13; i++) {
      const mail = await s.claim();
      await outbox.postpone(s.ctx, mail, `failure ${i}`);
      const { nextAttemptAt, lastError, claimedUntil } = await s.row(id);
      expect([lastError, claimedUntil]).toEqual([`failure ${i}`, 0]);
      waitsS.push((nextAttemptAt - s.time.at) / 1000);
      s.time.at = nextAttemptAt - 1;
      expect(await outbox.claim(s.ctx)).toBeUndefined();
      s.time.at += 1;
    }
    const leastS = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600];
    waitsS.forEach((waitS, i) => {
      expect(waitS).toBeGreaterThanOrEqual(leastS[i] ?? 0);
      expect(waitS).toBeLessThanOrEqual(Math.min((leastS[i] ?? 0) * 1.2, 3600));
    });
    expect(waitsS.slice(0, 10)).not.toEqual(leastS.slice(0, 10));
  });

  test("the next attempt is never put off beyond the end, when the body is wiped", async () => {
    await using s = await scene();
    const id = await queue(s.ctx, { expiresAt: s.time.at + 2_000 });
    await outbox.postpone(s.ctx, await s.claim(), "busy");
    s.time.at += 2_000;
    expect(await outbox.isAnythingDue(s.ctx)).toBe(true);
    expect(await outbox.claim(s.ctx)).toBeUndefined();
    expect(await outbox.expire(s.ctx)).toEqual([{ id, kind: "reset_password" }]);
    expect(await outbox.expire(s.ctx)).toEqual([]);
    expect(await s.row(id)).toMatchObject({
      status: "expired",
      bodySealed: null,
      lastError: "busy",
      finishedAt: s.time.at,
    });
  });
});

test("mail that is being delivered does not expire under the worker's hands", async () => {
  await using s = await scene();
  const id = await queue(s.ctx, { expiresAt: s.time.at + 1 });
  const mail = await s.claim();
  s.time.at += 1;
  expect(await outbox.expire(s.ctx)).toEqual([]);
  await outbox.markSent(s.ctx, mail);
  expect(await s.row(id)).toMatchObject({ status: "sent" });
});

test("sent and failed mail is finished for good, its body wiped", async () => {
  await using s = await scene();
  const sent = await queue(s.ctx);
  const sentMail = await s.claim();
  await outbox.markSent(s.ctx, sentMail);
  const failed = await queue(s.ctx);
  const failedMail = await s.claim();
  await outbox.markFailed(s.ctx, failedMail, "no such mailbox");
  for (const mail of [sentMail, failedMail]) {
    await outbox.postpone(s.ctx, mail, "again");
    await outbox.markSent(s.ctx, mail);
    await outbox.markFailed(s.ctx, mail, "again");
  }
  const finishedAt = s.time.at;
  expect(await s.row(sent)).toMatchObject({ status: "sent", bodySealed: null, lastError: null, finishedAt });
  expect(await s.row(failed)).toMatchObject({
    status: "failed",
    bodySealed: null,
    lastError: "no such mailbox",
    finishedAt,
  });
  s.time.at += CLAIM_MS;
  expect(await outbox.isAnythingDue(s.ctx)).toBe(false);
});

describe("the list", () => {
  test("shows the newest first, page by page, without words or recipients", async () => {
    await using s = await scene();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++, s.time.at++) ids.unshift(await queue(s.ctx));
    const first = await outbox.list(s.ctx, { limit: 2 });
    const second = await outbox.list(s.ctx, { limit: 2, cursor: first.nextCursor ?? "" });
    const third = await outbox.list(s.ctx, { limit: 2, cursor: second.nextCursor ?? "" });
    const pages = [first, second, third];
    expect(pages.map(({ entries }) => entries.map(({ id }) => id as string))).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
    ]);
    expect(third.nextCursor).toBeNull();
    expect(Object.keys(first.entries[0] ?? {}).toSorted()).toEqual(
      [
        "attempts",
        "createdAt",
        "finishedAt",
        "id",
        "kind",
        "lastError",
        "nextAttemptAt",
        "status",
        "tenantId",
        "userId",
      ].toSorted(),
    );
  });

  test("is narrowed by status and by tenant", async () => {
    await using s = await scene();
    const acme = "tnt_acme" as TenantId;
    const sent = await queue(s.ctx);
    await outbox.markSent(s.ctx, await s.claim());
    const waiting = await queue(s.ctx);
    const foreign = await queue(s.ctx, { tenantId: "tnt_other" as TenantId });
    const ours = await queue(s.ctx, { tenantId: null });
    const list = async (filter: Omit<outbox.OutboxFilter, "limit">) =>
      (await outbox.list(s.ctx, { ...filter, limit: 200 })).entries.map(({ id }) => id).toSorted();
    expect(await list({})).toEqual([sent, waiting, foreign, ours].toSorted());
    expect(await list({ status: "queued" })).toEqual([waiting, foreign, ours].toSorted());
    expect(await list({ status: "sent" })).toEqual([sent]);
    expect(await list({ tenantId: acme })).toEqual([sent, waiting].toSorted());
    expect(await list({ tenantId: acme, status: "queued" })).toEqual([waiting]);
    expect(await list({ status: "failed" })).toEqual([]);
  });
});

test("finished mail is forgotten after 30 days, waiting mail never", async () => {
  await using s = await scene();
  await queue(s.ctx);
  await outbox.markSent(s.ctx, await s.claim());
  const slow = await queue(s.ctx, { expiresAt: s.time.at + 60 * DAY_MS });
  const waiting = await queue(s.ctx, { expiresAt: s.time.at + 60 * DAY_MS });
  s.time.at += DAY_MS;
  const slowMail = await s.claim();
  await outbox.markFailed(s.ctx, slowMail.id === slow ? slowMail : await s.claim(), "no such mailbox");
  const left = async () => (await all(s.ctx)).length;
  s.time.at += 29 * DAY_MS - 1;
  await outbox.removeFinished(s.ctx, 1000);
  expect(await left()).toBe(3);
  s.time.at += 2;
  await outbox.removeFinished(s.ctx, 1000);
  expect((await all(s.ctx)).map(({ id }) => id).toSorted()).toEqual([slow, waiting].toSorted());
  s.time.at += DAY_MS;
  await outbox.removeFinished(s.ctx, 1000);
  expect((await all(s.ctx)).map(({ id }) => id)).toEqual([waiting]);
});
