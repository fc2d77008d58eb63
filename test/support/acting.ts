// People of every rank in two tenants, and someone who acts as one of them.
import type * as tenants from "../../src/core/tenants.ts";
import type { UserId } from "../../src/core/ids.ts";
import type { SettingName } from "../../src/settings.ts";
import { org } from "./org-group.ts";
import { makePerson, makeTenant } from "./people.ts";
import { signInForCookie, signInForTokens } from "./sessions.ts";
import { withCookie } from "./tenant-group.ts";
import { type Answer, dump, type World, world } from "./world.ts";

/** Who acts: signed in at acme, the last two at beta. */
export const ACTORS = ["superuser", "owner", "admin", "member", "far superuser", "foreign owner"] as const;
/** As whom: members of acme, in whatever status, and one of beta. */
export const TARGETS = [
  "member",
  "admin",
  "owner",
  "superuser",
  "disabled",
  "unverified",
  "suspended",
  "invited",
  "foreign member",
] as const;
export type Acting = (typeof ACTORS)[number];
export type Target = (typeof TARGETS)[number];

export interface Stage extends World {
  acme: tenants.Tenant;
  beta: tenants.Tenant;
  actors: Record<Acting, UserId>;
  targets: Record<Target, UserId>;
  /** Signs an actor in, where they belong. */
  bearerOf(who: Acting): Promise<string>;
  /** The same in a browser. */
  cookieOf(who: Acting): Promise<{ sessionId: string; cookie: string }>;
  /** Sends what lets a browser act as another. */
  actInBrowser(cookie: string, body: object): Promise<Answer>;
  /** The access token of an actor as a target. */
  act(who: Acting, as: Target, more?: object): Promise<string>;
}

export async function stage(settings: Partial<Record<SettingName, string>> = {}): Promise<Stage> {
  const w = await world(settings);
  const [acme, beta] = [await makeTenant(w, "acme"), await makeTenant(w, "beta")];
  const person = (name: string, more: Parameters<typeof makePerson>[2] = {}, at = acme) =>
    makePerson(w, at, { email: `${name}@example.com`, username: name, password: null, ...more });
  const actors = {
    superuser: await person("root", { isSuperuser: true }),
    owner: await person("owner", { role: "owner" }),
    admin: await person("admin", { role: "admin" }),
    member: await person("member"),
    "far superuser": await person("far-root", { isSuperuser: true }, beta),
    "foreign owner": await person("far-owner", { role: "owner" }, beta),
  };
  const targets = {
    member: await person("t-member"),
    admin: await person("t-admin", { role: "admin" }),
    owner: await person("t-owner", { role: "owner" }),
    superuser: await person("t-root", { isSuperuser: true }),
    disabled: await person("t-disabled"),
    unverified: await person("t-unverified", { isActive: false, isVerified: false }),
    suspended: await person("t-suspended", { status: "suspended" }),
    invited: await person("t-invited", { status: "invited" }),
    "foreign member": await person("t-far", {}, beta),
  };
  await w.ctx.db.run`update users set disabled_at = 1 where id = ${targets.disabled}`;
  const at = (who: Acting) => ({
    userId: actors[who],
    tenantId: who === "far superuser" || who === "foreign owner" ? beta.id : acme.id,
  });
  const bearerOf = async (who: Acting) => (await signInForTokens(w.ctx, at(who))).accessToken;
  const cookieOf = (who: Acting) => signInForCookie(w.ctx, at(who));
  const actInBrowser = (cookie: string, body: object) =>
    w.send("POST", "/api/v1/me/impersonation", { ...withCookie(cookie), body });
  const act = async (who: Acting, as: Target, more: object = {}) => {
    const { status, body } = await org(w, await bearerOf(who)).loginAs({ user_id: targets[as], ...more });
    if (status !== 200) throw new Error(`login-as-user answered ${status}`);
    return String(body.access_token);
  };
  return Object.assign(w, { acme, beta, actors, targets, bearerOf, cookieOf, actInBrowser, act });
}

/** Every row but those of the audit log; of mail only that it is there, as it is delivered meanwhile. */
export function stored(w: Stage): Record<string, unknown> {
  const { audit: _, outbox = [], ...rest } = dump(w);
  return { ...rest, mails: outbox.length };
}
