// Tenants and people of a test, made by the nouns themselves.
import { positionOf } from "../../src/core/decoys.ts";
import { canonicalEmail } from "../../src/core/emails.ts";
import type { TenantId, UserId } from "../../src/core/ids.ts";
import { parseUsername } from "../../src/core/logins.ts";
import type { Role } from "../../src/core/ids.ts";
import * as memberships from "../../src/core/memberships.ts";
import * as passwords from "../../src/core/passwords.ts";
import * as tenants from "../../src/core/tenants.ts";
import * as users from "../../src/core/users.ts";
import { transaction } from "../../src/context.ts";
import type { World } from "./world.ts";

export const PASSWORD = "correct horse battery";

export interface TenantOptions extends Partial<tenants.Tenant["settings"]> {
  identity?: "shared" | "isolated";
}

/** A tenant whose slug is also its name. */
export async function makeTenant(
  { ctx }: Pick<World, "ctx">,
  slug: string,
  { identity = "shared", ...settings }: TenantOptions = {},
): Promise<tenants.Tenant> {
  const id = await tenants.create(ctx, { slug, name: slug, identity, settings });
  const tenant = id && (await tenants.find(ctx, id));
  if (!tenant) throw new Error(`tenant ${slug} was not made`);
  return tenant;
}

export interface PersonOptions {
  email?: string;
  username?: string;
  password?: string | null;
  role?: Role;
  status?: memberships.MembershipStatus;
  isVerified?: boolean;
  isActive?: boolean;
  isSuperuser?: boolean;
  firstName?: string;
  lastName?: string;
}

/** An account with a verified email, in one or more tenants of one realm. */
export async function makePerson(
  { ctx }: Pick<World, "ctx">,
  into: tenants.Tenant | tenants.Tenant[],
  options: PersonOptions = {},
): Promise<UserId> {
  const homes = [into].flat();
  const [home] = homes;
  const email = options.email === undefined ? undefined : canonicalEmail(options.email);
  const { password = PASSWORD, role = "member", status = "active" } = options;
  const passwordHash = password === null ? null : await passwords.hash(ctx, password);
  return transaction(ctx, async (ctx) => {
    const userId = await users.create(ctx, {
      realm: home ? tenants.realmOf(home) : "instance",
      email: email
        ? { address: email, isVerified: options.isVerified ?? true, decoyPosition: positionOf(ctx, email) }
        : null,
      username: options.username === undefined ? null : (parseUsername(options.username) ?? null),
      firstName: options.firstName ?? null,
      lastName: options.lastName ?? null,
      passwordHash,
      isActive: options.isActive ?? true,
      isSuperuser: options.isSuperuser ?? false,
    });
    if (!userId) throw new Error("the account was not made");
    for (const { id } of homes) await memberships.create(ctx, { tenantId: id, userId, role, status });
    return userId;
  });
}

/** Takes something away from under a session; put back by hand where a test needs it. */
export const suspend = ({ ctx }: Pick<World, "ctx">, userId: UserId, tenantId: TenantId) =>
  ctx.db.run`
    update memberships set status = 'suspended' where user_id = ${userId} and tenant_id = ${tenantId}`;
