// Hostile input to every route, generated from the routes and their documented schemas: never a 5xx, always a documented answer,
// nothing of the input in it, and nothing changed. Order: syntax (422), then who is asking (401), then fields (422).
import { describe, expect, test } from "bun:test";
import type { FieldErrorType } from "../src/errors.ts";
import { createApp } from "../src/server.ts";
import { BASE } from "./support/key-group.ts";
import { makeTenant } from "./support/people.ts";
import { dump, type World, world } from "./support/world.ts";

/** Stand in whatever is submitted, and may stand in no answer. */
const MARK = "mArKeR7f3a9c";
const NUMBER = 734219865;
const FORM = "application/x-www-form-urlencoded";
const VOCABULARY = Object.keys({
  bool_type: true,
  enum: true,
  json_invalid: true,
  missing: true,
  string_pattern_mismatch: true,
  string_too_long: true,
  string_too_short: true,
  string_type: true,
  value_error: true,
} satisfies Record<FieldErrorType, true>);

interface Property {
  type?: string;
  anyOf?: Property[];
  examples?: unknown[];
}

interface Route {
  method: string;
  path: string;
  /** Wants a Bearer. */
  guarded: boolean;
  /** Takes a form, and no JSON. */
  isForm: boolean;
  /** Statuses that it answers, as documented; none: it is not documented. */
  statuses: Set<number>;
  /** Of the body, as documented. */
  properties: [name: string, property: Property][];
}

interface Attack {
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  headers?: Record<string, string>;
  query?: string;
  /** What must come back, whoever asks; without it only the rules for all answers hold. */
  status?: number;
  /** The one place that a 422 must name: at once where a status is given, else when it is known who asks. */
  loc?: string[];
}

const routes: Route[] = await (async () => {
  await using w = await world();
  const { paths, components } = (await w.send("GET", "/swagger/json")).body;
  return createApp(w.ctx).routes.map(({ method, path, hooks }) => {
    const operation = paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    const content = operation?.requestBody?.content ?? {};
    const isForm = FORM in content;
    const { schema } = content["application/json"] ?? content[FORM] ?? {};
    const { properties = {} } = components.schemas[schema?.$ref?.split("/").at(-1)] ?? schema ?? {};
    const guarded = hooks.detail?.security?.length > 0;
    const described = operation ? { ...operation.responses, ...components.responses } : {};
    const statuses = new Set(Object.keys(described).map(Number));
    return { method, path, guarded, isForm, statuses, properties: Object.entries<Property>(properties) };
  });
})();

/** One on each line, or several with three spaces between them. */
const list = (text: string): string[] => text.trim().split(/\n\s*| {3,}/);
const nest = (levels: number, open: string, close: string, core = "") =>
  open.repeat(levels) + core + close.repeat(levels);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
/** Without a length: it is sent in chunks. */
const inChunks = (text: string) => new Blob([text]).stream().pipeThrough(new TransformStream());

