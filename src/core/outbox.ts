// Mail that waits to be sent. Written in the transaction that causes it, so there is mail exactly when that happened; the
// worker in mail/delivery.ts delivers it at least once.
import type { Context } from "../context.ts";
import { open, seal } from "../crypto/seal.ts";
import type { Email } from "./emails.ts";
import type { MailId, Role, TenantId, UserId } from "./ids.ts";

/** In whose name a mail goes out. Null: the instance's. */
export interface Sender {
  name: string | null;
  address: string | null;
  /** What the reader knows the service by. */
  brand: string;
  /** `#rrggbb` */
  color: string | null;
  logoUrl: string | null;
}

/** What a mail says; its words stand in texts/ and are found at delivery. */
export type MailContent =
  | { kind: "verify_email"; link: string }
  | { kind: "already_registered"; tenantSlug: string }
  | { kind: "reset_password"; link: string; minutes: number }
  | { kind: "password_changed" }
  | { kind: "invitation"; link: string; tenantName: string; role: Role; invitedBy: string | null }
  | { kind: "key_created"; keyName: string }
  | { kind: "code"; code: string; purpose: "enrol" | "disable" | "login"; minutes: number }
  | { kind: "magic_code"; code: string; minutes: number }
  | { kind: "login_waiting"; id: string; address: string; userAgent: string | null; minutes: number }
  | { kind: "factor_changed"; change: FactorChange }
  | { kind: "backup_code_used"; left: number }
  /** `at` in epoch milliseconds. */
  | { kind: "signed_in_elsewhere"; address: string; userAgent: string | null; at: number }
  /** `at` in epoch milliseconds. */
  | { kind: "impersonated"; by: string; at: number };

/** What became of a user's second factors. */
export type FactorChange =
  | "totp_enabled"
  | "totp_disabled"
  | "email_enabled"
  | "email_disabled"
  | "passkey_added"
  | "passkey_removed"
  | "backup_codes_made"
  | "all_removed";

export interface NewMail {
  to: Email;
  tenantId: TenantId | null;
  userId: UserId | null;
  sender: Sender;
  content: MailContent;
  /** In which it is written: a BCP 47 tag. */
  language: string;
  /** When it is of no use any more (its link is dead): from then on it is not sent. */
  expiresAt: number;
}

/**
 * What is sealed: who gets it, and everything that a mailbox may know and a thief of the database may not. Mails that were queued
 * before there were languages name none.
 */
export type MailBody = Pick<NewMail, "to" | "sender" | "content"> & Partial<Pick<NewMail, "language">>;

/** A mail that one worker has to itself until `claimedUntil`. */
export interface ClaimedMail {
  id: MailId;
  kind: MailContent["kind"];
  /** This one included. */
  attempts: number;
  createdAt: number;
  expiresAt: number;
  claimedUntil: number;
  bodySealed: string;
}

export const MAIL_STATUSES = ["queued", "sent", "failed", "expired"] as const;
export type MailStatus = (typeof MAIL_STATUSES)[number];

/** A mail as administrators see it: never its words. */
export interface OutboxEntry {
  id: MailId;
  kind: string;
  tenantId: TenantId | null;
  userId: UserId | null;
  status: MailStatus;
  attempts: number;
  nextAttemptAt: number;
  lastError: string | null;
  createdAt: number;
  finishedAt: number | null;
}

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60 * 60 * 1000;
/** Longer than a delivery may take (mail/delivery.ts): a claim that lapses belongs to a process that died. */
const CLAIM_MS = 60_000;
const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1000;
/** Above every id: `g` follows the hexadecimal digits. */
const BEYOND_ALL_IDS = "mail_g";

