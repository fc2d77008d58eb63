// The org group as its clients use it.
import { decodeJwt } from "jose";
import type { Answer, SendOptions, World } from "./world.ts";

const V = "/v1/auth";

/** A client of the org group that shows `key` as its Bearer. */
export const org = (w: Pick<World, "send">, key?: string) => {
  const bearer = key === undefined ? {} : { key };
  const post = (path: string, body: unknown, more: SendOptions = {}): Promise<Answer> =>
    w.send("POST", path, { ...bearer, ...more, body });
  return {
    load: () => w.send("GET", `${V}/load`, bearer),
    logout: () => w.send("POST", `${V}/logout`, bearer),
    switchTo: (body: object, more: SendOptions = {}) => post(`${V}/switch`, body, more),
    issueCode: () => post(`${V}/cli-browser-token`, {}),
    consumeCode: (body: object, headers: Record<string, string> = {}) =>
      w.send("POST", `${V}/consume-cli-token`, { body, headers }),
    loginAs: (body: object) => post(`${V}/login-as-user`, body),
    refresh: (refresh_token: string) => post("/v1/oauth2/refresh", { refresh_token }),
    stopActing: () => w.send("DELETE", "/api/v1/me/impersonation", bearer),
    /** What the Bearer is worth: the status of `load`. */
    worth: async () => (await w.send("GET", `${V}/load`, bearer)).status,
  };
};

/** What an access token says. */
export const claimsOf = (token: unknown): Record<string, unknown> => decodeJwt(String(token));

/** The status and the code of an answer. */
export const saidBy = ({ status, body }: Answer): [number, unknown] => [status, body.code];
