// Passkeys as their clients use them: enrolled at the me endpoints, shown at the portal's or a tenant's, after a password or alone.
import {
  type Authenticator,
  type AuthenticatorOptions,
  type Flaws,
  makeAuthenticator,
} from "./authenticator.ts";
import { PASSWORD } from "./people.ts";
import { portal } from "./portal-group.ts";
import { tenantOf } from "./tenant-group.ts";
import { type Answer, dump, type SendOptions, type World } from "./world.ts";

const BASE = "/api/v1/me/mfa/webauthn";

/** The browser of somebody who is signed in with this Bearer, or as the options say. */
export const passkeysOf = (w: World, signedIn: string | SendOptions) => {
  const who = typeof signedIn === "string" ? { key: signedIn } : signedIn;
  const begin = () => w.send("POST", `${BASE}/register/begin`, who);
  const complete = (body: object) => w.send("POST", `${BASE}/register/complete`, { ...who, body });
  return {
    begin,
    complete,
    /** Both steps. */
    async add(authenticator: Authenticator, flaws: Flaws = {}, more: object = {}): Promise<Answer> {
      const { options, ...begun } = (await begin()).body;
      return complete({ ...begun, credential: authenticator.create(options, flaws), ...more });
    },
    remove: (id: string) => w.send("DELETE", `${BASE}/${id}`, who),
  };
};

export const newAuthenticator = (w: World, options: Partial<AuthenticatorOptions> = {}): Authenticator =>
  makeAuthenticator({ origin: w.origin, ...options });

export interface Pending {
  mfa_token: string;
  user_id: string;
}

/** The first half of a sign-in at the portal. */
export async function passwordOf(w: World, email: string, tenantId: string): Promise<Pending> {
  const { status, body } = await portal(w).login(email, PASSWORD, tenantId);
  if (status !== 403) throw new Error(`no second factor is due: ${status} ${JSON.stringify(body)}`);
  const { mfa_token, user_id } = body.detail;
  return { mfa_token, user_id };
}

export const beginAssertion = (w: World, { mfa_token, user_id }: Pending, slug = "acme"): Promise<Answer> =>
  w.send(
    "POST",
    `/api/v1/auth/tenants/${slug}/mfa/webauthn/begin?${new URLSearchParams({ mfa_token, user_id }).toString()}`,
  );

/** Finishes it at the portal with what the authenticator shows for a new challenge. */
export async function assert(
  w: World,
  pending: Pending,
  authenticator: Authenticator,
  flaws: Flaws = {},
  at: "portal" | "tenant" = "portal",
): Promise<Answer> {
  const { challenge_id, options } = (await beginAssertion(w, pending)).body.data;
  const credential = authenticator.get(options, flaws);
  const body = { ...pending, method: "webauthn", challenge_id, credential };
  return at === "portal" ? portal(w).verify(body) : tenantOf(w, "acme").verifyMfa(body);
}

/** A page on which somebody signs in with a passkey alone; `options` go with every request. */
export const passkeyAlone = (w: World, options: SendOptions = {}) => {
  const post = (step: string, body: object): Promise<Answer> =>
    w.send("POST", `/api/v1/auth/passkey/${step}`, { ...options, body });
  const begin = (body: object = {}) => post("begin", body);
  const complete = (body: object) => post("complete", body);
  return {
    begin,
    complete,
    /** Both steps. */
    signIn: async (authenticator: Authenticator, flaws: Flaws = {}, more: object = {}): Promise<Answer> => {
      const { challenge_id, options: asked } = (await begin()).body;
      return complete({ challenge_id, credential: authenticator.get(asked, flaws), ...more });
    },
  };
};

/** What refused attempts may leave behind: counts, and what was asked. */
const TRACES = new Set(["audit", "limits", "webauthn_challenges", "continuations", "factor_failures"]);

/** Everything else in the database; of mail, which the worker may deliver meanwhile, what there is. */
export const stateOf = (w: World) =>
  Object.entries(dump(w))
    .filter(([table]) => !TRACES.has(table))
    .map(([table, rows]) => [
      table,
      table === "outbox" ? rows.map((row) => (row as { id: string }).id) : rows,
    ]);
