// What the table of outcomes speaks of: people, and things that stand under a name in a request. Everybody is new, so that no
// outcome spoils another.
import { cookieName } from "../../src/api/http/cookies.ts";
import type { PasskeyId } from "../../src/core/ids.ts";
import * as passkeys from "../../src/core/passkeys.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import { setupToken } from "../../src/flows/setup.ts";
import type { SettingName } from "../../src/settings.ts";
import type { Authenticator } from "./authenticator.ts";
import { type Holder, KINDS, type KindName, newHolder, openStage, type Stage } from "./credential-kinds.ts";
import { BASE, totpCode, wrongCode } from "./key-group.ts";
import { addPasskey } from "./me-group.ts";
import { org } from "./org-group.ts";
import { beginAssertion, passkeyAlone, passkeysOf } from "./passkeys.ts";
import { makePerson, makeTenant, PASSWORD, type PersonOptions } from "./people.ts";
import { portal } from "./portal-group.ts";
import { portals } from "./portals.ts";
import { enrolEmail, enrolTotp, makeBackupCodes, mailedCode } from "./second-factors.ts";
import { makeKey, MINUTE, signInForCookie, signInForTokens, type Who as Session } from "./sessions.ts";

export interface OutcomeStage extends Stage {
  /** Tenants besides those of the stage: asks for a factor; registers at once; registers nobody. */
  strict: Tenant;
  lax: Tenant;
  closed: Tenant;
  newSlug(): string;
}

export async function openOutcomes(
  settings: Partial<Record<SettingName, string>> = {},
): Promise<OutcomeStage> {
  const w = await openStage({
    LIMIT_ADDRESS_MAILS: "100000",
    LIMIT_INSTANCE_FAILURES: "1000000",
    ...settings,
  });
  const lax = await makeTenant(w, "lax", { self_registration: true, email_verification: false });
  const strict = await makeTenant(w, "strict", { mfa_policy: "required", email_verification: false });
  const closed = await makeTenant(w, "closed");
  await makePerson(w, lax, { email: "taken@example.com", username: "taken" });
  let slugs = 0;
  return Object.assign(w, { lax, strict, closed, newSlug: () => `tenant-${++slugs}` });
}

/** Who an outcome is about; `plain` unless it says otherwise. */
export const PEOPLE = {
  /** With a password, in one tenant. */
  plain: (w) => person(w, w.acme),
  "of two tenants": (w) => person(w, [w.acme, w.beta]),
  unverified: (w) => person(w, w.acme, { isVerified: false, isActive: false }),
  owner: (w) => person(w, w.acme, { role: "owner" }),
  admin: (w) => person(w, w.acme, { role: "admin" }),
  superuser: (w) => person(w, w.acme, { isSuperuser: true }),
  /** Nobody has an account of that name. */
  nobody: async (w) => named(w, w.acme),
  /** Every factor, and backup codes. */
  armed: (w) => newHolder(w),
  "with an app": async (w) => {
    const holder = await person(w, w.acme);
    return { ...holder, totpSecret: await enrolTotp(w, holder.userId) };
  },
  "with mailed codes": async (w) => {
    const holder = await person(w, w.acme);
    await enrolEmail(w, holder.userId);
    return { ...holder, backupCodes: await makeBackupCodes(w, holder.userId) };
  },
  "of a strict tenant too": async (w) => {
    const holder = await person(w, [w.acme, w.strict]);
    return { ...holder, totpSecret: await enrolTotp(w, holder.userId) };
  },
  "with a passkey that cannot go": async (w) => {
    const holder = await person(w, [w.acme, w.strict]);
    await addPasskey(w, holder.userId);
    return holder;
  },
  /** May do nothing but enrol a factor. */
  enrolling: (w) => person(w, w.strict, { isVerified: false }),
  "without an email": async (w) => {
    const holder = named(w, w.acme);
    const userId = await makePerson(w, w.acme, { username: holder.username });
    return { ...holder, userId };
  },
} satisfies Record<string, (w: OutcomeStage) => Promise<Holder>>;
export type Who = keyof typeof PEOPLE;

