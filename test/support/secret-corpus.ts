// Which strings of a test run are secrets: what requests carried, what answers, cookies and mails gave out, and what is sealed.
import type { Context } from "../../src/context.ts";
import { open } from "../../src/crypto/seal.ts";
import type { Stage } from "./credential-kinds.ts";
import type { ReceivedMail } from "./mailbox.ts";
import { formsOf, type Secret } from "./secrets.ts";
import type { SendOptions } from "./world.ts";

export interface Exchange {
  request: {
    path: string;
    body?: unknown;
    headers?: Record<string, string> | undefined;
    key?: string | undefined;
  };
  status: number;
  headers: string;
  body: unknown;
}

export interface Recorded {
  exchanges: Exchange[];
  /** Named by the test. */
  issued: Secret[];
}

/** From here on everything sent in this world and answered is kept. */
export function recordInto(recorded: Recorded, w: Stage): void {
  const send = w.send.bind(w);
  w.send = async (method: string, path: string, options: SendOptions = {}) => {
    const answer = await send(method, path, options);
    const { body, headers, key } = options;
    recorded.exchanges.push({
      request: { path, body, headers, key },
      status: answer.status,
      headers: JSON.stringify([...answer.headers]),
      body: answer.body,
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const value = decodeURIComponent(cookie.split(";")[0]?.split("=").slice(1).join("=") ?? "");
      if (value !== "") recorded.issued.push({ kind: "cookie", text: value });
    }
    return answer;
  };
}

/** The fields of requests and answers that hold a secret, whatever it looks like, by what it is. */
const FIELDS: Record<string, string> = {
  password: "password",
  current_password: "password",
  new_password: "password",
  access_token: "access token",
  refresh_token: "refresh token",
  key: "API key",
  flow_token: "flow token",
  mfa_token: "mfa token",
  trusted_device_token: "trusted-device token",
  exchange_code: "exchange code",
  login_session_id: "login_session_id",
  secret: "TOTP seed",
  backup_codes: "backup code",
  setup_token: "setup token",
};
/** Ours wherever they stand. */
const OURS = /ost_(?!setup)[a-z]+_[\w-]{43,}|eyJ[\w-]+\.[\w-]+\.[\w-]{43,}/g;
const CODE = /^\d{6}$/;

function* secretsIn(value: unknown, name = ""): Generator<Secret> {
  if (typeof value === "string") {
    const kind = FIELDS[name];
    if (kind !== undefined && value !== "") yield { kind, text: value };
    for (const [text] of value.matchAll(OURS)) yield { kind: kind ?? "token", text };
    if (name === "code" && CODE.test(value)) yield { kind: "six digits", text: value };
  } else if (Array.isArray(value)) {
    for (const item of value) yield* secretsIn(item, name);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* secretsIn(item, key);
  }
}

/** What a mail lets its reader do. */
function* secretsMailed({ text, subject }: ReceivedMail): Generator<Secret> {
  for (const [, token = ""] of text.matchAll(/token=([\w-]+)/g)) yield { kind: "mailed token", text: token };
  const code = /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? /\b\d{6}$/.exec(subject)?.[0];
  if (code !== undefined) yield { kind: "six digits", text: code };
}

/** Private parameters of the keys that sign access tokens, opened with our own key. */
async function signingSecrets({ db, keys }: Context): Promise<Secret[]> {
  const rows = await db.all<{ kid: string; sealed: string }>`
    select kid, private_jwk_sealed as sealed from signing_keys`;
  return rows.map(({ kid, sealed }) => {
    const { d } = JSON.parse(open(keys.seal, `signing_keys/${kid}`, sealed)) as { d: string };
    // As an opaque secret of ours is: so its bytes are looked for as well.
    return { kind: "private signing key", text: `ost_jwk_${d}` };
  });
}

/** Every secret once. */
export async function corpusOf(
  { exchanges, issued }: Recorded,
  mails: readonly ReceivedMail[],
  { ctx, fixed }: { ctx: Context; fixed: readonly Secret[] },
): Promise<Secret[]> {
  const all = [
    ...issued,
    ...exchanges.flatMap(({ request, body }) => [...secretsIn(request), ...secretsIn(body)]),
    ...mails.flatMap((mail) => [...secretsMailed(mail)]),
    ...(await signingSecrets(ctx)),
    ...fixed,
  ];
  const byText = new Map<string, Secret>();
  for (const secret of all)
    if (secret.text.length >= 6 && !byText.has(secret.text)) byText.set(secret.text, secret);
  return [...byText.values()];
}

/** The hex of a seed's bytes, as it is looked for. */
export const base32Secret = (secret: Secret): string | undefined =>
  formsOf(secret)
    .find(([form]) => form === "hex of its bytes")?.[1]
    .toString();
