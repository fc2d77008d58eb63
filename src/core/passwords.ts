import type { Context } from "../context.ts";
import { MalformedHash, type Place } from "../crypto/argon2.ts";
import { type FieldErrorType, Invalid } from "../errors.ts";
import { isCommon, isMadeOf } from "./weak-passwords.ts";

const SHORTEST = 8;
const LONGEST = 256;
const PRODUCT = "ostiary";

/** Two spellings of one text are one password (NIST SP 800-63B-4 §3.1.1.2). */
const normalise = (password: string): string => password.normalize("NFC");

export interface Policy {
  /** The tenant's; never less than 8. */
  minLength: number;
  /** What is known of the owner: email, names, username, and the tenant's name and slug. Absent ones may be given too. */
  context?: readonly (string | null | undefined)[];
}

/**
 * Throws Invalid, naming `field`, unless the password is one to accept: as `checkLength`, and neither common nor made of the
 * words that are guessed first (NIST SP 800-63B-4 §3.1.1.2). No composition rules (ASVS 6.2.5). Never repeats the password.
 */
export function checkPolicy(password: string, field: string, { minLength, context = [] }: Policy): void {
  checkLength(password, field, minLength);
  if (isCommon(normalise(password))) {
    refuse(
      field,
      "Password is one of those most often used, and guessed first; choose another",
      "value_error",
    );
  }
  if (isMadeOf(password, [PRODUCT, ...context.flatMap(wordsOf)])) {
    const msg =
      "Password should be more than a name, an email or the name of this service with a few additions";
    refuse(field, msg, "value_error");
  }
}

/** Throws Invalid, naming `field`, unless the password has `minLength` (at least 8) to 256 code points of valid Unicode. */
export function checkLength(password: string, field: string, minLength = SHORTEST): void {
  const length = [...normalise(password)].length;
  const least = Math.max(SHORTEST, minLength);
  if (!password.isWellFormed()) refuse(field, "Password is not valid Unicode text", "value_error");
  if (length < least) refuse(field, `Password should have at least ${least} characters`, "string_too_short");
  if (length > LONGEST) {
    refuse(field, `Password should have at most ${LONGEST} characters`, "string_too_long");
  }
}

/** Of an email the local part is a word too. */
const wordsOf = (text: string | null | undefined): string[] =>
  text ? [text, ...text.split("@").slice(0, -1)] : [];

function refuse(field: string, msg: string, type: FieldErrorType): never {
  throw new Invalid([{ loc: [field], msg, type }]);
}

/** An argon2id PHC string. Throws Unavailable under overload. */
export async function hash(ctx: Context, password: string): Promise<string> {
  using place = ctx.hasher.reserve();
  return await hashAt(place, password);
}

/** The same, for those who have taken their place together with what the hash uses up. */
export const hashAt = (place: Place, password: string): Promise<string> => place.hash(normalise(password));

/**
 * Whether the password is the one hashed, and if so and the hash is cheaper than the setting, a new hash to keep instead.
 * Without a hash a dummy of the same cost is checked all the same, so that an unknown account takes as long as a known one
 * (ASVS 6.3.8). One that something damaged is opened by no password, after the same work, and the log says so.
 */
export async function verify(
  ctx: Context,
  place: Place,
  passwordHash: string | null | undefined,
  password: string,
): Promise<{ matches: boolean; rehashed?: string; isUnreadable?: true }> {
  let matches: boolean;
  try {
    matches = await place.verify(normalise(password), passwordHash ?? dummyHash(ctx));
  } catch (error) {
    if (!(error instanceof MalformedHash)) throw error;
    ctx.log.error("password hash unreadable", { reason: error.message });
    await place.verify(normalise(password), dummyHash(ctx));
    return { matches: false, isUnreadable: true };
  }
  if (!matches || typeof passwordHash !== "string") return { matches: false };
  return isCheaper(ctx, passwordHash)
    ? { matches, rehashed: await place.hash(normalise(password)) }
    : { matches };
}

function isCheaper(ctx: Context, passwordHash: string): boolean {
  const [, memoryKib, passes] = /\$m=(\d+),t=(\d+),/.exec(passwordHash) ?? [];
  return Number(memoryKib) < ctx.config.argon2.memoryKib || Number(passes) < ctx.config.argon2.passes;
}

function dummyHash(ctx: Context): string {
  const { memoryKib, passes } = ctx.config.argon2;
  const base64 = (length: number) => Buffer.alloc(length, 0x4f).toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${base64(32)}$${base64(32)}`;
}
