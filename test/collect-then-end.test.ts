// Whatever ends a sign-in ends all of it (A28, A61, decisions §1, §7): each kind of credential is collected, then its user,
// membership or tenant is ended in one of these ways, and the credential is offered where it worked. Lifting that again revives none.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { accepted, CONSUMERS } from "./support/consumers.ts";
import {
  eachOf,
  forgetTries,
  type Held,
  type Holder,
  holderFor,
  KIND_NAMES,
  type KindName,
  KINDS,
  openStage,
  type Stage,
} from "./support/credential-kinds.ts";
import { tokenIn } from "./support/mailbox.ts";
import { makeTenant } from "./support/people.ts";
import { enrolTotp } from "./support/second-factors.ts";
import { signInForTokens } from "./support/sessions.ts";
import { tenantOf, withCookie } from "./support/tenant-group.ts";
import type { Answer } from "./support/world.ts";

/** Kinds that a given event leaves alive, and why. */
type Spared = Partial<Record<KindName, string>>;

interface Event {
  end: (w: Stage, holder: Holder, held: Held, begun: string) => Promise<Answer | undefined>;
  /** What has to be done before, and does not end anything yet. */
  begin?: (w: Stage, holder: Holder) => Promise<string>;
  /** The other way round, where there is one. */
  lift?: (w: Stage, holder: Holder) => Promise<Answer>;
  /** By default: all that belong to a user. */
  only?: readonly KindName[];
  spares?: Spared;
  /** What works again when it is lifted. */
  revives?: Spared;
}

const NEXT = "another horse battery";

/** Of no user, or opening nothing. */
const NOBODYS: readonly KindName[] = ["captcha solution", "setup token", "device cookie"];
const PENDING: readonly KindName[] = ["verify-email token", "invitation token"];
const THEIRS = KIND_NAMES.filter((name) => !NOBODYS.includes(name));
const SIGNED_IN = THEIRS.filter((name) => !PENDING.includes(name));

const FACTORS: Spared = {
  "TOTP code":
    "factors belong to the account and not to a sign-in: the password is asked for beside them (§1, §2 tenant)",
  "backup code": "likewise",
};
const FLOW: Spared = {
  "flow token":
    "carries an email and nothing that the client does not know; the password is asked for beside it (§1)",
};

const ALONE: Spared = {
  "challenge of a passkey alone":
    "names nobody: the passkey is shown beside it, which belongs to the account, and is judged by what is true then",
};
/** What is judged anew, and by what is true then. */
const JUDGED: Spared = { ...FACTORS, ...FLOW, ...ALONE };

const admin = (w: Stage, method: string, path: string, body?: object) =>
  w.send(method, `/api/v1/admin${path}`, { key: w.root, ...(body && { body }) });
const member = ({ tenant, userId }: Holder) => `/tenants/${tenant.id}/members/${userId}`;