/** Bodies that are refused for what they are, before anybody asks who sends them. */
function syntaxAttacks(): Attack[] {
  const texts =
    list(`{   }   {"x":   {"x":}   nul   NaN   {}{}   {} x   //   {${MARK}: 1}   {"x": "${MARK}   {"x":1,}
    {'x': '${MARK}'}   {"x": "\\x"}   {"x": 01}   [1,]   {"${MARK}\0": 1}   {"x": "${MARK}\t"}   \0   []   null   true
    "${MARK}"   ${NUMBER}   [{"x":1}]   -0   1e999   ${nest(30_000, "[", "]")}   ${"[".repeat(60_000)}
    {"x":${nest(32, "[", "]")}}   {"__proto__":${nest(32, "[", "]")}}   ${nest(33, '{"x":', "}", "1")}
    ${nest(10_000, '{"x":', "}", "1")}   ${'{"x":'.repeat(10_000)}`);
  // Not UTF-8: a stray byte, a lone surrogate, an overlong slash; then UTF-16.
  const hex = list("7b22ff223a317d   7b22eda080223a317d   7b22c0af223a317d   7b007d00   fffe7b007d00");
  const types =
    list(`multipart/form-data; boundary=x   application/x-www-form-urlencoded   text/plain   text/json   */*
    application/json; charset=utf-16   application/json; charset=latin1   application/json, text/plain   ${MARK}
    application/jsonp   application/json-patch+json   application/problem+json   json`);
  const tooLarge = [`{"x":"${MARK.repeat(5462)}"}`, MARK.repeat(100_000), "[".repeat(100_000)];
  return [
    ...[...texts, " ", ...hex.map(bytes)].map((body) => ({ body, status: 422, loc: ["body"] })),
    ...types.map((type) => ({ body: "{}", headers: { "content-type": type }, status: 415 })),
    { body: bytes("7b7d"), headers: { "content-type": "" }, status: 415 },
    { body: Bun.gzipSync("{}"), headers: { "content-encoding": "gzip" }, status: 415 },
    { body: "{}", headers: { "content-encoding": MARK }, status: 415 },
    ...[...tooLarge, ...tooLarge.map(inChunks)].map((body) => ({ body, status: 413 })),
  ];
}

const WRONG = Object.entries({
  number: NUMBER,
  boolean: true,
  null: null,
  array: [MARK],
  object: { x: MARK },
});
const TEXTS = [
  ...list(`' or '1'='1' --${MARK}   "; drop table users; --${MARK}   ${MARK}%   \\   \`   \${${MARK}}   @   ${MARK}@x@y
    ${MARK}@example.com   __proto__   constructor   1e5   ../../etc/passwd   \u202e\u200b   \uffff   <script>${MARK}
    \0   ${MARK}\0   \ud800${MARK}   ${MARK}\udfff   ${"😀".repeat(400)}   ${MARK.repeat(5000)}`),
  "",
  "123456\n",
  `${MARK}\r\nX-Y: 1`,
];
const typesOf = ({ type, anyOf = [] }: Property): unknown[] => [type, ...anyOf.flatMap(typesOf)];

/** JSON objects that are hostile in one property and else as in the documentation. */
function fieldAttacks({ properties }: Route): Attack[] {
  const valid = Object.fromEntries(properties.map(([name, { examples = [] }]) => [name, examples[0]]));
  const json = (changes: object) => JSON.stringify({ ...valid, ...changes });
  const withRaw = (text: string) => `${json({ y: 1 }).slice(0, -1)},${text}}`;
  return [
    {},
    { body: "" },
    { body: "{}" },
    { body: withRaw(`"x":${nest(31, "[", "]")}`) },
    { body: withRaw(`"__proto__":{"x":"${MARK}"},"constructor":{"prototype":{"x":"${MARK}"}}`) },
    { body: withRaw('"__proto__":null') },
    { body: `{"__proto__":${json({ x: MARK })}}` },
    ...properties.flatMap(([field, property]): Attack[] => [
      ...WRONG.filter(([type]) => !typesOf(property).includes(type)).map(([, wrong]) => ({
        body: json({ [field]: wrong }),
        loc: ["body", field],
      })),
      { body: withRaw(`"${field}":"${MARK}","${field}":[["${MARK}"]]`), loc: ["body", field] },
      ...TEXTS.map((text) => ({ body: json({ [field]: text }) })),
    ]),
  ];
}

