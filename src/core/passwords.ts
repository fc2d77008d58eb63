import type { Context } from "../context.ts";
import type { Argon2 } from "../crypto/argon2.ts";
import { type FieldError, Invalid } from "../errors.ts";

const SHORTEST = 8;
const LONGEST = 256;

/** Two spellings of one text are one password (NIST SP 800-63B-4 §3.1.1.2). */
const normalise = (password: string): string => password.normalize("NFC");

/** Throws Invalid, naming `field`, unless the password has 8 to 256 code points. No composition rules (ASVS 6.2.5). */
export function checkPolicy(password: string, field: string): void {
  const length = [...normalise(password)].length;
  const refuse = (msg: string, type: FieldError["type"]) => {
    throw new Invalid([{ loc: [field], msg, type }]);
  };
  if (!password.isWellFormed()) refuse("Password is not valid Unicode text", "value_error");
  if (length < SHORTEST) refuse(`Password should have at least ${SHORTEST} characters`, "string_too_short");
  if (length > LONGEST) refuse(`Password should have at most ${LONGEST} characters`, "string_too_long");
}

/** An argon2id PHC string. Throws Unavailable under overload. */
export const hash = (ctx: Context, password: string): Promise<string> =>
  ctx.hasher.turn((argon2) => argon2.hash(normalise(password)));

/**
 * Whether the password is the one hashed. Without a hash a dummy of the same cost is checked all the same, so that an
 * unknown account takes as long as a known one (ASVS 6.3.8). `argon2` is that of a turn (`ctx.hasher.turn`).
 */
export async function verify(
  ctx: Context,
  argon2: Argon2,
  passwordHash: string | null | undefined,
  password: string,
): Promise<boolean> {
  const matches = await argon2.verify(normalise(password), passwordHash ?? dummyHash(ctx));
  return matches && typeof passwordHash === "string";
}

function dummyHash(ctx: Context): string {
  const { memoryKib, passes } = ctx.config.argon2;
  const base64 = (length: number) => Buffer.alloc(length, 0x4f).toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${base64(32)}$${base64(32)}`;
}