const named = (w: OutcomeStage, tenant: Tenant): Holder => {
  const email = w.newEmail();
  const nobody = { userId: "usr_nobody" as Holder["userId"], backupCodes: [], totpSecret: "" };
  return {
    ...nobody,
    email,
    username: email.split("@")[0] ?? "",
    password: PASSWORD,
    tenant,
    authenticator: undefined,
  };
};

async function person(
  w: OutcomeStage,
  into: Tenant | Tenant[],
  options: PersonOptions = {},
): Promise<Holder> {
  const holder = named(w, [into].flat()[0] ?? w.acme);
  const { email, username } = holder;
  return { ...holder, userId: await makePerson(w, into, { email, username, ...options }) };
}

/** One outcome's people and what they have at hand so far. */
export interface Scene {
  w: OutcomeStage;
  holder: Holder;
  bag: Map<string, unknown>;
}

type Make = (scene: Scene) => unknown;

const session = async ({ w, holder }: Scene, more: Partial<Session> = {}) =>
  signInForTokens(w.ctx, { userId: holder.userId, tenantId: holder.tenant.id, ...more });
const cookieOf = async ({ ctx }: OutcomeStage, who: Session): Promise<string> =>
  `${cookieName(ctx, "session")}=${(await signInForCookie(ctx, who)).cookie}`;
const STRONG = ["pwd", "otp", "mfa"];
/** Made once in a scene. */
async function once<Made>({ bag }: Scene, name: string, make: () => Promise<Made>): Promise<Made> {
  if (!bag.has(name)) bag.set(name, await make());
  return bag.get(name) as Made;
}

type Fields = Record<string, unknown>;
/** A sign-in at the portal whose second factor is due. */
const pendingOf = (scene: Scene): Promise<Fields> =>
  once(scene, "(pending)", async () => {
    const { email, password, tenant } = scene.holder;
    return (await portal(scene.w).login(email, password, tenant.id)).body.detail;
  });
/** One that waits for a code or for an approval. */
const waitingOf = (scene: Scene): Promise<Fields> =>
  once(scene, "(waiting)", async () => {
    const { email, password, tenant } = scene.holder;
    return (await portals(scene.w).login(tenant.id, email, password)).body;
  });
const begunOf = (scene: Scene): Promise<Fields & { options: Creation }> =>
  once(scene, "(begun)", async () => (await passkeysOf(scene.w, await textOf(scene, "token")).begin()).body);
const askedOf = (scene: Scene): Promise<Fields & { options: Request }> =>
  once(scene, "(asked)", async () => {
    const { mfa_token, user_id } = await pendingOf(scene);
    const pending = { mfa_token: String(mfa_token), user_id: String(user_id) };
    return (await beginAssertion(scene.w, pending, scene.holder.tenant.slug)).body.data;
  });
/** What anybody is asked who may have a passkey. */
const askedOfAnyone = (scene: Scene): Promise<Fields & { options: Request }> =>
  once(scene, "(asked of anyone)", async () => (await passkeyAlone(scene.w).begin()).body);
const ownTenant = (scene: Scene): Promise<Tenant> =>
  once(scene, "(own tenant)", () => makeTenant(scene.w, scene.w.newSlug()));
