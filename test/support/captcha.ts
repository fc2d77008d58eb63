// The widget's part of a captcha: a solved challenge as it sends it.
import { type Challenge, solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";

/** The `captcha_token` for a challenge. Takes some 0.3 s. */
export async function solve(challenge: Challenge): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) throw new Error("the challenge was not solved");
  return encode({ challenge, solution });
}

export const encode = (payload: unknown): string => btoa(JSON.stringify(payload));
export const decode = (token: string) => JSON.parse(atob(token)); // oxlint-disable-line typescript/no-unsafe-return -- tests take it apart
