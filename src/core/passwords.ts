import type { Context } from "../context.ts";
import type { Place } from "../crypto/argon2.ts";
import { type FieldError, Invalid } from "../errors.ts";

const SHORTEST = 8;
const LONGEST = 256;

/** Two spellings of one text are one password (NIST SP 800-63B-4 §3.1.1.2). */
const normalise = (password: string): string => password.normalize("NFC");

/** Throws Invalid, naming `field`, unless the password has 8 to 256 code points. No composition rules (ASVS 6.2.5). */
export function checkPolicy(
  password: string,
  field: string,
  _o: { minLength: number; context: string[] } = { minLength: 8, context: [] },
): void {
  const length = [...normalise(password)].length;
  const refuse = (msg: string, type: FieldError["type"]) => {
    throw new Invalid([{ loc: [field], msg, type }]);
  };
  if (!password.isWellFormed()) refuse("Password is not valid Unicode text", "value_error");
  if (length < SHORTEST) refuse(`Password should have at least ${SHORTEST} characters`, "string_too_short");
  if (length > LONGEST) refuse(`Password should have at most ${LONGEST} characters`, "string_too_long");
}

/** An argon2id PHC string. Throws Unavailable under overload. */
export async function hash(ctx: Context, password: string): Promise<string> {
  using place = ctx.hasher.reserve();
  return await place.hash(normalise(password));
}

/**
 * Whether the password is the one hashed, and if so and the hash is cheaper than the setting, a new hash to keep instead.
 * Without a hash a dummy of the same cost is checked all the same, so that an unknown account takes as long as a known one
 * (ASVS 6.3.8).
 */
export async function verify(
  ctx: Context,
  place: Place,
  passwordHash: string | null | undefined,
  password: string,
): Promise<{ matches: boolean; rehashed?: string }> {
  const matches = await place.verify(normalise(password), passwordHash ?? dummyHash(ctx));
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