type Creation = Parameters<Authenticator["create"]>[0];
type Request = Parameters<Authenticator["get"]>[0];
/** What stands in a request as `$name`; made when first asked for, and the same from then on. Kinds of credentials besides. */
const THINGS: Record<string, Make> = {
  email: ({ holder }) => holder.email,
  username: ({ holder }) => holder.username,
  password: ({ holder }) => holder.password,
  user: ({ holder }) => holder.userId,
  tenant: ({ holder }) => holder.tenant.id,
  slug: ({ holder }) => holder.tenant.slug,
  "new email": ({ w }) => w.newEmail(),
  "new slug": ({ w }) => w.newSlug(),
  token: async (scene) => (await session(scene)).accessToken,
  "strong token": async (scene) => (await session(scene, { amr: STRONG })).accessToken,
  "old token": async (scene) =>
    (await session(scene, { amr: STRONG, authTime: scene.w.clock.now() - 16 * MINUTE })).accessToken,
  refresh: async (scene) => (await session(scene)).refreshToken,
  "session id": async (scene) => (await session(scene)).sessionId,
  "acting token": async ({ w, holder }) =>
    (await org(w, w.root).loginAs({ user_id: holder.userId, organization_id: holder.tenant.id })).body
      .access_token,
  "enrolling token": async ({ w, holder }) =>
    (await portal(w).login(holder.email, holder.password)).body.access_token,
  cookie: ({ w, holder }) => cookieOf(w, { userId: holder.userId, tenantId: holder.tenant.id }),
  "strong cookie": ({ w, holder }) =>
    cookieOf(w, { userId: holder.userId, tenantId: holder.tenant.id, amr: STRONG }),
  "root cookie": ({ w }) => cookieOf(w, { userId: w.rootId, tenantId: w.beta.id }),
  "acting cookies": async (scene) => {
    const secret = await textOf(scene, "acting cookie");
    const { ctx } = scene.w;
    return `${cookieName(ctx, "session")}=${String(scene.bag.get("own"))}; ${cookieName(ctx, "acting")}=${secret}`;
  },
  superuser: ({ w }) => w.root,
  "root id": ({ w }) => w.rootId,
  "key id": async ({ w, holder }) => {
    await makeKey(w.ctx, { userId: holder.userId, tenantId: holder.tenant.id });
    const row = await w.ctx.db.get<{ id: string }>`
      select id from api_keys where user_id = ${holder.userId} order by id desc limit 1`;
    return row?.id;
  },
  "device id": async (scene) => {
    await textOf(scene, "trusted-device token");
    const row = await scene.w.ctx.db.get<{ id: string }>`
      select id from trusted_devices where user_id = ${scene.holder.userId}`;
    return row?.id;
  },
  "passkey id": ({ w, holder }) => addPasskey(w, holder.userId),
  "only passkey": async ({ w, holder }) => {
    const row = await w.ctx.db.get<{ id: string }>`select id from passkeys where user_id = ${holder.userId}`;
    return row?.id;
  },
  "setup token": ({ w }) => setupToken(w.ctx),
  // Codes of an app: the step that is due now is unspent.
  "app code": ({ w, holder }) => totpCode(w.clock, holder.totpSecret),
  "wrong app code": ({ w, holder }) => wrongCode(w.clock, holder.totpSecret),
  "code of the begun app": ({ w, bag }) => totpCode(w.clock, String(bag.get("begun secret"))),
  "own backup code": ({ holder }) => holder.backupCodes.at(-1),
  // Of a sign-in at the portal of which the second factor is due.
  "pending token": async (scene) => (await pendingOf(scene))["mfa_token"],
  "mailed code": async ({ w, holder }) => mailedCode(w, holder.email),
  "waiting id": async (scene) => (await waitingOf(scene))["login_session_id"],
  "waiting number": async (scene) => (await waitingOf(scene))["match_number"],
  "wrong number": async (scene) => ((await waitingOf(scene))["match_number"] === "11" ? "22" : "11"),
  "device begun": async (scene) => (await begunOf(scene))["device_id"],
  "challenge begun": async (scene) => (await begunOf(scene))["challenge_id"],
  "credential made": async (scene) => scene.w.newAuthenticator().create((await begunOf(scene)).options),
  "challenge asked": async (scene) => (await askedOf(scene))["challenge_id"],
  "credential shown": async (scene) => scene.holder.authenticator?.get((await askedOf(scene)).options),
  "challenge for anyone": async (scene) => (await askedOfAnyone(scene))["challenge_id"],
  "credential for anyone": async (scene) =>
    scene.holder.authenticator?.get((await askedOfAnyone(scene)).options),
  // A tenant of the outcome's own, for what cannot be undone.
  "own tenant": async (scene) => (await ownTenant(scene)).id,
  "own owner": async (scene) => {
    const options = { email: scene.w.newEmail(), role: "owner", password: null } as const;
    return makePerson(scene.w, await ownTenant(scene), options);
  },
  "own admin token": async (scene) => {
    const tenant = await ownTenant(scene);
    const userId = await makePerson(scene.w, tenant, {
      email: scene.w.newEmail(),
      role: "admin",
      password: null,
    });
    return (await signInForTokens(scene.w.ctx, { userId, tenantId: tenant.id })).accessToken;
  },
};