/** The same where a form is taken: JSON of any kind is none. */
function formAttacks({ properties }: Route): Attack[] {
  const valid = Object.fromEntries(
    properties.map(([name, { examples = ["x"] }]) => [name, String(examples[0])]),
  );
  const form = (changes: object) => new URLSearchParams({ ...valid, ...changes }).toString();
  const headers = { "content-type": FORM };
  const raw = list(
    `%   %ff=%ff   %00   &&&   =   username[]=${MARK}   __proto__=${MARK}   username   {"username":"${MARK}"}   ?a=b   +`,
  );
  const json = syntaxAttacks().filter(({ headers: own }) => own?.["content-type"] !== FORM);
  return [
    ...json.map(({ body = "", headers: own = {}, status }) =>
      status === 413 ? { body, headers, status } : { body, headers: own, status: 415 },
    ),
    ...[...raw, bytes("ff3d61")].map((body) => ({ body, headers })),
    ...properties.flatMap(([field]): Attack[] => [
      { body: `${form({})}&${field}=${MARK}`, headers, status: 422, loc: ["body"] },
      ...TEXTS.map((text) => ({ body: form({ [field]: text }), headers })),
    ]),
  ];
}

const TWICE = ["x=1&x=2", `${MARK}&${MARK}`, "a=1&%61=2", "=&=", "a=1&b=2&a=1"];
const QUERIES = list(
  `%   %ff   %00   &&&   x[]=1   __proto__=1   ?   a=%ud800   +   '--   ${MARK.repeat(500)}`,
);
const HEADERS: Record<string, string>[] = [
  { "x-long": MARK.repeat(800), "x-setup-token": MARK.repeat(100) },
  { cookie: `=; ;;a=%; __proto__=${MARK}; a=\u00ff; ${MARK.repeat(100)}` },
  { accept: MARK, "accept-language": "*;q=x", "if-none-match": "*", range: "bytes=0-", expect: MARK },
  { "x-http-method-override": "DELETE", "x-original-url": "/readyz", origin: MARK, referer: MARK },
  { "x-forwarded-for": `${MARK},,%,::`, forwarded: MARK, "user-agent": "\u00ff'--" },
];
const AUTHORIZATIONS =
  list(`Bearer   Basic YTpi   DPoP x   Bearer,   ${MARK}   Bearer ${MARK}   Bearer  ${MARK}
  Bearer ${MARK} ${MARK}   Bearer\t${MARK}   Bearer ${MARK}, Bearer ${MARK}   Bearer ' or 1=1 --   Bearer null
  Bearer ost_key_   Bearer e30.e30.e30   Bearer eyJhbGciOiJub25lIn0.e30.   Bearer \u00e9   Bearer ${MARK.repeat(800)}`);

/** What any route can be sent. */
const anywhere = ({ guarded }: Route): Attack[] => [
  ...TWICE.map((query) => ({ query, status: 422, loc: ["query"] })),
  ...QUERIES.map((query) => ({ query })),
  ...HEADERS.map((headers) => ({ headers })),
  // The runtime's own answer.
  { headers: { "x-long": MARK.repeat(3400) }, status: 431 },
  ...["", ...AUTHORIZATIONS].map((authorization) => ({
    headers: { authorization },
    ...(guarded ? { status: 401 } : {}),
  })),
];

function send({ origin }: World, { method, path }: Route, key: string | undefined, attack: Attack) {
  const { body, query } = attack;
  const headers = new Headers(body === undefined ? {} : { "content-type": "application/json" });
  if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
  for (const [name, value] of Object.entries(attack.headers ?? {})) {
    headers.delete(name);
    if (value) headers.set(name, value);
  }
  const url = `${origin}${path.replaceAll(/:\w+/g, "sample")}${query === undefined ? "" : `?${query}`}`;
  return fetch(url, { method, headers, redirect: "manual", ...(body === undefined ? {} : { body }) });
}

const REFUSED = { detail: expect.any(String), code: expect.stringMatching(/^[A-Z_]+$/) };
const UNUSABLE = {
  loc: expect.arrayContaining([expect.stringMatching(/^(body|query|path|headers)$/)]),
  msg: expect.any(String),
  type: expect.stringMatching(new RegExp(`^(${VOCABULARY.join("|")})$`)),
};