/** Queues a mail for delivery. Run inside the transaction that causes it. */
export async function enqueue(ctx: Context, mail: NewMail): Promise<MailId> {
  const { to, tenantId, userId, sender, content, language, expiresAt } = mail;
  const id = ctx.id("mail") as MailId;
  const body: MailBody = { to, sender, content, language };
  const sealed = seal(ctx.keys.seal, ctx.random(12), boundTo(id), JSON.stringify(body));
  const now = ctx.now();
  await ctx.db.run`
    insert into outbox (id, kind, tenant_id, user_id, body_sealed, status, attempts, next_attempt_at, claimed_until,
      created_at, expires_at)
    values (${id}, ${content.kind}, ${tenantId}, ${userId}, ${sealed}, 'queued', 0, ${now}, 0, ${now}, ${expiresAt})`;
  return id;
}

/**
 * Whether anything is due, expired mail included. A read, so that an empty outbox costs no writer's turn. What would wait for
 * longer than any wait, or is claimed for longer than any claim, was written before the clock was set back, and is due too.
 */
export async function isAnythingDue(ctx: Context): Promise<boolean> {
  const now = ctx.now();
  const row = await ctx.db.get`
    select 1 as found from outbox
    where status = 'queued' and next_attempt_at <= ${now}
      and (claimed_until <= ${now} or claimed_until > ${now + CLAIM_MS})
    union all
    select 1 from outbox
    where status = 'queued' and next_attempt_at > ${now + LONGEST_WAIT_MS}
      and (claimed_until <= ${now} or claimed_until > ${now + CLAIM_MS})
    limit 1`;
  return row !== undefined;
}

/**
 * Takes the mail that has been due longest, for 60 s, and counts the attempt: a process that dies over it has tried. Of
 * several workers exactly one gets a mail. Undefined when none is due, or another worker was faster.
 */
export async function claim(ctx: Context): Promise<ClaimedMail | undefined> {
  const now = ctx.now();
  return ctx.db.get<ClaimedMail>`
    update outbox set claimed_until = ${now + CLAIM_MS}, attempts = attempts + 1
    where id = coalesce(
      (select id from outbox
        where status = 'queued' and next_attempt_at <= ${now}
          and (claimed_until <= ${now} or claimed_until > ${now + CLAIM_MS}) and expires_at > ${now}
        order by next_attempt_at limit 1),
      (select id from outbox
        where status = 'queued' and next_attempt_at > ${now + LONGEST_WAIT_MS}
          and (claimed_until <= ${now} or claimed_until > ${now + CLAIM_MS}) and expires_at > ${now}
        order by next_attempt_at limit 1))
      and status = 'queued' and (claimed_until <= ${now} or claimed_until > ${now + CLAIM_MS})
    returning id, kind, attempts, created_at as "createdAt", expires_at as "expiresAt",
      claimed_until as "claimedUntil", body_sealed as "bodySealed"`;
}

/** What a claimed mail says and to whom. Throws when it was sealed with another secret. */
export const openBody = (ctx: Context, { id, bodySealed }: ClaimedMail): MailBody =>
  JSON.parse(open(ctx.keys.seal, boundTo(id), bodySealed)) as MailBody;

/** It is out: its body is wiped. */
export async function markSent(ctx: Context, { id }: ClaimedMail): Promise<void> {
  await ctx.db.run`
    update outbox set status = 'sent', body_sealed = null, last_error = null, finished_at = ${ctx.now()}
    where id = ${id} and status = 'queued'`;
}

/** It will never arrive: its body is wiped. */
export async function markFailed(ctx: Context, { id }: ClaimedMail, reason: string): Promise<void> {
  await ctx.db.run`
    update outbox set status = 'failed', body_sealed = null, last_error = ${reason}, finished_at = ${ctx.now()}
    where id = ${id} and status = 'queued'`;
}