/** What has happened before, by name. */
export const STEPS = {
  "five wrong passwords": async ({ w, holder }) => {
    for (let i = 0; i < 5; i++) await portal(w).login(holder.email, "not the password");
  },
  "the password was shown at token/": async ({ w, holder }) => {
    const { username, password } = holder;
    await w.send("POST", `${BASE}/token/`, { body: { username, password } });
  },
  "an app was begun": async (scene) => {
    const key = await textOf(scene, "token");
    const { body } = await scene.w.send("POST", `${BASE}/mfa/setup/`, { key });
    scene.bag.set("begun secret", body.secret);
  },
  "codes by mail were begun": async (scene) => {
    await scene.w.send("POST", "/api/v1/me/mfa/email/enable", { key: await textOf(scene, "token") });
  },
  "the code to stop mailed codes was sent": async (scene) => {
    await scene.w.send("POST", "/api/v1/me/mfa/email/enable", { key: await textOf(scene, "strong token") });
  },
  "ten keys were made": async ({ w, holder }) => {
    for (let i = 0; i < 10; i++) await makeKey(w.ctx, { userId: holder.userId, tenantId: holder.tenant.id });
  },
  "the last passkey that there was room for was another": async (scene) => {
    await begunOf(scene);
    await fillPasskeys(scene);
  },
  "twenty passkeys were added": (scene) => fillPasskeys(scene),
  "invited elsewhere": async (scene) => {
    const { w, holder } = scene;
    const body = { email: holder.email, role: "member", invite: true };
    await w.send("POST", `/api/v1/admin/tenants/${w.lax.id}/members`, { key: w.root, body });
  },
  "it was approved": async (scene) => {
    const { w } = scene;
    const key = await textOf(scene, "strong token");
    await portals(w).approve(key, await textOf(scene, "waiting id"), await textOf(scene, "waiting number"));
  },
  "it was rejected": async (scene) => {
    await portals(scene.w).reject(await textOf(scene, "strong token"), await textOf(scene, "waiting id"));
  },
  "its tokens were fetched": async (scene) => {
    const { w, holder } = scene;
    await portals(w).status(await textOf(scene, "waiting id"), { email: holder.email });
  },
  "a magic code was asked for": (scene) => thing(scene, "magic code"),
} satisfies Record<string, (scene: Scene) => Promise<unknown>>;
export type Step = keyof typeof STEPS;

/** What a name stands for in this scene. */
export async function thing(scene: Scene, name: string): Promise<unknown> {
  const { w, holder, bag } = scene;
  if (bag.has(name)) return bag.get(name);
  const make = THINGS[name];
  if (make) bag.set(name, await make(scene));
  else if (name in KINDS) {
    const { secret, extras = {} } = await KINDS[name as KindName].obtain(w, holder);
    for (const [extra, value] of Object.entries(extras)) bag.set(extra, value);
    bag.set(name, secret);
  } else throw new Error(`nothing is called $${name}`);
  return bag.get(name);
}

export const textOf = async (scene: Scene, name: string): Promise<string> => String(await thing(scene, name));

export async function openScene(w: OutcomeStage, who: Who): Promise<Scene> {
  return { w, holder: await PEOPLE[who](w), bag: new Map() };
}

async function fillPasskeys({ w, holder }: Scene): Promise<void> {
  for (let i = 0; i < passkeys.MOST_PASSKEYS; i++) {
    const id = w.ctx.id("psk") as PasskeyId;
    const record = { publicKey: "", signCount: 0, transports: "", name: "Full", userVerified: true };
    const flags = { backupEligible: 0, backedUp: false };
    await passkeys.create(w.ctx, { ...record, ...flags, id, userId: holder.userId, credentialId: id });
  }
}
