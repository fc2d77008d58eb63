// An authenticator and the browser in front of it, in software: it does what the options ask, but for the flaws it is given.
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";

export type Cbor = number | string | boolean | Uint8Array | Cbor[] | Map<number | string, Cbor>;

/** RFC 8949, as much as WebAuthn needs (CTAP2 canonical form is up to the caller). */
export function cbor(value: Cbor): Buffer {
  const head = (major: number, n: number): Buffer => {
    if (n < 24) return Buffer.from([(major << 5) | n]);
    if (n < 0x100) return Buffer.from([(major << 5) | 24, n]);
    if (n < 0x10000) return Buffer.from([(major << 5) | 25, n >> 8, n & 0xff]);
    const long = Buffer.from([(major << 5) | 26, 0, 0, 0, 0]);
    long.writeUInt32BE(n, 1);
    return long;
  };
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

export interface Flags {
  up: boolean;
  uv: boolean;
  be: boolean;
  bs: boolean;
  at: boolean;
  ed: boolean;
}

/** What it does otherwise than a good one. */
export interface Flaws {
  /** Of clientDataJSON; undefined takes a member out. */
  clientData?: Record<string, unknown>;
  /** In place of the JSON of it. */
  clientDataText?: string;
  rpId?: string;
  flags?: Partial<Flags>;
  signCount?: number;
  credentialId?: Uint8Array;
  /** Label by label over the COSE key. */
  cose?: [label: number, value: Cbor][];
  /** Behind the authenticator data; with the flag `ed` an extension. */
  extra?: Uint8Array;
  /** Keeps so much of the authenticator data. */
  cut?: number;
  attestation?: (parts: AttestationParts) => Map<string, Cbor>;
  /** In place of the whole attestation object. */
  attestationObject?: Uint8Array;
  signature?: (signature: Buffer) => Buffer;
  /** Signs with another key. */
  signer?: Authenticator;
  /** base64url; null: not sent. */
  userHandle?: string | null;
  /** Over what is sent. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests send anything
  json?: (json: any) => unknown;
}

export interface AttestationParts {
  authData: Buffer;
  clientDataHash: Buffer;
  sign: (data: Buffer, hash?: "sha256" | "sha384") => Buffer;
}

export type Algorithm = "ES256" | "EdDSA" | "RS256";

export interface AuthenticatorOptions {
  alg?: Algorithm;
  /** May leave this authenticator. */
  backupEligible?: boolean;
  origin: string;
  /** RSA only. */
  bits?: number;
  transports?: unknown;
}

export interface Authenticator {
  credentialId: Buffer;
  /** Grows with each use; 0 for good where a test sets it so. */
  signCount: number;
  countsUp: boolean;
  sign: (data: Buffer, hash?: "sha256" | "sha384") => Buffer;
  /** What `navigator.credentials.create({publicKey}).toJSON()` gives. */
  // oxlint-disable-next-line typescript/no-explicit-any -- options come from the wire
  create: (options: any, flaws?: Flaws) => any;
  /** What `navigator.credentials.get({publicKey}).toJSON()` gives. */
  // oxlint-disable-next-line typescript/no-explicit-any -- options come from the wire
  get: (options: any, flaws?: Flaws) => any;
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();
const b64 = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");
const RAW = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

/** A new credential, unknown to everybody; `create` shows it. */
export function makeAuthenticator({
  alg = "ES256",
  backupEligible = false,
  origin,
  bits = 2048,
  transports = ["usb", "nfc"],
}: AuthenticatorOptions): Authenticator {
  const { key, cose } = makeKey(alg, bits);
  let userHandle: string | null = null;
  const authenticator: Authenticator = {
    credentialId: randomBytes(32),
    signCount: 0,
    countsUp: true,
    sign: (data, hash = "sha256") => sign(alg === "EdDSA" ? null : hash, data, key),
    create(options, flaws = {}) {
      userHandle = options.user.id;
      const clientDataJSON = clientDataOf("webauthn.create", options.challenge, origin, flaws);
      const id = Buffer.from(flaws.credentialId ?? authenticator.credentialId);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const publicKey = cbor(new Map([...cose, ...(flaws.cose ?? [])]));
      const attested = Buffer.concat([Buffer.alloc(16), length, id, publicKey]);
      const flags = { at: true, be: backupEligible };
      const authData = authDataOf(options.rp.id, flags, authenticator, attested, flaws);
      const parts = { authData, clientDataHash: sha256(clientDataJSON), sign: authenticator.sign };
      const none = ({ authData }: AttestationParts) =>
        new Map<string, Cbor>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", authData],
        ]);
      const attestationObject = flaws.attestationObject ?? cbor((flaws.attestation ?? none)(parts));
      return sent(id, flaws, {
        clientDataJSON: b64(clientDataJSON),
        attestationObject: b64(attestationObject),
        transports,
      });
    },
    get(options, flaws = {}) {
      if (authenticator.countsUp) authenticator.signCount++;
      const clientDataJSON = clientDataOf("webauthn.get", options.challenge, origin, flaws);
      const authData = authDataOf(
        options.rpId,
        { be: backupEligible },
        authenticator,
        Buffer.alloc(0),
        flaws,
      );
      const signer = flaws.signer ?? authenticator;
      const signature = signer.sign(Buffer.concat([authData, sha256(clientDataJSON)]));
      const handle = flaws.userHandle === undefined ? userHandle : flaws.userHandle;
      return sent(Buffer.from(flaws.credentialId ?? authenticator.credentialId), flaws, {
        clientDataJSON: b64(clientDataJSON),
        authenticatorData: b64(authData),
        signature: b64((flaws.signature ?? ((same) => same))(signature)),
        ...(handle === null ? {} : { userHandle: handle }),
      });
    },
  };
  return authenticator;
}

