// The portal group as its clients use it.
import type { Answer, SendOptions, World } from "./world.ts";

const P = "/api/v1/auth";

/** A client of the portal group; `options` go with every request. */
export const portal = (w: World, options: SendOptions = {}) => {
  const post = (path: string, body: unknown, more: SendOptions = {}): Promise<Answer> =>
    w.send("POST", P + path, { ...options, ...more, body });
  const identify = (email: string) => post("/identify", { email });
  return {
    identify,
    authenticate: (body: { flow_token: string; password: string; tenant_id?: string | null }) =>
      post("/authenticate", body),
    /** Both steps. */
    signIn: async (email: string, password: string, tenantId?: string) => {
      const { body } = await identify(email);
      return post("/authenticate", { flow_token: body.flow_token, password, tenant_id: tenantId });
    },
    login: (email: string, password: string, tenantId?: string) =>
      post("/login", { email, password, tenant_id: tenantId }),
    verify: (body: object) => post("/mfa/verify", body),
    refresh: (token: string) => post("/refresh", { refresh_token: token }),
    logout: (more: SendOptions = {}) => post("/logout", {}, more),
    /** Whether a Bearer is believed. */
    isAlive: async (key: string) => (await w.send("GET", "/api/v1/auth/me/", { key })).status === 200,
  };
};

/** Spends an exchange code in a browser. */
export const browserSession = (
  { send }: Pick<World, "send">,
  exchange_code: string,
  options: SendOptions = {},
): Promise<Answer> => send("POST", `${P}/browser-session`, { ...options, body: { exchange_code } });

/** The value that an answer sets a cookie of ours to. */
export function cookieFrom(
  { headers }: Pick<Answer, "headers">,
  name: "session" | "device" | "trusted" | "acting",
): string {
  const pair = headers.getSetCookie().find((cookie) => cookie.includes(`ostiary_${name}=`));
  const value = pair && /=([^;]*)/.exec(pair)?.[1];
  if (!value) throw new Error(`no ${name} cookie in: ${headers.getSetCookie().join(", ")}`);
  return value;
}
