// A place to administer: two shared tenants and one isolated, and people of every role in them.
import type { SessionId, TenantId, UserId } from "../../src/core/ids.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import { setUpAdmin } from "./key-group.ts";
import { makePerson, makeTenant } from "./people.ts";
import { signInForKey, signInForTokens } from "./sessions.ts";
import { type Answer, type SendOptions, type World, world } from "./world.ts";

export const A = "/api/v1/admin";

/** Who asks: the last two administer nothing in acme, and the very last is not signed in. */
export const ROLES = ["superuser", "owner", "admin", "member", "foreign owner", "stranger"] as const;
export type Asker = (typeof ROLES)[number];

export interface Place extends World {
  acme: Tenant;
  other: Tenant;
  iso: Tenant;
  /** A member and a second owner of acme, with a session each. */
  target: UserId;
  secondOwner: UserId;
  targetSession: SessionId;
  ownerSession: SessionId;
  ids: Record<Exclude<Asker, "superuser" | "stranger">, UserId>;
  keys: Record<Asker, string | undefined>;
  ask(who: Asker, method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function place(settings: Parameters<typeof world>[0] = {}): Promise<Place> {
  const w = await world(settings);
  const root = await setUpAdmin(w);
  const [acme, other, iso] = [
    await makeTenant(w, "acme"),
    await makeTenant(w, "other"),
    await makeTenant(w, "iso", { identity: "isolated" }),
  ];
  const person = (name: string, tenant: Tenant, role: "owner" | "admin" | "member") =>
    makePerson(w, tenant, { email: `${name}@example.com`, password: null, role });
  const ids = {
    owner: await person("owner", acme, "owner"),
    admin: await person("admin", acme, "admin"),
    member: await person("member", acme, "member"),
    "foreign owner": await person("foreigner", other, "owner"),
  };
  const target = await person("target", acme, "member");
  const secondOwner = await person("second", acme, "owner");
  const key = (userId: UserId, tenantId: TenantId) => signInForKey(w.ctx, { userId, tenantId });
  const keys = {
    superuser: root,
    owner: await key(ids.owner, acme.id),
    admin: await key(ids.admin, acme.id),
    member: await key(ids.member, acme.id),
    "foreign owner": await key(ids["foreign owner"], other.id),
    stranger: undefined,
  };
  const session = async (userId: UserId) =>
    (await signInForTokens(w.ctx, { userId, tenantId: acme.id })).sessionId;
  return Object.assign(w, {
    acme,
    other,
    iso,
    target,
    secondOwner,
    targetSession: await session(target),
    ownerSession: await session(secondOwner),
    ids,
    keys,
    ask: (who: Asker, method: string, path: string, body?: unknown) => {
      const [key, options]: [string | undefined, SendOptions] = [
        keys[who],
        body === undefined ? {} : { body },
      ];
      return w.send(method, A + path, key === undefined ? options : { ...options, key });
    },
  });
}
