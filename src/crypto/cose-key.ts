// Public keys of authenticators (COSE, RFC 9053 §7, RFC 8230 §4), as strict as Level 3 §5.8.5 has them.
import { createPublicKey } from "node:crypto";

/** What authenticators are offered, the first preferred: EdDSA, ES256, RS256. */
export const ALGORITHMS = [-8, -7, -257];

const [KTY, ALG, CRV, X, Y] = [1, 3, -1, -2, -3];
/** Of RSA, under the same labels. */
const [N, E] = [-1, -2];

/** Whether a signature can ever be verified with it: a curve that fits the algorithm, and a point on it. */
export function isUsable(key: ReadonlyMap<number, unknown>): boolean {
  const jwk = jwkOf(key);
  if (!jwk) return false;
  try {
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function jwkOf(key: ReadonlyMap<number, unknown>): Record<string, string> | undefined {
  const bytes = (label: number, least: number, most = least): string | undefined => {
    const value = key.get(label);
    const fits = value instanceof Uint8Array && value.length >= least && value.length <= most;
    return fits ? Buffer.from(value).toString("base64url") : undefined;
  };
  const kind = [KTY, ALG].map((label) => key.get(label)).join();
  if (kind === "1,-8" && key.get(CRV) === 6) {
    const x = bytes(X, 32);
    return x === undefined ? undefined : { kty: "OKP", crv: "Ed25519", x };
  }
  if (kind === "2,-7" && key.get(CRV) === 1) {
    const [x, y] = [bytes(X, 32), bytes(Y, 32)];
    return x === undefined || y === undefined ? undefined : { kty: "EC", crv: "P-256", x, y };
  }
  if (kind === "3,-257") {
    // 2048 to 8192 bits: what is shorter can be factored, and what is longer keeps the server busy.
    const [n, e] = [bytes(N, 256, 1024), bytes(E, 1, 8)];
    return n === undefined || e === undefined ? undefined : { kty: "RSA", n, e };
  }
  return undefined;
}
