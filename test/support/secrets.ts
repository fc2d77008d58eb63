// Secrets as a thief would look for them: in every form that a careless line of code could leave, in whatever bytes there are.

export interface Secret {
  /** What it is: "refresh token", "password". */
  kind: string;
  text: string;
}

export interface Place {
  name: string;
  bytes: Buffer;
}

/** Six digits stand in many a number by chance: they count where no further digit of a decimal or hexadecimal number touches them. */
const CODE = /^\d{6}$/;
/** Opaque secrets carry 32 random bytes behind their prefix; without the prefix they are the same secret. */
const OPAQUE = /^ost_[a-z]+_([\w-]{43,})$/;
/** Of a JWT the signature: the rest is no secret by itself, and stands in rows. */
const JWT = /^[\w-]+\.[\w-]+\.([\w-]{43,})$/;
const BASE32 = /^[A-Z2-7]{32}$/;
const BACKUP_CODE = /^[a-z2-7]{4}(-[a-z2-7]{4}){5}$/;

/** What gives a secret away, by the form it is in. */
export function formsOf({ text }: Secret): [form: string, needle: Buffer][] {
  const core = OPAQUE.exec(text)?.[1] ?? JWT.exec(text)?.[1] ?? text;
  const bytes = bytesOf(text, core);
  const texts: [string, string][] = [
    ["as it stands", core],
    ["percent-encoded", encodeURIComponent(core)],
    ["in JSON", JSON.stringify(core).slice(1, -1)],
    ["NFD", core.normalize("NFD")],
    ...(BACKUP_CODE.test(text) ? [["without dashes", text.replaceAll("-", "")] as [string, string]] : []),
    ...bytes.flatMap(([of, value]): [string, string][] => [
      [`hex of ${of}`, value.toString("hex")],
      [`HEX of ${of}`, value.toString("hex").toUpperCase()],
      ...inBase64(value).map((form): [string, string] => [`base64 of ${of}`, form]),
    ]),
  ];
  const raw = bytes
    .filter(([of]) => of !== "its text")
    .map(([of, value]): [string, Buffer] => [`raw ${of}`, value]);
  const all: [string, Buffer][] = [
    ...texts.map(([form, needle]): [string, Buffer] => [form, Buffer.from(needle, "utf8")]),
    ["UTF-16", Buffer.from(core, "utf16le")],
    ...raw,
  ];
  const seen = new Set<string>();
  return all.filter(
    ([, needle]) => !seen.has(needle.toString("latin1")) && seen.add(needle.toString("latin1")),
  );
}

function bytesOf(text: string, core: string): [string, Buffer][] {
  const found: [string, Buffer][] = [["its text", Buffer.from(core, "utf8")]];
  if (core !== text) found.push(["its bytes", Buffer.from(core, "base64url")]);
  if (BASE32.test(text)) found.push(["its bytes", fromBase32(text)]);
  return found;
}

/** Base64 of a text that stands somewhere inside a longer one looks three ways, by where it starts; without the ends that depend on neighbours. */
function inBase64(value: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), value]);
    const whole = shifted.toString("base64").replaceAll("=", "");
    const from = shift === 0 ? 0 : shift + 1;
    const inner = whole.slice(from, shifted.length % 3 === 0 ? undefined : -1);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((c) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"),
  );
  return Buffer.from(
    bits
      .join("")
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );
}

interface Needle {
  secret: Secret;
  form: string;
  bytes: Buffer;
}

/** Where a secret is, and in which form; empty when it is nowhere. One pass over each place, whatever the number of secrets. */
export function findSecrets(secrets: readonly Secret[], places: readonly Place[]): string[] {
  const codes = secrets.filter(({ text }) => CODE.test(text));
  const byStart = new Map<number, Needle[]>();
  for (const secret of secrets) {
    if (CODE.test(secret.text)) continue;
    for (const [form, bytes] of formsOf(secret)) {
      const start = bytes.readUInt32BE();
      byStart.set(start, [...(byStart.get(start) ?? []), { secret, form, bytes }]);
    }
  }
  // Most places in a file begin no secret: this says so without asking the map.
  const begins = new Uint8Array(1 << 16);
  for (const start of byStart.keys()) begins[start >>> 16] = 1;
  return places.flatMap(({ name, bytes }) => {
    const found = new Set<string>();
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (begins[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue;
      for (const needle of byStart.get(bytes.readUInt32BE(at)) ?? []) {
        const { length } = needle.bytes;
        if (at + length <= bytes.length && bytes.compare(needle.bytes, 0, length, at, at + length) === 0)
          found.add(`${needle.secret.kind} ${needle.form} in ${name}`);
      }
    }
    const text = codes.length > 0 ? bytes.toString("latin1") : "";
    for (const { kind, text: code } of codes) {
      if (new RegExp(`(?<![0-9a-f])${code}(?![0-9a-f])`).test(text)) found.add(`${kind} ${code} in ${name}`);
    }
    return [...found];
  });
}
