// Registering oneself in a tenant. Whether the email is taken is told to its owner only.
import { type Client, type Context, transaction } from "../context.ts";
import * as audit from "../core/audit.ts";
import * as captcha from "../core/captcha.ts";
import * as credentials from "../core/credentials.ts";
import { positionOf } from "../core/decoys.ts";
import type { Email } from "../core/emails.ts";
import type { UserId } from "../core/ids.ts";
import * as memberships from "../core/memberships.ts";
import * as outbox from "../core/outbox.ts";
import * as passwords from "../core/passwords.ts";
import * as tenants from "../core/tenants.ts";
import * as users from "../core/users.ts";
import { Invalid, type Refused, refusedAs } from "../errors.ts";
import { inVain } from "./in-vain.ts";
import { languageFor } from "./language.ts";
import { mayMail } from "./may-mail.ts";
import { checkNewPassword } from "./new-password.ts";
import { checkRedirect } from "./redirects.ts";
import { senderOf } from "./sender.ts";
import { turnAway } from "./strangers.ts";
import { mailVerification } from "./verify-email.ts";

const MOST_CUSTOM_DATA_BYTES = 8 * 1024;
const NOTICE_LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface Registration {
  tenant: tenants.Tenant;
  email: Email;
  password: string;
  firstName: string;
  lastName: string;
  captchaToken: string | undefined;
  redirectUri: string | undefined;
  /** Kept as it is, for the app that registers. */
  customData: Record<string, unknown> | undefined;
}

export interface Registered {
  /** The new account's; one that leads nowhere when there was an account already. */
  userId: UserId;
  status: "ACTIVE" | "PENDING_VERIFICATION";
}

/**
 * Makes an account, or mails the owner of the one there is; the answer is the same. Throws Refused REGISTRATION_DISABLED or
 * CAPTCHA_REQUIRED, TENANT_NOT_FOUND (gone meanwhile), Invalid, Unavailable.
 */
export async function register(
  ctx: Context,
  registration: Registration,
  client: Client,
): Promise<Registered> {
  const { tenant, email, password, firstName, lastName } = registration;
  const realm = tenants.realmOf(tenant);
  if (!tenant.settings.self_registration) throw await refuse(ctx, client, tenant, "REGISTRATION_DISABLED");
  checkRedirect(tenant, registration.redirectUri);
  const customData = customDataOf(registration);
  checkNewPassword(password, "password", tenant, { email, firstName, lastName });
  const solution = await solutionOf(ctx, registration);
  if (solution === "missing or wrong") throw await refuse(ctx, client, tenant, "CAPTCHA_REQUIRED");
  using taken = new DisposableStack();
  const admit = async (ctx: Context) => {
    if (solution !== "not asked for" && !(await captcha.consume(ctx, solution))) return "captcha spent";
    const { network } = client;
    const asked = { purpose: "verify_email", email, realm, byStranger: true, network } as const;
    if (!(await mayMail(ctx, asked, client, { tenantId: tenant.id }))) return "no mail";
    // Last: what is held back by a limit holds nobody else up, and for want of a place nothing stays counted.
    return taken.use(ctx.hasher.reserve());
  };
  // Whoever is turned away hears of it. All others do not until their account is made, or not; or are told nothing.
  const admitted = await transaction(ctx, admit, { isInterim: (admitted) => typeof admitted === "object" });
  if (admitted === "captcha spent") throw await refuse(ctx, client, tenant, "CAPTCHA_REQUIRED");
  const status = isActive(tenant) ? "ACTIVE" : "PENDING_VERIFICATION";
  // What sends no mail changes nothing: else a stranger's second registration would ride on the link of the first.
  if (admitted === "no mail") return { userId: standIn(ctx), status };
  const passwordHash = await passwords.hashAt(admitted, password);
  const userId = await transaction(ctx, async (ctx) => {
    // Hashing took its time: the tenant may be gone, or have changed its mind about verification.
    const now = await tenants.findLive(ctx, tenant.id);
    if (!now) throw refusedAs("TENANT_NOT_FOUND", { reason: "gone meanwhile", tenantId: tenant.id });
    return createOrNotify(ctx, { ...registration, tenant: now }, { passwordHash, customData }, client);
  });
  return { userId, status };
}

/** An id that looks like a new account's and leads nowhere. */
const standIn = (ctx: Context): UserId => ctx.id("usr") as UserId;

