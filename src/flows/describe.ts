// What is told about tenants, members, accounts and audit entries, on the wire and on the command line alike: named fields and
// nothing else, times in RFC 3339.
import type { Account } from "../core/accounts.ts";
import type { ApiKey } from "../core/api-keys.ts";
import { type AuditRow, instant } from "../core/audit-chain.ts";
import type { LooseRow } from "../core/audit-rows.ts";
import type { Member } from "../core/memberships.ts";
import type { OutboxEntry } from "../core/outbox.ts";
import type { Session } from "../core/sessions.ts";
import type { Tenant } from "../core/tenants.ts";
import type { ListedDevice } from "../core/trusted-devices.ts";
import { type Actor, OPERATOR } from "./authority.ts";
import { decidesAlone } from "./place-person.ts";

/** RFC 3339 in UTC; null stays null. */
export const rfc3339 = <Ms extends number | null>(ms: Ms): Ms extends number ? string : string | null =>
  (ms === null ? null : new Date(ms).toISOString()) as Ms extends number ? string : string | null;

export const describeTenant = ({ id, slug, name, identity, settings, disabledAt, createdAt }: Tenant) => ({
  id,
  slug,
  name,
  status: disabledAt === null ? ("active" as const) : ("disabled" as const),
  created_at: rfc3339(createdAt),
  identity,
  disabled: disabledAt !== null,
  ...settings,
});

/**
 * Of an account of the instance that has not accepted yet, a tenant's admin learns no more than the email that the admin gave;
 * and the id, without which the invitation could not be withdrawn.
 */
export function describeMember(member: Member, tenant: Tenant, actor: Actor = OPERATOR) {
  const { userId, email, username, firstName, lastName, role, status, createdAt, activeAt } = member;
  const isHidden = status === "invited" && activeAt !== null && !decidesAlone(actor, tenant);
  return {
    user_id: userId,
    email,
    username: isHidden ? null : username,
    first_name: isHidden ? null : firstName,
    last_name: isHidden ? null : lastName,
    role,
    status,
    created_at: rfc3339(createdAt),
  };
}

export const describeAccount = (account: Account) => ({
  id: account.id,
  realm: account.realm,
  email: account.email,
  username: account.username,
  first_name: account.firstName,
  last_name: account.lastName,
  email_verified: account.emailVerifiedAt !== null,
  status: statusOf(account),
  disabled: account.disabledAt !== null,
  superuser: account.superuserAt !== null,
  created_at: rfc3339(account.createdAt),
});

function statusOf({ disabledAt, activeAt }: Account): "active" | "disabled" | "unverified" {
  if (disabledAt !== null) return "disabled";
  return activeAt === null ? "unverified" : "active";
}

export const describeEntry = (entry: LooseRow) => ({
  id: entry.id,
  at: instant(entry.at),
  event: entry.event,
  actor_id: entry.actorId,
  user_id: entry.userId,
  tenant_id: entry.tenantId,
  address: entry.address,
  user_agent: entry.userAgent,
  request_id: entry.requestId,
  reason: entry.reason,
});

/** An entry with its place in the chain: what its MAC is over, in that order, and the MAC (core/audit-chain.ts). */
export const describeLink = (entry: AuditRow) => ({
  seq: entry.seq,
  prev: entry.prev,
  ...describeEntry(entry),
  mac: entry.mac,
});

export const describeSession = (session: Session) => ({
  id: session.id,
  user_id: session.userId,
  tenant_id: session.tenantId,
  kind: session.kind,
  actor_id: session.actorId,
  amr: session.amr.split(" "),
  auth_time: rfc3339(session.authTime),
  address: session.address,
  user_agent: session.userAgent,
  created_at: rfc3339(session.createdAt),
  last_seen_at: rfc3339(session.lastSeenAt),
  expires_at: rfc3339(session.expiresAt),
});

export const describeKey = (key: ApiKey) => ({
  id: key.id,
  tenant_id: key.tenantId,
  kind: key.kind,
  name: key.name,
  created_at: rfc3339(key.createdAt),
  last_used_at: rfc3339(key.lastUsedAt),
  expires_at: rfc3339(key.expiresAt),
});

export const describeMail = (mail: OutboxEntry) => ({
  id: mail.id,
  kind: mail.kind,
  tenant_id: mail.tenantId,
  user_id: mail.userId,
  status: mail.status,
  attempts: mail.attempts,
  next_attempt_at: rfc3339(mail.nextAttemptAt),
  last_error: mail.lastError,
  created_at: rfc3339(mail.createdAt),
  finished_at: rfc3339(mail.finishedAt),
});

export const describeDevice = (device: ListedDevice) => ({
  id: device.id,
  tenant_id: device.tenantId,
  current: device.isShown === 1,
  address: device.address,
  user_agent: device.userAgent,
  created_at: rfc3339(device.createdAt),
  last_used_at: rfc3339(device.lastUsedAt),
  expires_at: rfc3339(device.expiresAt),
});
