// No way of signing in goes around a second factor (issue 4, ASVS 6.3.4). Every path is a row, every kind of factor a column: a
// new path joins by its row, and is held against all of them.
import { describe, expect, test } from "bun:test";
import { transaction } from "../src/context.ts";
import type { UserId } from "../src/core/ids.ts";
import * as oneTimeSecrets from "../src/core/one-time-secrets.ts";
import { factorAdded } from "../src/flows/factor-change.ts";
import { identify } from "../src/flows/identify.ts";
import { userHandleOf } from "../src/flows/passkey-options.ts";
import { BASE, signIn } from "./support/key-group.ts";
import { tokenIn } from "./support/mailbox.ts";
import { newAuthenticator, passkeyAlone } from "./support/passkeys.ts";
import { makeTenant, PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { portals, sendForm } from "./support/portals.ts";
import {
  ADA,
  enrolEmail,
  enrolPasskey,
  enrolTotp,
  mailedCode,
  makeBackupCodes,
  signedInWith,
  type Town,
  town,
} from "./support/second-factors.ts";
import { client } from "./support/sessions.ts";
import { tenantOf, withCookie } from "./support/tenant-group.ts";
import type { Answer } from "./support/world.ts";

interface Kind {
  policy?: "required";
  enrol: (w: Town) => Promise<unknown>;
  /** What a sign-in then asks for. */
  methods: string[];
}

const KINDS: Record<string, Kind> = {
  TOTP: { enrol: (w) => enrolTotp(w, w.userId), methods: ["totp"] },
  "a passkey": { enrol: (w) => enrolPasskey(w, w.userId), methods: ["webauthn"] },
  email: { enrol: (w) => enrolEmail(w, w.userId), methods: ["email"] },
  "email and backup codes": {
    enrol: (w) => enrolEmail(w, w.userId).then(() => makeBackupCodes(w, w.userId)),
    methods: ["email", "backup_code"],
  },
  "all of them": {
    enrol: (w) =>
      Promise.all([
        enrolTotp(w, w.userId),
        enrolPasskey(w, w.userId),
        enrolEmail(w, w.userId),
        makeBackupCodes(w, w.userId),
      ]),
    methods: ["totp", "webauthn", "email", "backup_code"],
  },
  "TOTP where the tenant asks for one": {
    policy: "required",
    enrol: (w) => enrolTotp(w, w.userId),
    methods: ["totp"],
  },
  "none, where the tenant asks for one": {
    policy: "required",
    enrol: async () => undefined,
    methods: ["email"],
  },
};

interface Path {
  /** Everything that somebody with the password and the mailbox's links, but no factor, can do there; all that they hear. */
  walk: (w: Town) => Promise<Answer[]>;
  /** What the last answer must say. */
  ends: (methods: string[]) => object;
}

const asked = (data: object) => ({ status: 200, body: { data: { status: "MFA_REQUIRED", ...data } } });
const refusedAs = (status: number, code: string) => () => ({ status, body: { code } });
/** After a code to the mailbox another to the same is asked for only where there is nothing else. */
const askedAfterMagic = (methods: string[]) => {
  const others = methods.filter((method) => method !== "email");
  const available_methods = others.some((method) => method !== "backup_code") ? others : methods;
  return { status: 403, body: { code: "MFA_REQUIRED", detail: { available_methods } } };
};
const login = (w: Town) => tenantOf(w, "acme").login(ADA, PASSWORD);
const secretFor = (w: Town, purpose: "invitation" | "verify_email", tenantId = w.acme.id) =>
  transaction(w.ctx, (ctx) => oneTimeSecrets.create(ctx, { purpose, userId: w.userId, tenantId }));

const PATHS: Record<string, Path> = {
  "the portal's authenticate": {
    walk: async (w) => [await portal(w).signIn(ADA, PASSWORD, w.acme.id)],
    ends: (available_methods) => ({ status: 200, body: { status: "MFA_REQUIRED", available_methods } }),
  },
  "the portal's login": {
    walk: async (w) => [await portal(w).login(ADA, PASSWORD, w.acme.id)],
    ends: (available_methods) => ({
      status: 403,
      body: { code: "MFA_REQUIRED", detail: { code: "MFA_REQUIRED", available_methods } },
    }),
  },
  "the tenant's login": {
    walk: async (w) => [await login(w)],
    ends: (available_methods) => asked({ available_methods, default_method: available_methods[0] }),
  },
  "token/": {
    walk: async (w) => [await signIn(w, { username: "ada", password: PASSWORD })],
    ends: () => ({ status: 200, body: { key: "", requires_mfa: true } }),
  },
  "portal/login": {
    walk: async (w) => [await portals(w).login("acme")],
    ends: (available_methods) => ({ status: 200, body: { two_fa_required: true, available_methods } }),
  },
  "oauth2/login": {
    walk: async (w) => {
      const answer = await sendForm(w, { username: ADA, password: PASSWORD });
      return [{ ...answer, headers: new Headers() }];
    },
    ends: (available_methods) => ({ status: 200, body: { two_fa_required: true, available_methods } }),
  },
  "a magic code": {
    walk: async (w) => [await portals(w).magic(), await portals(w).verifyElsewhere(await mailedCode(w))],
    ends: (methods) => askedAfterMagic(methods),
  },
  "a magic code at a portal": {
    walk: async (w) => [await portals(w).magic("acme"), await portals(w).verify(await mailedCode(w))],
    ends: (methods) => askedAfterMagic(methods),
  },
  "a password reset at a portal, then portal/login": {
    walk: async (w) => {
      const forgot = await portals(w).forgot();
      const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
      const reset = await portals(w).reset({ token, password: PASSWORD });
      return [forgot, reset, await portals(w).login("acme")];
    },
    ends: (available_methods) => ({ status: 200, body: { two_fa_required: true, available_methods } }),
  },
  "verify-2fa out of nothing, and with a code that nobody sent": {
    walk: async (w) => {
      const { login_session_id } = (await portals(w).login("acme")).body;
      return [
        await portals(w).verifyElsewhere("000000"),
        await portals(w).verify("", { login_session_id }),
        await portals(w).verify("not a code", { login_session_id }),
      ];
    },
    ends: refusedAs(401, "INVALID_MFA_CODE"),
  },
  "polling without an approval": {
    walk: async (w) => {
      const waiting = await portals(w).login("acme");
      return [waiting, await portals(w).status(waiting.body.login_session_id)];
    },
    ends: () => ({ status: 200, body: { status: "pending" } }),
  },
  "password reset, then login": {
    walk: async (w) => {
      const acme = tenantOf(w, "acme");
      const forgot = await acme.forgot(ADA);
      const token = tokenIn(await w.mailbox.waitFor(ADA, "new password"));
      return [forgot, await acme.reset(token, PASSWORD), await login(w)];
    },
    ends: (available_methods) => asked({ available_methods }),
  },
  "an accepted invitation, then login": {
    walk: async (w) => {
      const { id } = await makeTenant(w, "gamma", { mfa_policy: w.acme.settings.mfa_policy });
      await w.ctx.db.run`
        insert into memberships (tenant_id, user_id, role, status, created_at)
        values (${id}, ${w.userId}, 'owner', 'invited', 1)`;
      const token = await secretFor(w, "invitation", id);
      const body = { token, password: PASSWORD };
      const accepted = await w.send("POST", `${BASE}/tenants/gamma/invitations/accept`, { body });
      expect(accepted.status).toBe(200);
      return [accepted, await tenantOf(w, "gamma").login(ADA, PASSWORD)];
    },
    ends: (available_methods) => asked({ available_methods }),
  },
  "registering again, then login": {
    walk: async (w) => [await tenantOf(w, "acme").register({ password: PASSWORD }), await login(w)],
    ends: (available_methods) => asked({ available_methods }),
  },
  "verifying the email once more, then login": {
    walk: async (w) => {
      const token = await secretFor(w, "verify_email");
      return [await tenantOf(w, "acme").verifyEmail(token), await login(w)];
    },
    ends: (available_methods) => asked({ available_methods }),
  },
  "a passkey alone, by whoever has none of hers": {
    walk: async (w) => {
      const begun = await passkeyAlone(w).begin({ tenant: "acme" });
      const { challenge_id, options } = begun.body;
      // The id of the one that is enrolled here.
      const forged = { credentialId: Buffer.from(`credential of ${w.userId}`) };
      const credential = newAuthenticator(w).get(options, { ...forged, userHandle: userHandleOf(w.userId) });
      return [begun, await passkeyAlone(w).complete({ challenge_id, credential })];
    },
    ends: refusedAs(401, "INVALID_CREDENTIALS"),
  },
  "setup/": {
    walk: async (w) => [
      await w.send("POST", `${BASE}/setup/`, { body: { username: "ada", password: PASSWORD } }),
    ],
    ends: refusedAs(409, "SETUP_ALREADY_COMPLETED"),
  },
  "mfa/verify without a factor": {
    walk: async (w) => {
      const { mfa_token, user_id } = (await login(w)).body.data;
      const shown = { mfa_token, user_id, code: "" };
      const answers: Answer[] = [];
      for (const method of ["totp", "email", "webauthn", "backup_code"])
        answers.push(await portal(w).verify({ ...shown, method }));
      return [...answers, await tenantOf(w, "acme").verifyMfa({ ...shown, method: "totp", code: null })];
    },
    ends: refusedAs(401, "INVALID_MFA_CODE"),
  },
};

/** Every text in an answer: tokens, ids, cookies. */
const textsOf = ({ body, headers }: Answer): string[] => [
  ...stringsIn(body),
  ...headers.getSetCookie().map((cookie) => /=([^;]*)/.exec(cookie)?.[1] ?? ""),
];
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Shows a text wherever a credential is asked for; true when it is believed anywhere. */
async function isWorth(w: Town, text: string): Promise<boolean> {
  const printable = encodeURIComponent(text);
  const answers = [
    await w.send("GET", `${BASE}/me/`, { key: printable }),
    await w.send("GET", "/api/v1/me", withCookie(printable)),
    await portal(w).refresh(text),
  ];
  return answers.some(({ status }) => status === 200);
}

for (const [kindName, { policy, enrol, methods }] of Object.entries(KINDS)) {
  describe(`with ${kindName}`, () => {
    const start = async () => {
      const w = await town({}, policy ? { policy } : {});
      await enrol(w);
      return w;
    };
    for (const [pathName, { walk, ends }] of Object.entries(PATHS)) {
      test(`${pathName} gives no session`, async () => {
        await using w = await start();
        const answers = await walk(w);
        expect(answers.at(-1)).toMatchObject(ends(methods));
        expect(await signedInWith(w, w.userId)).toEqual([]);
        for (const text of new Set(answers.flatMap(textsOf))) {
          expect([text, await isWorth(w, text)]).toEqual([text, false]);
        }
        expect(await w.ctx.db.all`select 1 as found from audit where event = 'login.succeeded'`).toEqual([]);
      });
    }
  });
}

describe("a session from before the first factor", () => {
  const added: [string, (w: Town) => Promise<unknown>, "totp_enabled" | "email_enabled" | "passkey_added"][] =
    [
      ["TOTP", (w) => enrolTotp(w, w.userId), "totp_enabled"],
      ["email", (w) => enrolEmail(w, w.userId), "email_enabled"],
      ["a passkey", (w) => enrolPasskey(w, w.userId), "passkey_added"],
    ];
  for (const [what, enrol, change] of added) {
    test(`cannot be refreshed once ${what} is on, nor does a refresh ever make one stronger`, async () => {
      await using w = await town();
      const old = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body;
      const own = (await portal(w).login(ADA, PASSWORD, w.acme.id)).body;
      const identity = await identify(
        w.ctx,
        { authorization: `Bearer ${own.access_token}`, cookie: null },
        false,
      );
      await enrol(w);
      await transaction(w.ctx, (ctx) => factorAdded(ctx, identity, change, client()));
      expect((await portal(w).refresh(old.refresh_token)).body.code).toBe("INVALID_REFRESH_TOKEN");
      expect(await portal(w).isAlive(old.access_token)).toBe(false);
      expect((await portal(w).refresh(own.refresh_token)).status).toBe(200);
      expect(await w.ctx.db.all`select amr, user_id from sessions`).toEqual([
        { amr: "pwd", user_id: w.userId satisfies UserId },
      ]);
    });
  }
});