/** RFC 2606 §2: no such domain, so nobody has it already. */
const nobodysEmail = (userId: UserId): Email => `${userId}@nobody.invalid` as Email;

interface Prepared {
  passwordHash: string;
  customData: string | undefined;
}

/** The id of the new account, or one that looks like it. The mail has been counted. */
async function createOrNotify(
  ctx: Context,
  registration: Registration,
  prepared: Prepared,
  client: Client,
): Promise<UserId> {
  const { tenant, email } = registration;
  const account = await credentials.find(ctx, tenants.realmOf(tenant), { email });
  // Of an account that nobody has shown to own nothing stays: whoever owns the email confirms what came last. One that an
  // invitation waits for is left alone, or a stranger could take the invited role.
  if (account && !(await users.endPending(ctx, account.id))) {
    await notifyOwner(ctx, registration, account, client);
    // The work of making one, taken back: else the time of the answer would tell (measured: `bun run timing`).
    const userId = standIn(ctx);
    await inVain(ctx, (ctx) =>
      create(ctx, { ...registration, email: nobodysEmail(userId) }, prepared, client),
    );
    return userId;
  }
  const userId = await create(ctx, registration, prepared, client);
  await audit.append(ctx, client, { event: "register.completed", userId, tenantId: tenant.id });
  return userId;
}

const isActive = ({ settings }: tenants.Tenant): boolean => !settings.email_verification;

async function create(
  ctx: Context,
  { tenant, email, firstName, lastName, redirectUri }: Registration,
  { passwordHash, customData }: Prepared,
  client: Client,
): Promise<UserId> {
  const { language } = client;
  const userId = await users.create(ctx, {
    realm: tenants.realmOf(tenant),
    email: { address: email, isVerified: false, decoyPosition: positionOf(ctx, email) },
    username: null,
    firstName,
    lastName,
    passwordHash,
    isActive: isActive(tenant),
    isSuperuser: false,
    language,
  });
  if (!userId) throw new Error("an email was taken between looking and creating, inside one transaction");
  if (customData !== undefined) await credentials.keepCustomData(ctx, userId, customData);
  await memberships.create(ctx, { tenantId: tenant.id, userId, role: "member", status: "active" });
  const user = { id: userId, email, language };
  if (!isActive(tenant)) await mailVerification(ctx, { user, tenant, redirectUri }, client);
  return userId;
}

async function notifyOwner(
  ctx: Context,
  { tenant, email }: Registration,
  owner: credentials.Account,
  client: Client,
): Promise<void> {
  const userId = owner.id;
  // Its administrators read a tenant's log and outbox, and must not learn by them who has which account elsewhere.
  const isMember = (await memberships.find(ctx, tenant.id, userId)) !== undefined;
  await outbox.enqueue(ctx, {
    to: email,
    tenantId: isMember ? tenant.id : null,
    userId,
    sender: senderOf(tenant),
    content: { kind: "already_registered", tenantSlug: tenant.slug },
    language: languageFor(ctx, owner, client),
    expiresAt: ctx.now() + NOTICE_LIFETIME_MS,
  });
  const tenantId = isMember ? tenant.id : undefined;
  await audit.append(ctx, client, { event: "register.repeated", userId, tenantId });
}

async function refuse(
  ctx: Context,
  client: Client,
  { id: tenantId }: tenants.Tenant,
  code: "CAPTCHA_REQUIRED" | "REGISTRATION_DISABLED",
): Promise<Refused> {
  const reason = code === "CAPTCHA_REQUIRED" ? "captcha missing, wrong or used" : "self-registration is off";
  return turnAway(ctx, client, { event: "register.refused", tenantId, reason }, code);
}

/** Verified outside the transaction, as that takes more than SQL; spent inside it. */
async function solutionOf(ctx: Context, { tenant, captchaToken }: Registration) {
  if (!tenant.settings.captcha) return "not asked for";
  return (captchaToken && (await captcha.verify(ctx, tenant.id, captchaToken))) || "missing or wrong";
}

function customDataOf({ customData }: Registration): string | undefined {
  if (customData === undefined) return undefined;
  const text = JSON.stringify(customData);
  if (Buffer.byteLength(text) <= MOST_CUSTOM_DATA_BYTES) return text;
  const msg = "Object should have at most 8 KiB as JSON";
  throw new Invalid([{ loc: ["custom_data"], msg, type: "value_error" }]);
}
