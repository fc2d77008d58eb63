// Second factors as their owners turn them on and off: /api/v1/me/mfa.
import type { PasskeyId, TenantId, UserId } from "../../src/core/ids.ts";
import * as passkeys from "../../src/core/passkeys.ts";
import { totpCode } from "./key-group.ts";
import type { Mailbox, ReceivedMail } from "./mailbox.ts";
import { makePerson, makeTenant, type TenantOptions } from "./people.ts";
import { signInForKey } from "./sessions.ts";
import { type Answer, dump, type SendOptions, type World } from "./world.ts";

export const MFA = "/api/v1/me/mfa";
export const ADA = "ada@example.com";
export const MINUTE = 60_000;
export const BACKUP_CODE = /^[a-z2-7]{4}(-[a-z2-7]{4}){5}$/;

/** Someone with a verified email, freshly signed in to one tenant. */
export async function withAda<W extends World>(w: W, settings: TenantOptions = {}) {
  const acme = await makeTenant(w, "acme", settings);
  const userId = await makePerson(w, acme, { email: ADA });
  const who = { userId, tenantId: acme.id };
  return Object.assign(w, { acme, userId, who, key: await signInForKey(w.ctx, who) });
}
export type WithAda = World & { userId: UserId; who: { userId: UserId; tenantId: TenantId }; key: string };

/** A client of these endpoints; `options` go with every request. */
export const mfaOf = (w: Pick<World, "send" | "clock">, options: SendOptions) => {
  const post = (path: string, body?: unknown): Promise<Answer> =>
    w.send("POST", MFA + path, body === undefined ? options : { ...options, body });
  return {
    post,
    overview: async () => (await w.send("GET", MFA, options)).body,
    /** By type; `?` behind those that are not confirmed. */
    methods: async (): Promise<string[]> =>
      (await w.send("GET", MFA, options)).body.methods.map(
        ({ type, confirmed }: { type: string; confirmed: boolean }) => (confirmed ? type : `${type}?`),
      ),
    /** The code of the current step is spent by it. */
    enableTotp: async (): Promise<{ secret: string; codes: string[] }> => {
      const { secret } = succeeded(await post("/totp/enable"));
      const { backup_codes: codes } = succeeded(
        await post("/totp/confirm", { code: totpCode(w.clock, secret) }),
      );
      return { secret, codes };
    },
    enableEmail: async (mailbox: Mailbox): Promise<{ codes: string[] | undefined }> => {
      succeeded(await post("/email/enable"));
      const code = codeIn(await mailbox.waitFor(ADA, "code"));
      return { codes: succeeded(await post("/email/confirm", { code })).backup_codes };
    },
    /** Of all that ask: status and words. */
    said: async (path: string, body?: unknown): Promise<[number, string]> => {
      const answer = await post(path, body);
      return [answer.status, answer.body.detail ?? answer.body.message];
    },
  };
};

function succeeded({ status, body }: Answer): Answer["body"] {
  if (status !== 200) throw new Error(`answered ${status} ${JSON.stringify(body)}`);
  return body;
}

/** The six digits of a mail, out of its plain text. */
export function codeIn({ text }: Pick<ReceivedMail, "text">): string {
  const code = /^\s*([0-9]{6})\s*$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

/** Another six digits. */
export const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

/** A passkey, without its ceremony. */
export async function addPasskey(
  { ctx }: Pick<World, "ctx">,
  userId: UserId,
  name = "Laptop",
): Promise<PasskeyId> {
  const id = ctx.id("pky") as PasskeyId;
  const [credentialId, publicKey, transports] = [`credential of ${id}`, "none", "internal"];
  const flags = { backupEligible: 0, backedUp: false, userVerified: true };
  await passkeys.create(ctx, {
    id,
    userId,
    credentialId,
    publicKey,
    signCount: 0,
    transports,
    ...flags,
    name,
  });
  return id;
}

/** Where anything stands that belongs to a user's second factors. */
export const FACTOR_TABLES = [
  "totp_devices",
  "email_factors",
  "email_codes",
  "passkeys",
  "backup_codes",
  "factor_failures",
  "webauthn_challenges",
  "trusted_devices",
];

/** Those in which there is something of this user. */
export function factorTablesOf(w: Pick<World, "ctx">, userId: string): string[] {
  const tables = dump(w);
  const isTheirs = (row: unknown) => (row as { user_id: string }).user_id === userId;
  return FACTOR_TABLES.filter((table) => tables[table]?.some(isTheirs));
}

/** One row in each of these, made without any endpoint. */
export async function addEveryFactor(
  w: Pick<World, "ctx">,
  { userId, tenantId }: { userId: UserId; tenantId: TenantId },
): Promise<void> {
  const { db, now } = w.ctx;
  const later = now() + 60 * MINUTE;
  await addPasskey(w, userId);
  await db.run`
    insert into totp_devices (id, user_id, secret_sealed, confirmed_at, last_step, failures, created_at)
    values (${`tot_${userId}`}, ${userId}, 'x', 1, 0, 0, 1)`;
  await db.run`
    insert into email_factors (id, user_id, confirmed_at, created_at) values (${`emf_${userId}`}, ${userId}, 1, 1)`;
  await db.run`
    insert into email_codes (user_id, purpose, binding, code_hash, tries, expires_at, created_at)
    values (${userId}, 'login', 'x', 'x', 0, ${later}, 1)`;
  await db.run`insert into backup_codes (user_id, code_hash, created_at) values (${userId}, 'x', 1)`;
  await db.run`
    insert into factor_failures (user_id, method, failures)
    values (${userId}, 'webauthn', 9), (${userId}, 'email', 9), (${userId}, 'backup_code', 9)`;
  await db.run`
    insert into webauthn_challenges (id, user_id, purpose, binding, challenge, expires_at, created_at)
    values (${`wch_${userId}`}, ${userId}, 'login', 'x', 'x', ${later}, 1)`;
  await db.run`
    insert into trusted_devices (id, user_id, tenant_id, token_hash, address, last_used_at, expires_at, created_at)
    values (${`tdv_${userId}`}, ${userId}, ${tenantId}, ${userId}, '::1', 1, ${later}, 1)`;
}
