// The key group as its clients use it.
import { generateSync } from "otplib";
import type { Clock, World } from "./world.ts";

export const BASE = "/api/v1/auth";
export const ADMIN = { username: "admin", password: "mypassword" };

/** Makes the first admin and returns the API key. */
export async function setUpAdmin({ send }: Pick<World, "send">): Promise<string> {
  const { status, body } = await send("POST", `${BASE}/setup/`, { body: ADMIN });
  if (status !== 200) throw new Error(`setup answered ${status}`);
  return body.key;
}

/** The code an authenticator app shows, `steps` of 30 s from now. */
export const totpCode = (clock: Clock, secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(clock.now() / 1000) + steps * 30 });

/** Another six digits than the codes that would be taken now. */
export function wrongCode(clock: Clock, secret: string): string {
  const right = new Set([-2, -1, 0, 1, 2].map((steps) => totpCode(clock, secret, steps)));
  const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !right.has(code));
  if (!wrong) throw new Error("no wrong code found");
  return wrong;
}

/** Turns TOTP on for the holder of the key; the code of the current step is spent by that. Returns the secret. */
export async function enableTotp(
  { send, clock }: Pick<World, "send" | "clock">,
  key: string,
): Promise<string> {
  const { body } = await send("POST", `${BASE}/mfa/setup/`, { key });
  const code = totpCode(clock, body.secret);
  const { status } = await send("POST", `${BASE}/mfa/verify/`, { key, body: { code } });
  if (status !== 200) throw new Error(`mfa/verify/ answered ${status}`);
  return body.secret;
}

export const signIn = (
  { send }: Pick<World, "send">,
  body: unknown = ADMIN,
  headers: Record<string, string> = {},
) => send("POST", `${BASE}/token/`, { body, headers });
