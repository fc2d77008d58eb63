// Whoever does not know a password learns nothing about accounts: every kind of account, and none, gets the same answer, byte
// for byte but for what is random in each (ASVS 6.3.8; security.md A20, A23).
import { describe, expect, test } from "bun:test";
import { BASE } from "./support/key-group.ts";
import { makePerson, makeTenant } from "./support/people.ts";
import type { Tenant } from "../src/core/tenants.ts";
import type { Db, Value } from "../src/db/db.ts";
import { enrolEmail, enrolPasskey, enrolTotp, makeBackupCodes } from "./support/second-factors.ts";
import { send, type World, worldWithMail } from "./support/world.ts";

const EMAIL = "someone@example.com";

type Town = World & { acme: Tenant; beta: Tenant };

const KINDS: [string, (w: Town) => Promise<unknown>][] = [
  ["unknown", async () => {}],
  ["known", (w) => makePerson(w, w.acme, { email: EMAIL })],
  ["unverified", (w) => makePerson(w, w.acme, { email: EMAIL, isVerified: false, isActive: false })],
  ["without a password", (w) => makePerson(w, w.acme, { email: EMAIL, password: null })],
  ["invited", (w) => makePerson(w, w.acme, { email: EMAIL, status: "invited" })],
  ["suspended", (w) => makePerson(w, w.acme, { email: EMAIL, status: "suspended" })],
  ["of another tenant", (w) => makePerson(w, w.beta, { email: EMAIL })],
  ["of a realm of its own", async (w) => makePerson(w, await isolated(w), { email: EMAIL })],
  [
    "with every second factor",
    async (w) => {
      const id = await makePerson(w, w.acme, { email: EMAIL });
      await Promise.all([enrolTotp(w, id), enrolEmail(w, id), enrolPasskey(w, id), makeBackupCodes(w, id)]);
    },
  ],
  [
    "disabled",
    async (w) => {
      const id = await makePerson(w, w.acme, { email: EMAIL });
      await w.ctx.db.run`update users set disabled_at = 1 where id = ${id}`;
    },
  ],
];

const isolated = (w: Town) => makeTenant(w, "solo", { identity: "isolated" });

interface Probe {
  path: string;
  /** None: it is asked by GET. */
  body?: object;
  isForm?: true;
}

/** The id by which a magic code is bound, or would be. */
const magicId = async (w: Town, portal_id?: string): Promise<string> => {
  const path = portal_id === undefined ? "/v1/auth/request-magic-code" : "/v1/auth/portal/request-magic-code";
  return (await send(w.origin, "POST", path, { body: { email: EMAIL, portal_id } })).body.login_session_id;
};

const PROBES: Record<string, (w: Town) => Promise<Probe>> = {
  identify: async () => ({ path: `${BASE}/identify`, body: { email: EMAIL } }),
  authenticate: async (w) => {
    const { flow_token } = (await send(w.origin, "POST", `${BASE}/identify`, { body: { email: EMAIL } }))
      .body;
    return {
      path: `${BASE}/authenticate`,
      body: { flow_token, password: "wrong password", tenant_id: w.acme.id },
    };
  },
  "authenticate without a tenant": async (w) => {
    const { flow_token } = (await send(w.origin, "POST", `${BASE}/identify`, { body: { email: EMAIL } }))
      .body;
    return { path: `${BASE}/authenticate`, body: { flow_token, password: "wrong password" } };
  },
  login: async () => ({ path: `${BASE}/login`, body: { email: EMAIL, password: "wrong password" } }),
  "login at a tenant": async () => ({
    path: `${BASE}/tenants/acme/login`,
    body: { email: EMAIL, password: "wrong password" },
  }),
  "token/": async () => ({ path: `${BASE}/token/`, body: { username: EMAIL, password: "wrong password" } }),
  "mfa/login-verify/": async () => ({
    path: `${BASE}/mfa/login-verify/`,
    body: { username: EMAIL, code: "123456" },
  }),
  forgot: async () => ({ path: `${BASE}/tenants/acme/forgot-password`, body: { email: EMAIL } }),
  "portal/login": async () => ({
    path: "/v1/auth/portal/login",
    body: { email: EMAIL, password: "wrong password", portal_id: "acme" },
  }),
  "oauth2/login": async () => ({
    path: "/v1/oauth2/login",
    body: { username: EMAIL, password: "wrong password" },
    isForm: true,
  }),
  "verify-2fa with nothing begun": async () => ({
    path: "/v1/oauth2/verify-2fa",
    body: { email: EMAIL, code: "123456" },
  }),
  "portal/verify-2fa with a magic code begun": async (w) => {
    const login_session_id = await magicId(w, "acme");
    return {
      path: "/v1/auth/portal/verify-2fa",
      body: { email: EMAIL, code: "12345x", login_session_id, portal_id: "acme" },
    };
  },
  "verify-2fa with a magic code begun, by address": async (w) => {
    await magicId(w);
    return { path: "/v1/oauth2/verify-2fa", body: { email: EMAIL, code: "12345x" } };
  },
  "request-magic-code": async () => ({ path: "/v1/auth/request-magic-code", body: { email: EMAIL } }),
  "portal/request-magic-code": async () => ({
    path: "/v1/auth/portal/request-magic-code",
    body: { email: EMAIL, portal_id: "acme" },
  }),
  "login-status of a magic code": async (w) => {
    const query = new URLSearchParams({ email: EMAIL, session_id: await magicId(w, "acme") });
    return { path: `/v1/auth/login-status?${query.toString()}` };
  },
  "login-status of what was made up": async () => ({
    path: `/v1/auth/login-status?${new URLSearchParams({ email: EMAIL, session_id: "ost_lrq_x" }).toString()}`,
  }),
  "portal/forgot-password": async () => ({
    path: "/v1/auth/portal/forgot-password",
    body: { email: EMAIL, portal_id: "acme" },
  }),
  register: async () => ({
    path: `${BASE}/tenants/acme/register`,
    body: { email: EMAIL, password: "correct horse battery", first_name: "Some", last_name: "One" },
  }),
};

