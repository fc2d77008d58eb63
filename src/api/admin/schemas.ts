// Requests and answers of the admin API (decisions §7). The settings of a tenant go by the names that they have everywhere.
import { Type } from "@sinclair/typebox";
import { t } from "elysia";
import {
  LONGEST_SLUG,
  LONGEST_URL,
  MOST_REDIRECT_URIS,
  PASSWORD_MIN_LENGTHS,
  SESSION_TTLS,
} from "../../core/tenant-settings.ts";
import { emailField, nameField, passwordField } from "../http/fields.ts";
import { pageOf, pageQuery } from "../http/page.ts";

const orNull = <Schema extends Parameters<typeof t.Optional>[0]>(schema: Schema) =>
  t.Union([schema, t.Null()]);
/** TypeBox's own: that of Elysia takes "1e5" for a number too. */
const whole = (bounds: { minimum: number; maximum: number }, example: number, description?: string) =>
  Type.Integer({ ...bounds, examples: [example], ...(description ? { description } : {}) });
const url = (example: string) => t.String({ minLength: 1, maxLength: LONGEST_URL, examples: [example] });
const time = t.String({ description: "RFC 3339, UTC", examples: ["2026-01-31T08:00:00.000Z"] });

const slug = t.String({ minLength: 1, maxLength: LONGEST_SLUG, examples: ["acme"] });
const tenantName = t.String({ minLength: 1, maxLength: 200, examples: ["Acme Inc"] });
const identity = t.Union([t.Literal("shared"), t.Literal("isolated")], {
  description: "Whether its accounts are those of the instance or a realm of its own; fixed at creation",
});
const role = t.Union([t.Literal("owner"), t.Literal("admin"), t.Literal("member")]);
const memberStatus = t.Union([t.Literal("active"), t.Literal("invited"), t.Literal("suspended")]);

const settings = {
  disabled: t.Boolean({ description: "Nobody can sign in; every sign-in there ends at once" }),
  self_registration: t.Boolean(),
  email_verification: t.Boolean(),
  captcha: t.Boolean(),
  mfa_policy: t.Union([t.Literal("optional"), t.Literal("required")]),
  password_min_length: whole(PASSWORD_MIN_LENGTHS, 8),
  session_ttl: whole(SESSION_TTLS, 86_400, "Seconds"),
  redirect_uris: t.Array(url("https://app.example.com/callback"), {
    maxItems: MOST_REDIRECT_URIS,
    description: "Compared by exact equality",
  }),
  default_redirect_uri: orNull(url("https://app.example.com/callback")),
  mail_from_name: orNull(t.String({ minLength: 1, maxLength: 200, examples: ["Acme"] })),
  mail_from_address: orNull(
    t.String({
      minLength: 1,
      maxLength: 254,
      examples: ["no-reply@acme.example"],
      description: "Changed by superusers only",
    }),
  ),
  brand_name: orNull(t.String({ minLength: 1, maxLength: 200, examples: ["Acme"] })),
  brand_logo_url: orNull(url("https://acme.example/logo.svg")),
  brand_color: orNull(t.String({ minLength: 1, maxLength: 7, examples: ["#1a2b3c"] })),
};
const givenSettings = t.Partial(t.Object(settings));

export const TenantQuery = t.Object(pageQuery);
export const TenantCreate = t.Composite([
  t.Object({ slug, name: tenantName, identity: t.Optional(identity) }),
  givenSettings,
]);
export const TenantUpdate = t.Composite([t.Partial(t.Object({ slug, name: tenantName })), givenSettings]);
export const AdminTenant = t.Composite(
  [
    t.Object({
      id: t.String(),
      slug: t.String(),
      name: t.String(),
      status: t.Union([t.Literal("active"), t.Literal("disabled")]),
      created_at: time,
      identity,
    }),
    t.Object(settings),
  ],
  { description: "A tenant with all its settings" },
);
export const AdminTenantList = pageOf(AdminTenant, "Tenants, the oldest first");

const username = t.String({ minLength: 1, maxLength: 254, examples: ["ada"] });
export const MemberQuery = t.Object({
  ...pageQuery,
  role: t.Optional(role),
  status: t.Optional(memberStatus),
});
export const MemberCreate = t.Object({
  email: t.Optional(emailField),
  username: t.Optional(username),
  first_name: t.Optional(nameField),
  last_name: t.Optional(nameField),
  role: t.Optional(role),
  password: t.Optional(passwordField),
  invite: t.Optional(t.Boolean({ description: "Ask by mail, and let the person choose the password" })),
});
export const MemberUpdate = t.Object({
  role: t.Optional(role),
  status: t.Optional(t.Union([t.Literal("active"), t.Literal("suspended")])),
});
export const AdminMember = t.Object(
  {
    user_id: t.String(),
    email: orNull(t.String()),
    username: orNull(t.String()),
    first_name: orNull(t.String()),
    last_name: orNull(t.String()),
    role,
    status: memberStatus,
    created_at: time,
  },
  { description: "A member of a tenant" },
);
export const AdminMemberList = pageOf(AdminMember, "Members, the oldest account first");

