// Requests and answers of self-service (decisions §7).
import { t } from "elysia";
import { actingFields, nameField } from "../http/fields.ts";
import { pageOf, pageQuery } from "../http/page.ts";

const orNull = <Schema extends Parameters<typeof t.Optional>[0]>(schema: Schema) =>
  t.Union([schema, t.Null()]);
const time = t.String({ description: "RFC 3339, UTC" });

export const ProfileUpdate = t.Object({
  first_name: t.Optional(orNull(nameField)),
  last_name: t.Optional(orNull(nameField)),
});

const password = (example: string) => t.String({ minLength: 1, maxLength: 1024, examples: [example] });
export const PasswordChange = t.Object({
  current_password: password("the old password"),
  new_password: password("correct horse battery staple"),
});
export const PasswordChanged = t.Object({ message: t.String() }, { description: "Changed" });

export const OwnListQuery = t.Object(pageQuery);
export const OwnSession = t.Object(
  {
    id: t.String(),
    tenant_id: t.String(),
    kind: t.Union([t.Literal("tokens"), t.Literal("cookie")]),
    current: t.Boolean({ description: "The one that asks" }),
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
export const OwnSessionList = pageOf(OwnSession, "One's own sessions, the newest first");

export const ImpersonationStart = t.Object(actingFields);
export const ImpersonationStarted = t.Object(
  { user_id: t.String(), organization_id: t.String(), expires_at: time },
  { description: "This browser is that user now, to read; its own session stays" },
);

export const KeyCreate = t.Object({
  name: t.String({ minLength: 1, maxLength: 200, examples: ["backup script"] }),
});
const key = {
  id: t.String(),
  tenant_id: t.String(),
  kind: t.Union([t.Literal("login"), t.Literal("manual")]),
  name: orNull(t.String()),
  created_at: time,
  last_used_at: time,
  expires_at: time,
};
export const OwnKey = t.Object(
  { ...key, current: t.Boolean({ description: "The one that asks" }) },
  { description: "An API key, without the key itself" },
);
export const OwnKeyList = pageOf(OwnKey, "One's own API keys, the newest first");
export const KeyCreated = t.Object(
  { id: t.String(), name: t.String(), key: t.String({ description: "Shown this once" }) },
  { description: "Made" },
);

export const OwnDevice = t.Object(
  {
    id: t.String(),
    tenant_id: t.String(),
    current: t.Optional(
      t.Boolean({ description: "The browser that asks, by the cookie that it is trusted by" }),
    ),
    address: t.String(),
    user_agent: orNull(t.String()),
    created_at: time,
    last_used_at: time,
    expires_at: time,
  },
  { description: "A device on which the second factor is not asked for again, in one tenant" },
);
export const OwnDeviceList = pageOf(OwnDevice, "One's own trusted devices, the newest first");