const RANDOM = ["x-request-id", "date"];
const MASK = /"(flow_token|user_id|request_id|timestamp|login_session_id)":"[^"]*"/g;

/** The whole answer, without what is random in each. What is masked keeps its length. */
async function shownBy(w: Town, { path, body, isForm }: Probe): Promise<string> {
  const sent = isForm
    ? { method: "POST", body: new URLSearchParams({ ...body }) }
    : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(w.origin + path, body ? sent : {});
  const headers = [...response.headers].filter(([name]) => !RANDOM.includes(name));
  const text = (await response.text()).replaceAll(MASK, (pair, name) => `${name}:${pair.length}`);
  return JSON.stringify([response.status, headers, text]);
}

/** Two tenants with a person each, so that there is something to imitate; every identify shows one of them. */
async function town(): Promise<Town & AsyncDisposable> {
  const w = await worldWithMail();
  const acme = await makeTenant(w, "acme", { self_registration: true });
  const beta = await makeTenant(w, "beta");
  await makePerson(w, acme, { email: "resident@example.com" });
  return Object.assign(w, { acme, beta });
}

describe.each(Object.entries(PROBES))("%s", (name, probe) => {
  test("answers alike for every kind of account and for none, at every try", async () => {
    const shown: [string, string[]][] = [];
    for (const [kind, make] of KINDS) {
      await using w = await town();
      await make(w);
      const answers: string[] = [];
      // Past the free failures, so that limits too must look alike.
      for (let i = 0; i < 7; i++) answers.push(await shownBy(w, await probe(w)));
      // Tenants are what identify is there to tell: whose they are must not show.
      const tenants = /"tenants\\":\[.*?\]/;
      shown.push([kind, name === "identify" ? answers.map((text) => text.replace(tenants, "")) : answers]);
    }
    const first = shown[0]?.[1] ?? [];
    for (const [kind, answers] of shown) expect([kind, answers]).toEqual([kind, first]);
  });
});

/** Every statement that the server sends to the database from now on, as it stands in the code, and every hash that it computes. */
function statementsOf({ ctx }: World): string[] {
  const sent: string[] = [];
  const note = (text: TemplateStringsArray, values: Value[]) => {
    // Stands for the row of a code that is there with an account only: `verify-2fa` writes the one or the other.
    if (values[0] !== "nobody") sent.push(text.join("?").replaceAll(/\s+/g, " ").trim());
  };
  const noting = ({ get, recall, all, run }: Omit<Db, "tx">): Omit<Db, "tx"> => ({
    get(text, ...values) {
      note(text, values);
      return get(text, ...values);
    },
    recall(text, ...values) {
      note(text, values);
      return recall(text, ...values);
    },
    all(text, ...values) {
      note(text, values);
      return all(text, ...values);
    },
    run(text, ...values) {
      note(text, values);
      return run(text, ...values);
    },
  });
  const within = (db: Db): Db => ({
    ...noting(db),
    tx(work, options) {
      sent.push("tx");
      return db.tx((inner) => work(within(inner)), options);
    },
  });
  Object.assign(ctx.db, within({ ...ctx.db }));
  const { hasher } = ctx;
  ctx.hasher = {
    ...hasher,
    reserve() {
      const place = hasher.reserve();
      return {
        hash: (password) => (sent.push("hash"), place.hash(password)),
        verify: (password, phc) => (sent.push("verify"), place.verify(password, phc)),
        [Symbol.dispose]: () => place[Symbol.dispose](),
      };
    },
  };
  return sent;
}

describe("to the time of an answer", () => {
  /** Mail goes on by itself, and how often the ring of decoys is looked at is another for each email. */
  const isOfRequest = (text: string) => !/ outbox (where|set)|update outbox|decoy_position/.test(text);
  const makes = new Map(KINDS);

  for (const [name, probe] of Object.entries(PROBES)) {
    // Making an account and telling its owner are other work; `bun run timing` says how long each takes.
    if (name === "register") continue;
    test(`${name} adds the same statements and hashes in the same order, with an account and without`, async () => {
      const said: Record<string, string[]> = {};
      for (const kind of ["unknown", "known", "without a password"]) {
        await using w = await town();
        await makes.get(kind)?.(w);
        const asked = await probe(w);
        const sent = statementsOf(w);
        await shownBy(w, asked);
        said[kind] = sent.filter(isOfRequest);
      }
      expect(said["known"]).toEqual(said["unknown"] ?? []);
      expect(said["without a password"]).toEqual(said["unknown"] ?? []);
    });
  }
});

test("identify shows one tenant or more for every kind of account, as for those that can sign in", async () => {
  for (const [kind, make] of KINDS) {
    await using w = await town();
    await make(w);
    const { body } = await send(w.origin, "POST", `${BASE}/identify`, { body: { email: EMAIL } });
    expect([kind, body.tenants.length]).toEqual([kind, 1]);
  }
});
