// Mail for tests that cause it themselves.
import { type Context, transaction } from "../../src/context.ts";
import type { Email } from "../../src/core/emails.ts";
import type { MailId, TenantId } from "../../src/core/ids.ts";
import {
  enqueue,
  list,
  type MailContent,
  type NewMail,
  type OutboxEntry,
  type Sender,
} from "../../src/core/outbox.ts";

export const HOUR_MS = 60 * 60 * 1000;

/** 32 random-looking bytes that must show up nowhere but in the mail. */
export const TOKEN = "ost_reset_Zm9yIHRoZSBleWVzIG9mIG9uZSBtYWlsYm94IG9ubHk";
export const LINK = `http://localhost/t/acme/reset#token=${TOKEN}`;
export const RESET: MailContent = { kind: "reset_password", link: LINK, minutes: 30 };

export const PLAIN: Sender = { name: null, address: null, brand: "Acme", color: null, logoUrl: null };

/** Queues a mail as a flow would, in a transaction; by default a password reset to ada@example.com that lives an hour. */
export const queue = (
  ctx: Context,
  mail: Partial<Omit<NewMail, "to">> & { to?: string } = {},
): Promise<MailId> => transaction(ctx, (ctx) => enqueue(ctx, newMail(ctx, mail)));

export const newMail = (
  ctx: Context,
  { to = "ada@example.com", ...rest }: Partial<Omit<NewMail, "to">> & { to?: string } = {},
): NewMail => ({
  to: to as Email,
  tenantId: "tnt_acme" as TenantId,
  userId: null,
  sender: PLAIN,
  content: RESET,
  language: "en",
  expiresAt: ctx.now() + HOUR_MS,
  ...rest,
});

/** A mail as administrators see it. */
export async function entry(ctx: Context, id: MailId): Promise<OutboxEntry> {
  const found = (await list(ctx, { limit: 200 })).entries.find((mail) => mail.id === id);
  if (!found) throw new Error("no such mail");
  return found;
}

/** Waits, 10 s at most, until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > late) throw new Error(`waited in vain until ${isSo.toString()}`);
    await Bun.sleep(10);
  }
}
