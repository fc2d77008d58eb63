// The tenant group as its clients use it.
import type { Answer, SendOptions, World } from "./world.ts";

/** A client of one tenant's endpoints; `options` go with every request. */
export const tenantOf = (w: World, slug: string, options: SendOptions = {}) => {
  const base = `/api/v1/auth/tenants/${slug}`;
  const post = (path: string, body: unknown, more: SendOptions = {}): Promise<Answer> =>
    w.send("POST", base + path, { ...options, ...more, body });
  return {
    register: (more: object = {}) =>
      post("/register", {
        email: "ada@example.com",
        password: "correct horse battery",
        first_name: "Ada",
        last_name: "Lovelace",
        ...more,
      }),
    verifyEmail: (token: string, headers: Record<string, string> = {}, more = "") =>
      w.send("GET", `${base}/verify-email?token=${encodeURIComponent(token)}${more}`, { headers }),
    login: (email: string, password: string, more: object = {}) =>
      post("/login", { email, password, ...more }),
    verifyMfa: (body: object) => post("/mfa/verify", body),
    sendCode: (mfa_token: string, user_id: string) =>
      w.send(
        "POST",
        `${base}/mfa/email/send?${new URLSearchParams({ mfa_token, user_id }).toString()}`,
        options,
      ),
    forgot: (email: string, more: object = {}) => post("/forgot-password", { email, ...more }),
    passwordForgot: (email: string, more: object = {}) => post("/password/forgot", { email, ...more }),
    reset: (token: string, new_password: string) => post("/password/reset", { token, new_password }),
  };
};

/** A request that a browser makes with this session cookie, from one of our own pages; acting as another by a second one, perhaps. */
export const withCookie = (cookie: string, acting?: string): { headers: Record<string, string> } => ({
  headers: {
    cookie: `ostiary_session=${cookie}${acting === undefined ? "" : `; ostiary_acting=${acting}`}`,
    "sec-fetch-site": "same-origin",
  },
});
