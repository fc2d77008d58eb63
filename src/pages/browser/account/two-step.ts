// Second factors: what is on, read anew after each change.
import type { Answer } from "../api.ts";
import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import type { Loaded } from "../load.ts";
import { put } from "../rows.ts";
import { text } from "../texts.ts";
import { showLeft, startBackupCodes } from "./backup-codes.ts";
import { startEmailCodes } from "./email-codes.ts";
import { type Factor, type Factors, putTimes } from "./factors.ts";
import { showPasskeys, startPasskeys } from "./passkeys.ts";
import { fillPlace } from "./place.ts";
import { startTotp } from "./totp.ts";

export function startTwoStep({ user }: Pick<Loaded, "user">): Promise<void> {
  startTotp(look);
  startPasskeys(look);
  startEmailCodes(look);
  startBackupCodes(look, user);
  return fillPlace("two-step", look);
}

/** Undefined, or the answer that tells why there is nothing to show. */
async function look(): Promise<Answer | undefined> {
  const answer = await ask("GET", "/api/v1/me/mfa");
  if (!answer.isOk) return answer;
  const factors = answer.body as unknown as Factors;
  const on = factors.methods.filter(({ confirmed }) => confirmed);
  showSwitch("totp", on);
  showSwitch("email", on);
  showPasskeys(on.filter(({ type }) => type === "webauthn"));
  showLeft(factors);
  return undefined;
}

const PLACES = { totp: "#totp", email: "#email-codes" };

function showSwitch(type: "totp" | "email", on: Factor[]): void {
  const place = find(PLACES[type], HTMLElement);
  const factor = on.find((factor) => factor.type === type);
  put(place, "state", text(factor ? "on" : "off"));
  putTimes(place, factor);
  find(`#${type}-on`, HTMLElement).hidden = factor !== undefined;
  find(`#${type}-off`, HTMLElement).hidden = factor === undefined;
}
