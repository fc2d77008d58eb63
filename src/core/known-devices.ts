// The cookie by which a device that somebody signed in on is known again: `<device id>.<mac>[.<mac>…]`, one mac for each
// user, the latest first. It opens nothing: it only keeps strangers from using up its owner's tries (decisions §5). Nothing
// is stored and no user is named in it. Not a noun.
import type { Context } from "../context.ts";
import { constantTimeEqual, hmac } from "../crypto/digest.ts";
import type { UserId } from "./ids.ts";

const ID_BYTES = 16;
const MOST_USERS = 5;
const FORM = /^[\w-]{22}(\.[\w-]{43}){1,5}$/;

/**
 * Whom a device knows, in one epoch of the account (core/credentials.ts): whatever ends all that an account is signed in with makes
 * strangers of its devices too. A thief may have signed in on as many as he liked, each with tries of its own.
 */
export interface Owner {
  userId: UserId;
  epoch: number;
}

/** The id of the device, if the cookie shows that this user signed in on it since the epoch began; undefined for whatever else it may be. */
export function knows(ctx: Context, cookie: string | null | undefined, owner: Owner): string | undefined {
  const device = parse(cookie);
  const mac = device && macOf(ctx, device.id, owner);
  return mac && device.macs.some((other) => constantTimeEqual(other, mac)) ? device.id : undefined;
}

/** The cookie to set after a sign-in: the device keeps its id and the other users of late, at most five in all. */
export function remember(ctx: Context, cookie: string | null | undefined, owner: Owner): string {
  const device = parse(cookie);
  const id = device?.id ?? Buffer.from(ctx.random(ID_BYTES)).toString("base64url");
  const mac = macOf(ctx, id, owner);
  // Whose the others are cannot be told from here; one that is made up is worth nothing, wherever it stands.
  const others = device?.macs.filter((other) => other !== mac) ?? [];
  return [id, mac, ...others].slice(0, 1 + MOST_USERS).join(".");
}

function parse(cookie: string | null | undefined): { id: string; macs: string[] } | undefined {
  if (typeof cookie !== "string" || !FORM.test(cookie)) return undefined;
  const [id = "", ...macs] = cookie.split(".");
  return { id, macs };
}

const macOf = (ctx: Context, deviceId: string, { userId, epoch }: Owner): string =>
  hmac(ctx.keys.device, `${deviceId}${userId} ${epoch}`);
