// What browsers are asked to have an authenticator do, in the JSON of Level 3 §5.1.9 and §5.1.10.
import type { Context } from "../context.ts";
import type { UserId } from "../core/ids.ts";
import type { Passkey } from "../core/passkeys.ts";
import { LIFETIME_MS } from "../core/webauthn-challenges.ts";
import { ALGORITHMS } from "../crypto/cose-key.ts";
import { digest } from "../crypto/digest.ts";
import { relyingPartyOf } from "../crypto/relying-party.ts";

export interface Owner {
  id: UserId;
  /** As they sign in, and as they are called: both are shown when there is a choice. */
  name: string;
  displayName: string;
}

export interface Asked {
  challenge: string;
  /** The user's so far. */
  existing: readonly Passkey[];
}

/** For `PublicKeyCredential.parseCreationOptionsFromJSON`. `brand` is what the user knows the service by. */
export const creationOptions = (
  ctx: Context,
  { id, name, displayName }: Owner,
  brand: string,
  { challenge, existing }: Asked,
) => ({
  rp: { id: relyingPartyOf(ctx.config.url).id, name: brand },
  user: { id: userHandleOf(id), name, displayName },
  challenge,
  pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
  timeout: LIFETIME_MS,
  // A second passkey on an authenticator that has one would take its place there (§5.4).
  excludeCredentials: existing.map(descriptorOf),
  authenticatorSelection: {
    residentKey: "preferred",
    requireResidentKey: false,
    userVerification: "preferred",
  },
  attestation: "none",
});

/** For `PublicKeyCredential.parseRequestOptionsFromJSON`. */
export const requestOptions = (ctx: Context, { challenge, existing }: Asked) => ({
  rpId: relyingPartyOf(ctx.config.url).id,
  challenge,
  timeout: LIFETIME_MS,
  allowCredentials: existing.map(descriptorOf),
  userVerification: "preferred",
});

/** The same where nobody is named: for whichever passkey of ours an authenticator finds by itself, and its verified user. */
export const discoveryOptions = (ctx: Context, challenge: string) => ({
  ...requestOptions(ctx, { challenge, existing: [] }),
  userVerification: "required",
});

/** What authenticators know a user by, base64url: always the same 32 bytes, which tell nothing of the user (§14.6.1). */
export const userHandleOf = (userId: UserId): string => digest(`webauthn user handle/${userId}`);

const descriptorOf = ({ credentialId, transports }: Passkey) => ({
  type: "public-key",
  id: credentialId,
  transports: transports.split(" ").filter((one) => one !== ""),
});