const EVENTS: Record<string, Event> = {
  "disabling the user": {
    end: (w, { userId }) => admin(w, "PATCH", `/users/${userId}`, { disabled: true }),
    lift: (w, { userId }) => admin(w, "PATCH", `/users/${userId}`, { disabled: false }),
    revives: { ...FACTORS, ...FLOW },
  },
  "deleting the user": { end: (w, { userId }) => admin(w, "DELETE", `/users/${userId}`) },
  "suspending the membership": {
    end: (w, holder) => admin(w, "PATCH", member(holder), { status: "suspended" }),
    lift: (w, holder) => admin(w, "PATCH", member(holder), { status: "active" }),
    revives: { ...FACTORS, ...FLOW },
  },
  "removing the membership": {
    end: (w, holder) => admin(w, "DELETE", member(holder)),
    lift: (w, { tenant, email }) =>
      admin(w, "POST", `/tenants/${tenant.id}/members`, { email, role: "member", invite: true }),
    revives: { ...FACTORS, ...FLOW },
  },
  "disabling the tenant": {
    end: (w, { tenant }) => admin(w, "PATCH", `/tenants/${tenant.id}`, { disabled: true }),
    lift: (w, { tenant }) => admin(w, "PATCH", `/tenants/${tenant.id}`, { disabled: false }),
    revives: { ...FACTORS, ...FLOW },
  },
  "deleting the tenant": { end: (w, { tenant }) => admin(w, "DELETE", `/tenants/${tenant.id}`) },
  "resetting the password": {
    begin: async (w, { tenant, email }) => {
      await forgetTries(w);
      await tenantOf(w, tenant.slug).forgot(email);
      return resetToken(w, email);
    },
    end: (w, holder, _, token) => {
      holder.password = NEXT;
      return tenantOf(w, holder.tenant.slug).reset(token, NEXT);
    },
    only: THEIRS.filter((name) => name !== "verify-email token" && name !== "invitation token"),
    spares: JUDGED,
  },
  "changing the password": {
    end: async (w, holder) => {
      const { userId, tenant, password } = holder;
      const who = { userId, tenantId: tenant.id, amr: ["pwd", "otp", "mfa"] };
      const { accessToken: key } = await signInForTokens(w.ctx, who);
      const body = { current_password: password, new_password: NEXT };
      holder.password = NEXT;
      return w.send("POST", "/api/v1/me/password", { key, body });
    },
    only: SIGNED_IN,
    spares: {
      ...JUDGED,
      "API key made by hand": "keys made by hand are no sign-ins (ASVS 7.4.3)",
    },
  },
  "a superuser's resetting the factors": {
    end: async (w, { userId, authenticator }) => {
      const answer = await admin(w, "DELETE", `/users/${userId}/mfa`);
      // Without a factor everything that spares one would pass.
      if (authenticator) await enrolTotp(w, userId);
      return answer;
    },
    spares: FLOW,
  },
  "logging out": {
    end: (w, _, { bearer, cookie }) =>
      w.send("POST", "/api/v1/auth/logout", {
        ...(bearer === undefined ? withCookie(cookie ?? "") : { key: bearer }),
        body: {},
      }),
    // What hangs on the session that is left.
    only: [
      "access token",
      "refresh token",
      "session cookie",
      "API key of a login",
      "API key made by hand",
      "exchange code",
      "public id of a waiting login",
      "approved login",
      "trusted-device token",
      "impersonation token",
      "acting cookie",
    ],
    spares: {
      "API key made by hand": "made to outlive the session",
      "public id of a waiting login": "another sign-in, for any session of its user to answer",
      "trusted-device token": "30 days, for the next sign-in on that device",
    },
  },
};

let w: Stage;
beforeAll(async () => {
  w = await openStage();
});
afterAll(() => w[Symbol.asyncDispose]());

async function resetToken(w: Stage, email: string): Promise<string> {
  const mail = await w.mailbox.waitFor(email, /password/);
  return mail.text.includes("token=") ? tokenIn(mail) : resetToken(w, email);
}

interface Collected {
  name: KindName;
  holder: Holder;
  held: Held;
}

let places = 0;
/** A tenant of its own for each credential, so that a tenant's end is that of one. */
async function collect(name: KindName): Promise<Collected> {
  const tenant = await makeTenant(w, `home${++places}`, { self_registration: true });
  const holder = await holderFor(w, KINDS[name], tenant);
  const held = await KINDS[name].obtain(w, holder);
  return { name, holder, held };
}

/** Where it is offered, and the answers; who shows it knows the password, and whatever else it takes. */
async function offer({ name, holder, held }: Collected): Promise<boolean[]> {
  const isTaken: boolean[] = [];
  for (const consumer of Object.values(CONSUMERS)) {
    if (!consumer.takes.includes(name)) continue;
    let extras = held.extras ?? {};
    try {
      // Another sign-in of the same person, where that is still possible.
      if (consumer.prepare && extras["mfa_token"] === undefined && extras["login_session_id"] === undefined)
        extras = { ...(await consumer.prepare(w, holder)), ...extras };
    } catch {
      // There is none any more.
    }
    const at = holder.tenant.slug;
    const answer = await consumer.offer({ w, holder, secret: held.secret, extras, at, held });
    expect(answer.status).toBeLessThan(500);
    isTaken.push(accepted(consumer, answer));
    if (isTaken.at(-1)) break;
  }
  return isTaken;
}