/** Another attempt later: after 5 s, then doubling up to 1 h, each up to a fifth longer so that a crowd does not come back as one. */
export async function postpone(ctx: Context, mail: ClaimedMail, reason: string): Promise<void> {
  const doubled = Math.min(FIRST_WAIT_MS * 2 ** (mail.attempts - 1), LONGEST_WAIT_MS);
  const jitter = (doubled / 5) * (Buffer.from(ctx.random(2)).readUInt16BE() / 0x1_0000);
  const waitMs = Math.min(Math.ceil(doubled + jitter), LONGEST_WAIT_MS);
  // No later than its end, so that what is due includes what is to be wiped.
  const nextAttemptAt = Math.min(ctx.now() + waitMs, mail.expiresAt);
  await ctx.db.run`
    update outbox set claimed_until = 0, next_attempt_at = ${nextAttemptAt}, last_error = ${reason}
    where id = ${mail.id} and status = 'queued' and claimed_until = ${mail.claimedUntil}`;
}

/** Gives up what is of no use any more, and returns it: the bodies are wiped. */
export async function expire(ctx: Context): Promise<{ id: MailId; kind: string }[]> {
  const now = ctx.now();
  return ctx.db.all<{ id: MailId; kind: string }>`
    update outbox set status = 'expired', body_sealed = null, finished_at = ${now}
    where status = 'queued' and next_attempt_at <= ${now} and claimed_until <= ${now} and expires_at <= ${now}
    returning id, kind`;
}

export interface OutboxFilter {
  /** Undefined: of every tenant, and of none. */
  tenantId?: TenantId | undefined;
  status?: MailStatus | undefined;
  /** The last id of the page before. */
  cursor?: string | undefined;
  limit: number;
}

/** The newest first. `nextCursor` is null on the last page. */
export async function list(
  ctx: Context,
  filter: OutboxFilter,
): Promise<{ entries: OutboxEntry[]; nextCursor: MailId | null }> {
  const found = await find(ctx, filter);
  const entries = found.slice(0, filter.limit);
  return { entries, nextCursor: found.length > filter.limit ? (entries.at(-1)?.id ?? null) : null };
}

/** One more than asked for, which tells whether a page follows. Three texts, each with an index that gives its order. */
function find(
  ctx: Context,
  { tenantId, status, cursor = BEYOND_ALL_IDS, limit }: OutboxFilter,
): Promise<OutboxEntry[]> {
  if (tenantId !== undefined) {
    const [s1, s2, s3, s4] = status ? [status, status, status, status] : MAIL_STATUSES;
    return ctx.db.all<OutboxEntry>`
      select id, kind, tenant_id as "tenantId", user_id as "userId", status, attempts,
        next_attempt_at as "nextAttemptAt", last_error as "lastError", created_at as "createdAt",
        finished_at as "finishedAt"
      from outbox where tenant_id = ${tenantId} and id < ${cursor} and status in (${s1}, ${s2}, ${s3}, ${s4})
      order by id desc limit ${limit + 1}`;
  }
  if (status !== undefined) {
    return ctx.db.all<OutboxEntry>`
      select id, kind, tenant_id as "tenantId", user_id as "userId", status, attempts,
        next_attempt_at as "nextAttemptAt", last_error as "lastError", created_at as "createdAt",
        finished_at as "finishedAt"
      from outbox where status = ${status} and id < ${cursor} order by id desc limit ${limit + 1}`;
  }
  return ctx.db.all<OutboxEntry>`
    select id, kind, tenant_id as "tenantId", user_id as "userId", status, attempts,
      next_attempt_at as "nextAttemptAt", last_error as "lastError", created_at as "createdAt",
      finished_at as "finishedAt"
    from outbox where id < ${cursor} order by id desc limit ${limit + 1}`;
}

/** Frees the room of mail that was finished 30 days ago. Returns how many went, at most `most`. */
export async function removeFinished(ctx: Context, most: number): Promise<number> {
  const before = ctx.now() - KEPT_FOR_MS;
  // Ids start with the time they were made (RFC 9562 §5.7): the old ones are found by their key, without looking at all.
  const oldIds = `mail_${before.toString(16).padStart(12, "0")}`;
  return ctx.db.run`
    delete from outbox where id in (
      select id from outbox where id < ${oldIds} and finished_at <= ${before} limit ${most})`;
}

const boundTo = (id: MailId): string => `outbox/${id}`;
