// Judging what an authenticator shows (WebAuthn Level 3 §7.1 and §7.2). @simplewebauthn/server does most steps; those that it
// leaves to its caller are done here. To be imported at its first use: of all that a start would load it takes the most, 7 ms and
// 6 MiB.
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import {
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
  isoBase64URL,
  parseAuthenticatorData,
} from "@simplewebauthn/server/helpers";
import { ALGORITHMS, isUsable } from "./cose-key.ts";
import { type AssertionJson, parseRegistration } from "./credential-json.ts";
import type { RelyingParty } from "./relying-party.ts";

const MOST_ID_BYTES = 1023;
const MOST_TRANSPORTS = 8;
const LONGEST_REASON = 200;

/** What was asked for, or why there is none: for the audit log, never for the wire. */
export type Verdict<T> = { good: T } | { fault: string };

export interface MadeCredential {
  /** base64url, as everything here that is text. */
  credentialId: string;
  publicKey: string;
  signCount: number;
  transports: string[];
  /** BE and BS: may leave its authenticator, and has. */
  isBackupEligible: boolean;
  isBackedUp: boolean;
  isUserVerified: boolean;
}

/** Judges an answer of `navigator.credentials.create`, as `toJSON()` has it. */
export const verifyRegistration = (
  { id, origin }: RelyingParty,
  challenge: string,
  credential: unknown,
): Promise<Verdict<MadeCredential>> =>
  judge(async () => {
    const shown = parseRegistration(credential);
    if (!shown) throw new Error("not the JSON of a registration");
    const { clientDataJSON, attestationObject, transports = [] } = shown.response;
    requireOwnPage(clientDataJSON);
    requirePlainAttestation(attestationObject);
    const { verified, registrationInfo: made } = await verifyRegistrationResponse({
      response: { ...shown, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      // Preferred and not required: the password was the first factor.
      requireUserVerification: false,
      // Without it the library would take what this runtime could verify, and we never offered.
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) throw new Error("attestation does not verify");
    const { id: credentialId, publicKey, counter } = made.credential;
    if (shown.id !== credentialId) throw new Error("not the credential that was attested");
    if (Buffer.from(credentialId, "base64url").length > MOST_ID_BYTES)
      throw new Error("credential id too long");
    if (!isUsable(keyOf(publicKey))) throw new Error("public key does not fit its algorithm");
    return {
      credentialId,
      publicKey: Buffer.from(publicKey).toString("base64url"),
      signCount: counter,
      transports: known(transports),
      isBackupEligible: made.credentialDeviceType === "multiDevice",
      isBackedUp: made.credentialBackedUp,
      isUserVerified: made.userVerified,
    };
  });

export interface ExpectedAssertion {
  challenge: string;
  /** The user's own. */
  userHandle: string;
  /** All that is shown, and all that says who signs in: it has to name its user, who has to be verified (§7.2 steps 6 and 17). */
  isAlone: boolean;
  passkey: Pick<MadeCredential, "credentialId" | "publicKey" | "isBackupEligible">;
}

/** Judges an answer of `navigator.credentials.get`. The counter is left to the caller: who takes it must take it once. */
export const verifyAssertion = (
  { id, origin }: RelyingParty,
  { challenge, userHandle, isAlone, passkey }: ExpectedAssertion,
  shown: AssertionJson,
): Promise<Verdict<Pick<MadeCredential, "signCount" | "isBackedUp" | "isUserVerified">>> =>
  judge(async () => {
    const { userHandle: saidHandle, ...response } = shown.response;
    if (shown.id !== passkey.credentialId) throw new Error("not that passkey");
    const isNamed = typeof saidHandle === "string";
    if (isAlone && !isNamed) throw new Error("no user handle");
    if (isNamed && saidHandle !== userHandle) throw new Error("user handle of another");
    requireOwnPage(response.clientDataJSON);
    const { verified, authenticationInfo: used } = await verifyAuthenticationResponse({
      response: { ...shown, response, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      // Any counter is above or equal to 0, so that this passes the library.
      credential: {
        id: passkey.credentialId,
        publicKey: isoBase64URL.toBuffer(passkey.publicKey),
        counter: 0,
      },
      requireUserVerification: isAlone,
    });
    if (!verified) throw new Error("signature does not verify");
    const isBackupEligible = used.credentialDeviceType === "multiDevice";
    if (isBackupEligible !== passkey.isBackupEligible) throw new Error("backup eligibility changed");
    const { newCounter: signCount, credentialBackedUp: isBackedUp, userVerified: isUserVerified } = used;
    return { signCount, isBackedUp, isUserVerified };
  });

/** Whatever goes wrong is a no. The library repeats in its words what was sent: kept short and plain. */
async function judge<T>(steps: () => Promise<T>): Promise<Verdict<T>> {
  try {
    return { good: await steps() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: reason.replaceAll(/[^ -~]/g, "?").slice(0, LONGEST_REASON) };
  }
}

/** Not in a frame of somebody else's page. The library does not look at registrations, nor without topOrigin at assertions. */
function requireOwnPage(clientDataJSON: string): void {
  // Its declared type promises what no client has to keep.
  const { crossOrigin = false, topOrigin } = decodeClientDataJSON(clientDataJSON) as {
    [name: string]: unknown;
  };
  if (crossOrigin !== false || topOrigin !== undefined) throw new Error("in a page of another origin");
}

/**
 * None, or the key's own signature: all that browsers send when none is asked for (§5.4.7). Others would have the library
 * trust any certificate, and fetch whatever address stands in it.
 */
function requirePlainAttestation(attestationObject: string): void {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = attestation.get("fmt");
  if (format === "none") return;
  const statement = attestation.get("attStmt");
  if (format !== "packed" || statement.get("x5c") !== undefined) throw new Error("attestation not asked for");
  const { credentialPublicKey } = parseAuthenticatorData(attestation.get("authData"));
  // §8.2, self attestation; the library takes the algorithm as it is told.
  const alg = credentialPublicKey && keyOf(credentialPublicKey).get(3);
  if (alg === undefined || statement.get("alg") !== alg) throw new Error("attestation by another algorithm");
}

const keyOf = (publicKey: Uint8Array<ArrayBuffer>): ReadonlyMap<number, unknown> =>
  decodeCredentialPublicKey(publicKey) as unknown as ReadonlyMap<number, unknown>;

/** Hints for the browser, of which there may be new ones; nothing relies on them. */
const known = (transports: string[]): string[] =>
  [...new Set(transports)].filter((one) => /^[a-z-]{1,32}$/.test(one)).slice(0, MOST_TRANSPORTS);
