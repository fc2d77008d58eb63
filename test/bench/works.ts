// The work that is measured, of one server: each of these makes something that does it for one round.
import { type Load, type Measured, measure, request, type Stream } from "./load.ts";
import type { Measurable } from "./server.ts";
import { PASSWORD, slugOf, usernameOf } from "./seed.ts";

export const ROUND_MS = 2_000;
/** Rounds with passwords in them, of which there are few in a second. */
export const FLOOD_MS = 5_000;
export const CLIENTS = 32;
export const SIGNERS = 8;
const CLIENT_CORE = 1;
const ME = "/api/v1/auth/me/";
export const REFRESH = "/api/v1/auth/refresh";

export type Round = () => Promise<Measured>;

export const asKey = (secret: string): string => request("GET", ME, { Authorization: `Bearer ${secret}` });

/** Each text on a connection of its own, again and again. */
export const asking =
  (port: number, texts: readonly string[]): Round =>
  () =>
    checked(
      { port, durationMs: ROUND_MS, streams: texts.map((text) => ({ requests: [text] })) },
      CLIENT_CORE,
    );

/** Refresh tokens that rotate; `tokens` are the last ones afterwards. */
export const rotating =
  (port: number, path: string, tokens: string[], more: Partial<Load> = {}): Round =>
  async () => {
    const streams = tokens.map((token): Stream => ({ path, token }));
    const measured = await checked({ port, streams, durationMs: ROUND_MS, ...more }, CLIENT_CORE);
    tokens.splice(0, tokens.length, ...measured.tokens);
    return measured;
  };

/** Sign-ins by password as fast as they go. */
export const signingIn = ({ port }: Measurable): Round => {
  const streams = Array.from({ length: SIGNERS }, (_, i): Stream => {
    const body = JSON.stringify({ username: usernameOf(10 + i), password: PASSWORD });
    return { requests: [request("POST", "/api/v1/auth/token/", {}, body)] };
  });
  return () => checked({ port, streams, durationMs: FLOOD_MS });
};

let registrations = 0;

/** New accounts as fast as they go. */
export const registering =
  ({ port }: Measurable): Round =>
  () => {
    registrations++;
    const streams = Array.from({ length: SIGNERS }, (_, i): Stream => {
      const path = `/api/v1/auth/tenants/${slugOf(i)}/register`;
      const bodies = Array.from({ length: 200 }, (_, n) =>
        JSON.stringify({
          email: `new${process.pid}-${registrations}-${i}-${n}@example.com`,
          password: PASSWORD,
          first_name: "New",
          last_name: "User",
        }),
      );
      return { requests: bodies.map((body) => request("POST", path, {}, body)) };
    });
    return checked({ port, streams, durationMs: FLOOD_MS });
  };

/** On that core, or wherever there is room. A figure with failures in it would be none. */
export async function checked(load: Load, core?: number): Promise<Measured> {
  const measured = await measure(load, core);
  if (measured.failures > 0) throw new Error(`${measured.failures} requests failed: ${measured.failure}`);
  return measured;
}