/** The documented shapes of a refusal, and no other. */
function expectDocumented(what: string, status: number, text: string): void {
  if (status === 404 && text === '{"detail":"Not Found"}') return;
  const { detail, ...rest } = JSON.parse(text);
  const entries: unknown[] = Array.isArray(detail) && detail.length > 0 ? detail : [detail];
  const documented = status === 422 ? { detail: entries.map(() => UNUSABLE) } : REFUSED;
  expect([what, { detail, ...rest }]).toEqual([what, documented]);
}

/** Everything that is stored, but for counters, the audit log, the mark of `/readyz`, and how far a mail has got. */
function stored(w: World): unknown {
  const { audit: _, limits: __, instance: ___, outbox = [], ...rest } = dump(w);
  return { ...rest, outbox: outbox.length };
}

/** Sends one attack and holds the answer, and what it left behind, against the rules. */
async function endure(w: World, route: Route, key: string | undefined, attack: Attack): Promise<void> {
  const what = Bun.inspect(attack).replaceAll(/\s+/g, " ").slice(0, 200);
  const before = stored(w);
  const answer = await send(w, route, key, attack);
  const { status } = answer;
  const text = await answer.text();
  const shut = route.guarded && key === undefined;
  const wanted = attack.status ?? (shut ? 401 : attack.loc ? 422 : status);
  // Ids in these paths name nothing, which may be said before the fields are looked at.
  const expected = status === 404 && namesNothing(route) ? 404 : wanted;
  expect([what, status, status < 500]).toEqual([what, expected, true]);
  if (status >= 400 && status !== 431) expectDocumented(what, status, text);
  if (route.statuses.size > 0 && status !== 431) expect([...route.statuses]).toContain(status);
  if (attack.loc && status === 422) {
    // The field, or what lies inside it.
    const found = (JSON.parse(text).detail as { loc: string[] }[]).map(({ loc }) =>
      loc.slice(0, attack.loc?.length),
    );
    expect([what, found]).toEqual([what, [attack.loc]]);
  }
  // What was taken may be shown as what is stored now: a name that reads like markup is still a name.
  const shown = `${status < 300 ? "" : text}\n${JSON.stringify([...answer.headers])}`.toLowerCase();
  const echoed = [MARK.toLowerCase(), `${NUMBER}`].filter((mark) => shown.includes(mark));
  expect([what, echoed]).toEqual([what, []]);
  if (status >= 400 || route.method === "GET") expect([what, stored(w)]).toEqual([what, before]);
}

/** Whether the path has a parameter besides the tenant's. */
const namesNothing = ({ path }: Route): boolean => path.replace(/:tenant(_slug)?\b/, "").includes(":");

describe.each(["a stranger to an empty installation", "the admin"])("from %s", (caller) => {
  for (const route of routes) {
    test(`nothing hostile gets through ${route.method} ${route.path}`, async () => {
      await using w = await world();
      await makeTenant(w, "sample", { self_registration: true });
      // Not the password of the documented example.
      const body = { username: "admin", password: "correct horse" };
      const key =
        caller === "the admin" ? (await w.send("POST", `${BASE}/setup/`, { body })).body.key : undefined;
      const inJson = route.isForm ? formAttacks(route) : [...syntaxAttacks(), ...fieldAttacks(route)];
      const withBody = route.method === "GET" ? [] : inJson;
      for (const attack of [...withBody, ...anywhere(route)]) await endure(w, route, key, attack);
      expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
      const log = w.log.join("");
      expect([log.includes('"fault"'), log.includes(MARK)]).toEqual([false, false]);
      // Bodies of many fields are many attacks.
    }, 30_000);
  }
});

test("64 KiB and 32 levels are still taken", async () => {
  await using w = await world();
  const body = `{"x":${nest(31, "[", "]")},"y":"${MARK}"}`.padEnd(65_536);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${w.origin}${BASE}/token/`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ detail: [{ type: "missing" }, { type: "missing" }] });
});
