// Signing in at portals, as clients of the org group do it.
import { expect } from "bun:test";
import type { UserId } from "../../src/core/ids.ts";
import { signInForTokens } from "./sessions.ts";
import { PASSWORD } from "./people.ts";
import { ADA, type Town } from "./second-factors.ts";
import type { Answer, SendOptions, World } from "./world.ts";

export const TOKEN = {
  access_token: expect.any(String),
  refresh_token: expect.stringMatching(/^ost_rt_/),
  token_type: "bearer",
};
export const WRONG_CODE = {
  status: 401,
  body: { detail: "Invalid or expired code", code: "INVALID_MFA_CODE" },
};

/** A client of the portals; `options` go with every request. */
export const portals = (w: Pick<World, "send" | "origin">, options: SendOptions = {}) => {
  const post = (path: string, body: unknown, more: SendOptions = {}): Promise<Answer> =>
    w.send("POST", `/v1${path}`, { ...options, ...more, body });
  return {
    login: (portal_id = "acme", email = ADA, password = PASSWORD) =>
      post("/auth/portal/login", { email, password, portal_id }),
    verify: (code: string, more: object = {}) =>
      post("/auth/portal/verify-2fa", { email: ADA, code, ...more }),
    verifyElsewhere: (code: string, more: object = {}) =>
      post("/oauth2/verify-2fa", { email: ADA, code, ...more }),
    magic: (portal_id?: string, email = ADA) =>
      portal_id === undefined
        ? post("/auth/request-magic-code", { email })
        : post("/auth/portal/request-magic-code", { email, portal_id }),
    status: (session_id: string, { email = ADA, wait = "" } = {}) => {
      const query = new URLSearchParams({ email, session_id, ...(wait && { wait }) });
      return w.send("GET", `/v1/auth/login-status?${query.toString()}`, options);
    },
    approve: (key: string, session_id: string, number: unknown) =>
      post("/auth/approve-2fa", { session_id, number }, { key }),
    reject: (key: string, session_id: string, more: object = {}) =>
      post("/auth/reject-2fa", { session_id, ...more }, { key }),
    forgot: (portal_id = "acme", email = ADA) => post("/auth/portal/forgot-password", { email, portal_id }),
    callback: (token: string, portal_id = "acme", headers: Record<string, string> = {}) => {
      const query = new URLSearchParams({ token, portal_id });
      return w.send("GET", `/v1/auth/portal/reset-callback?${query.toString()}`, { headers });
    },
    reset: (body: object) => post("/auth/portal/reset-password", { portal_id: "acme", ...body }),
    load: (key: string) => w.send("GET", "/v1/auth/load", { key }),
  };
};

/** A form, as a browser or curl sends it. */
export async function sendForm(
  { origin }: Pick<World, "origin">,
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Pick<Answer, "status" | "body">> {
  const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
  const response = await fetch(`${origin}/v1/oauth2/login`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body,
  });
  return { status: response.status, body: await response.json() };
}

/** Who is behind a token: its claims, unverified. */
export const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
    sub: string;
    tid: string;
    sid: string;
    amr: string[];
    auth_time: number;
  };

/** An access token of a session of that user; by default one that has shown both factors. */
export async function approverOf(
  w: Town,
  {
    userId = w.userId,
    tenantId = w.acme.id,
    amr = ["pwd", "otp", "mfa"],
  }: {
    userId?: UserId;
    tenantId?: Town["acme"]["id"];
    amr?: string[];
  } = {},
): Promise<string> {
  return (await signInForTokens(w.ctx, { userId, tenantId, amr })).accessToken;
}