for (const [what, { begin, end, lift, only = THEIRS, spares = {}, revives = {} }] of Object.entries(EVENTS)) {
  describe(what, () => {
    let dead: Collected[] = [];
    const taken = async (collected: Collected[]): Promise<KindName[]> => {
      await forgetTries(w);
      const names = await eachOf(collected, async (one) =>
        (await offer(one)).includes(true) ? [one.name] : [],
      );
      return names.flat();
    };
    const sparedBy = (spared: Spared) => only.filter((name) => name in spared);

    test(`ends ${only.length - sparedBy(spares).length} kinds, and spares ${sparedBy(spares).length}`, async () => {
      dead = await eachOf(only, (name) => collect(name));
      await forgetTries(w);
      const answers = await eachOf(dead, async ({ name, holder, held }) => {
        const begun = (await begin?.(w, holder)) ?? "";
        return [name, await end(w, holder, held, begun)] as const;
      });
      expect(answers.filter(([, answer]) => (answer?.status ?? 500) >= 300)).toEqual([]);
      expect(await taken(dead)).toEqual(sparedBy(spares));
    });

    if (lift)
      test("revives none of them when it is lifted", async () => {
        await forgetTries(w);
        const answers = await eachOf(
          dead,
          async ({ name, holder }) => [name, await lift(w, holder)] as const,
        );
        expect(answers.filter(([, answer]) => answer.status >= 300)).toEqual([]);
        expect(await taken(dead)).toEqual(sparedBy(revives));
      });
  });
}

test("without any of it, every kind works", async () => {
  const alive = await eachOf(THEIRS, (name) => collect(name));
  await forgetTries(w);
  const works = await eachOf(alive, async (one) => ((await offer(one)).includes(true) ? [one.name] : []));
  expect(works.flat()).toEqual(THEIRS);
});

/** Each kind that signs in, with the password shown in the same request or long before. */
const SIGN_IN: readonly KindName[] = [
  "refresh token",
  "exchange code",
  "mfa token",
  "waiting login",
  "approved login",
  "TOTP code",
  "backup code",
  "email code",
  "webauthn challenge",
];
const WITH_PASSWORD: readonly KindName[] = ["trusted-device token", "challenge of a passkey alone"];
/** After these a password or a passkey opens something anew, and may: whoever shows the new one, or still has theirs. */
const LEAVE_A_PASSWORD = [
  "resetting the password",
  "changing the password",
  "a superuser's resetting the factors",
];
const OPENING =
  /mfa\/verify\.|passkey\/complete|login-verify|verify-2fa|refresh$|consume-cli-token\.code|browser-session|login-status|login\.trusted|s login$/;

describe("at the same moment as a sign-in that is just being finished,", () => {
  const later = () => Bun.sleep(Math.random() * 8);
  for (const [what, { begin, end }] of Object.entries(EVENTS)) {
    if (what === "logging out") continue;
    const kinds = LEAVE_A_PASSWORD.includes(what) ? SIGN_IN : [...SIGN_IN, ...WITH_PASSWORD];
    test(`${what} leaves nobody signed in, whoever comes first`, async () => {
      for (let round = 0; round < 3; round++) {
        const ready = await eachOf(kinds, async (name) => {
          const { holder, held } = await collect(name);
          const rows = Object.entries(CONSUMERS).filter(
            ([where, row]) => OPENING.test(where) && row.takes.includes(name),
          );
          const [, consumer] = rows[round % rows.length] ?? expect.unreachable();
          const extras = { ...(await consumer.prepare?.(w, holder)), ...held.extras };
          const begun = (await begin?.(w, holder)) ?? "";
          const shown = { w, holder, secret: held.secret, extras, at: holder.tenant.slug, held };
          return {
            name,
            holder,
            finish: () =>
              consumer.offer(shown).then((answer) => [answer.status < 500, accepted(consumer, answer)]),
            end: async () => ((await end(w, holder, held, begun))?.status ?? 500) < 300,
          };
        });
        await forgetTries(w);
        const [first, second, ...rest] = ready;
        if (!first || !second) throw new Error("too few");
        // Two in order, so that both outcomes are sure to be seen.
        expect([await first.finish(), await first.end()]).toEqual([[true, true], true]);
        expect([await second.end(), await second.finish()]).toEqual([true, [true, false]]);
        const over = await eachOf(rest, async ({ name, finish, end }) => {
          const both = [later().then(finish), later().then(end)] as const;
          const [[isNoFault], isEnded] = await Promise.all(both);
          return [name, isNoFault, isEnded];
        });
        expect(over).toEqual(rest.map(({ name }) => [name, true, true]));
        for (const { name, holder } of ready) expect([name, await whatIsLeft(holder)]).toEqual([name, []]);
      }
    });
  }
});

/** What the API gave to a user and is not over; the suites' own sessions come from elsewhere. */
const whatIsLeft = ({ userId }: Holder) =>
  w.ctx.db.all`
    select id from sessions where user_id = ${userId} and address in ('127.0.0.1', '::1')
    union all select id from api_keys where user_id = ${userId} and kind = 'login'
    union all select id from trusted_devices where user_id = ${userId}
    union all select id from login_requests where user_id = ${userId} and status = 'approved' and delivered_at is null`;