export const InvitationAcceptRequest = t.Object({
  token: t.String({ maxLength: 4096, examples: ["ost_inv_example"], description: "From the mailed link" }),
  password: t.Optional(passwordField),
  username: t.Optional(username),
  first_name: t.Optional(nameField),
  last_name: t.Optional(nameField),
});
export const InvitationAcceptResponse = t.Object(
  {
    status: t.Literal("ACTIVE"),
    user_id: t.String(),
    email: orNull(t.String()),
    tenant_id: t.String(),
    role,
  },
  { description: "Joined; sign in as usual" },
);

const yesOrNo = t.Union([t.Literal("true"), t.Literal("false")]);
export const UserQuery = t.Object({
  ...pageQuery,
  email: t.Optional(t.String({ minLength: 1, maxLength: 320 })),
  username: t.Optional(t.String({ minLength: 1, maxLength: 254 })),
  disabled: t.Optional(yesOrNo),
  tenant: t.Optional(t.String({ minLength: 1, maxLength: 100, description: "Id or slug" })),
});
export const UserUpdate = t.Object({
  disabled: t.Optional(t.Boolean({ description: "Nobody can sign in; every sign-in ends at once" })),
  first_name: t.Optional(orNull(nameField)),
  last_name: t.Optional(orNull(nameField)),
});
export const AdminUser = t.Object(
  {
    id: t.String(),
    realm: t.String({ description: "instance, or the id of the isolated tenant" }),
    email: orNull(t.String()),
    username: orNull(t.String()),
    first_name: orNull(t.String()),
    last_name: orNull(t.String()),
    email_verified: t.Boolean(),
    mfa_enabled: t.Boolean(),
    status: t.Union([t.Literal("active"), t.Literal("disabled"), t.Literal("unverified")]),
    disabled: t.Boolean(),
    superuser: t.Boolean(),
    created_at: time,
    tenants: t.Array(
      t.Object({ id: t.String(), slug: t.String(), name: t.String(), role, status: memberStatus }),
    ),
  },
  { description: "An account and where it is a member" },
);
export const AdminUserList = pageOf(AdminUser, "Accounts, the oldest first");
export const Message = t.Object({ message: t.String() }, { description: "Done" });

const userFilter = t.Optional(t.String({ minLength: 1, maxLength: 100, description: "Of that account" }));
const tenantFilter = t.Optional(t.String({ minLength: 1, maxLength: 100, description: "Id or slug" }));
export const SessionQuery = t.Object({ ...pageQuery, user_id: userFilter, tenant: tenantFilter });
export const AdminSession = t.Object(
  {
    id: t.String(),
    user_id: t.String(),
    tenant_id: t.String(),
    kind: t.Union([t.Literal("tokens"), t.Literal("cookie")]),
    actor_id: orNull(t.String({ description: "Who acts as the user; null: the user" })),
    amr: t.Array(t.String()),
    auth_time: time,
    address: t.String(),
    user_agent: orNull(t.String()),
    created_at: time,
    last_seen_at: time,
    expires_at: time,
  },
  { description: "What a sign-in opened" },
);
export const AdminSessionList = pageOf(AdminSession, "Sessions, the newest first");

export const AuditQuery = t.Object({
  ...pageQuery,
  user_id: t.Optional(t.String({ minLength: 1, maxLength: 100, description: "Done by or to that account" })),
  tenant: tenantFilter,
  event: t.Optional(t.String({ minLength: 1, maxLength: 100, examples: ["login.failed"] })),
  since: t.Optional(t.String({ minLength: 1, maxLength: 40, description: "RFC 3339: from then on" })),
});
export const AuditEntry = t.Object(
  {
    id: t.String(),
    at: time,
    event: t.String(),
    actor_id: orNull(t.String()),
    user_id: orNull(t.String()),
    tenant_id: orNull(t.String()),
    address: t.String(),
    user_agent: orNull(t.String()),
    request_id: t.String(),
    reason: orNull(t.String()),
  },
  { description: "What happened" },
);
export const AuditEntryList = pageOf(AuditEntry, "What happened, the latest first");

const mailStatus = t.Union([
  t.Literal("queued"),
  t.Literal("sent"),
  t.Literal("failed"),
  t.Literal("expired"),
]);
export const OutboxQuery = t.Object({ ...pageQuery, status: t.Optional(mailStatus) });
export const OutboxEntry = t.Object(
  {
    id: t.String(),
    kind: t.String(),
    tenant_id: orNull(t.String()),
    user_id: orNull(t.String()),
    status: mailStatus,
    attempts: Type.Integer(),
    next_attempt_at: time,
    last_error: orNull(t.String()),
    created_at: time,
    finished_at: orNull(time),
  },
  { description: "A mail, without its words" },
);
export const OutboxEntryList = pageOf(OutboxEntry, "Mail, the newest first");