function makeKey(alg: Algorithm, bits: number): { key: KeyObject; cose: [number, Cbor][] } {
  const { privateKey } =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : alg === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("rsa", { modulusLength: bits });
  const key = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
  const jwk = key.export({ format: "jwk" });
  const bytes = (name: "x" | "y" | "n" | "e") => Buffer.from(jwk[name] ?? "", "base64url");
  const cose: Record<Algorithm, () => [number, Cbor][]> = {
    ES256: () => [
      [1, 2],
      [3, RAW.ES256],
      [-1, 1],
      [-2, bytes("x")],
      [-3, bytes("y")],
    ],
    EdDSA: () => [
      [1, 1],
      [3, RAW.EdDSA],
      [-1, 6],
      [-2, bytes("x")],
    ],
    RS256: () => [
      [1, 3],
      [3, RAW.RS256],
      [-1, bytes("n")],
      [-2, bytes("e")],
    ],
  };
  return { key, cose: cose[alg]() };
}

function clientDataOf(type: string, challenge: string, origin: string, flaws: Flaws): string {
  const data = { type, challenge, origin, crossOrigin: false, ...flaws.clientData };
  return flaws.clientDataText ?? JSON.stringify(data);
}

/** §6.1 */
function authDataOf(
  rpId: string,
  defaults: Partial<Flags>,
  { signCount }: { signCount: number },
  attested: Buffer,
  flaws: Flaws,
): Buffer {
  const set = { up: true, uv: true, be: false, bs: false, at: false, ed: false, ...defaults, ...flaws.flags };
  const bit = { up: 0, uv: 2, be: 3, bs: 4, at: 6, ed: 7 } as const;
  const flags = (Object.keys(bit) as (keyof Flags)[]).reduce(
    (sum, name) => sum | (set[name] ? 1 << bit[name] : 0),
    0,
  );
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(flaws.signCount ?? signCount);
  const data = Buffer.concat([
    sha256(flaws.rpId ?? rpId),
    Buffer.from([flags]),
    counter,
    attested,
    flaws.extra ?? Buffer.alloc(0),
  ]);
  return flaws.cut === undefined ? data : data.subarray(0, flaws.cut);
}

function sent(id: Buffer, { json = (same) => same }: Flaws, response: object): unknown {
  const name = b64(id);
  return json({
    id: name,
    rawId: name,
    type: "public-key",
    response,
    authenticatorAttachment: "cross-platform",
    clientExtensionResults: {},
  });
}
