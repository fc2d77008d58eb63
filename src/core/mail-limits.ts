// How much mail one may cause (decisions §5), for mailboxes that have an account and for those that have none alike.
// Security notices are not counted: they must arrive. Those to a mailbox that nobody has shown to be the owner's are.
import type { Context } from "../context.ts";
import { digest } from "../crypto/digest.ts";
import { Refused } from "../errors.ts";
import type { Email } from "./emails.ts";
import type { Realm } from "./ids.ts";
import { countInWindows, NOBODYS } from "./windows.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** What mail is asked for; each has limits of its own, so that no kind of mail can hold up another. */
export type MailPurpose =
  "verify_email" | "reset" | "invitation" | "code" | "magic" | "login_waiting" | "new_sign_in" | "notice";

export interface CountedMail {
  purpose: MailPurpose;
  realm: Realm;
  email: Email;
  /** Of whoever causes it; undefined: it does not matter, as only the owner of the mailbox can. */
  network: string | undefined;
  /** Neither signed in nor past a first factor, nor of a device or an address that the account knows: the bound of the instance is theirs. */
  byStranger?: boolean;
}

/** Counts a mail before it is written; false when it must not be, then nothing is counted. Inside a transaction. */
export async function countMail(ctx: Context, mail: CountedMail): Promise<boolean> {
  try {
    await countMailOrRefuse(ctx, mail);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** The same for callers who may be told: throws Refused RATE_LIMITED, then nothing is counted. Inside a transaction. */
export async function countMailOrRefuse(
  ctx: Context,
  { purpose, realm, email, network, byStranger = false }: CountedMail,
): Promise<void> {
  const { mailGapMs, mailsPerHour, mailsPerDay, addressMailsPerHour, instanceMailsPerHour } =
    ctx.config.limits;
  // Nobody's email is written down just because somebody typed it.
  const subject = `${purpose} ${digest(JSON.stringify([realm, email]))}`;
  const ofInstance = { scope: "mail instance", subject: "", most: instanceMailsPerHour, windowMs: HOUR_MS };
  const ofAddress = { scope: "mail address", most: addressMailsPerHour, windowMs: HOUR_MS };
  await countInWindows(ctx, [
    { scope: "mail day", subject, most: mailsPerDay, windowMs: DAY_MS },
    { scope: "mail hour", subject, most: mailsPerHour, windowMs: HOUR_MS },
    ...(network === undefined ? [] : [{ ...ofAddress, subject: network }]),
    // Two changes within a minute are two notices.
    ...(purpose === "notice" ? [] : [{ scope: "mail gap", subject, most: 1, windowMs: mailGapMs }]),
    byStranger ? ofInstance : NOBODYS,
  ]);
}
