// Every operation × every outcome that it documents, provoked for real: the status, the body against the served schema in both
// directions, and every header that is promised. The rows are in support/outcome-table.ts; an operation that has none, or a status
// that none of its rows provokes, fails here.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Documented, readDocumentation } from "./support/documented.ts";
import { prepare, type Request } from "./support/outcome-request.ts";
import { ruledBy } from "./support/outcome-rules.ts";
import { openOutcomes, type OutcomeStage } from "./support/outcome-stage.ts";
import { OUTCOMES, type Row, UNPROVOKED } from "./support/outcome-table.ts";
import { type Answer, world } from "./support/world.ts";
import { openBeside } from "./support/beside.ts";

const { operations, common } = await (async () => {
  await using w = await world();
  return await readDocumentation(w);
})();

const HTTPS = "https://auth.example.com";

let stage: OutcomeStage;
/** Where the public URL is https, which changes cookies and headers. */
let secure: OutcomeStage;
beforeAll(async () => {
  stage = await openOutcomes();
  secure = await openOutcomes({ URL: HTTPS });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await secure[Symbol.asyncDispose]();
  const documented = operations.flatMap(({ id, statuses }) => statuses.map((status) => ({ id, status })));
  const own = documented.filter(({ id, status }) => provoked.get(id)?.has(status)).length;
  const all = [...provoked.values()].reduce((sum, statuses) => sum + statuses.size, 0);
  console.log(
    `outcomes: ${operations.length} operations, ${own} of ${documented.length} documented statuses and ${all - own} common ones = ${checked} answers checked, 0 undocumented`,
  );
});

/** Statuses seen, by operation, and how many answers were held against the documentation. */
const provoked = new Map<string, Set<number>>();
let checked = 0;

const JSON_TYPE = expect.stringMatching(/^application\/json; ?charset=utf-8$/i);
const SECONDS = expect.stringMatching(/^[1-9]\d*$/);
const PROMISED = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-request-id": expect.stringMatching(/^req_[\da-f]{32}$/),
};
/** By status: the headers that it has and no other has. */
const OF_STATUS: [name: string, statuses: number[], value: unknown][] = [
  ["www-authenticate", [401], "Bearer"],
  ["retry-after", [429, 503], SECONDS],
  ["allow", [405], expect.stringMatching(/^[A-Z]+(, [A-Z]+)*$/)],
  // Where a secret would go into histories: ours have a prefix, or are JWTs.
  ["location", [303, 307], expect.not.stringMatching(/ost_|eyJ/)],
];
const NEVER = /^(access-control-.*|server|x-powered-by|etag|last-modified|content-encoding)$/;

/** Everything that holds for an answer of an operation, whatever it says. */
function check(what: string, operation: Documented, answer: Answer, isCommon = false): void {
  const { status, headers, body } = answer;
  const judge = operation.judges.get(status);
  // Where both are documented, an operation's own refusal may say more than the one for a bad request.
  const judges = [judge, isCommon || !judge ? common.get(status) : undefined].filter(
    (one) => one !== undefined,
  );
  const found = judges.map((judge) => judge(body));
  const faults = found.find((faults) => faults.length === 0) ?? found[0] ?? ["undocumented"];
  expect({ what, status, body, faults }).toEqual({ what, status, body, faults: [] });
  const wanted: Record<string, unknown> = { ...PROMISED };
  for (const [name, statuses, value] of OF_STATUS) wanted[name] = statuses.includes(status) ? value : null;
  // ASVS 4.1.1
  wanted["content-type"] = body === "" ? null : JSON_TYPE;
  const sent = Object.fromEntries(Object.keys(wanted).map((name) => [name, headers.get(name)]));
  expect({ what, ...sent }).toEqual({ what, ...wanted });
  expect([what, [...headers.keys()].filter((name) => NEVER.test(name))]).toEqual([what, []]);
  checked++;
  provoked.set(operation.id, (provoked.get(operation.id) ?? new Set()).add(status));
}

/** `403 MFA_REQUIRED of somebody` → 403, MFA_REQUIRED */
function expectedBy(name: string): { status: number | undefined; code: string | undefined } {
  const [, status, code] = /^(\d{3})(?: ([A-Z][A-Z_0-9]+))?/.exec(name) ?? [];
  return { status: status === undefined ? undefined : Number(status), code };
}

const codeIn = ({ body }: Answer): unknown => body?.code ?? body?.data?.status ?? body?.status;

function expectNamed(what: string, name: string, answer: Answer, { says = {} }: Row): void {
  const { status = answer.status, code } = expectedBy(name);
  const { body } = answer;
  expect({ what, status: answer.status, body }).toMatchObject({ what, status });
  if (code !== undefined) expect([what, codeIn(answer)]).toEqual([what, code]);
  expect({ what, ...body }).toMatchObject({ what, ...says });
}

/** ASVS 3.3.1 to 3.3.5; `__Host-` and `Secure` over https only, as browsers take them there only. */
function checkCookies(
  what: string,
  { headers, body }: Answer,
  { cookies = [] }: Row,
  isHttps: boolean,
): void {
  const [prefix, secure] = isHttps ? ["__Host-", "; Secure"] : ["", ""];
  const form = new RegExp(
    `^${prefix}ostiary_(\\w+)=([\\w.~-]*); Path=/; HttpOnly; SameSite=Lax${secure}(; Max-Age=\\d+)?$`,
  );
  const set = headers.getSetCookie();
  expect([what, set.map((cookie) => form.exec(cookie)?.[1] ?? cookie).toSorted()]).toEqual([
    what,
    cookies.toSorted(),
  ]);
  for (const cookie of set) {
    const [, name, value = ""] = form.exec(cookie) ?? [];
    expect(cookie.length).toBeLessThan(4096);
    // The reference has the trusted device's token in the answer too.
    if (name === "session" && value) expect(JSON.stringify(body)).not.toContain(value);
  }
}

/** On the stage of everybody, or on one of its own. */
async function onStage(row: Row, act: (w: OutcomeStage) => Promise<void>): Promise<void> {
  if (!row.settings && !row.empty) return act(stage);
  await using w = await openOutcomes(row.settings);
  if (row.empty) await w.ctx.db.run`delete from users`;
  await act(w);
}

async function provoke(
  w: OutcomeStage,
  operation: Documented,
  name: string,
  row: Row,
  isRule = false,
): Promise<void> {
  const what = `${operation.id} ${name}`;
  const request = await prepare(w, operation, row);
  // First, as it changes nothing: GET answers as if nobody had asked.
  const head = operation.method === "GET" && !row.raw ? await request("HEAD") : undefined;
  const answer = await request();
  expectNamed(what, name, answer, row);
  check(what, operation, answer, isRule);
  checkCookies(what, answer, row, w === secure);
  if (head && isLook(operation)) expect([what, head.status, head.body]).toEqual([what, answer.status, ""]);
}

/** By HEAD they say only that there is such a page, or what there was to be said before. */
const isLook = ({ id }: Documented): boolean => !["tenantVerifyEmail", "portalIdentify"].includes(id);

const excused = ({ id }: Documented, status: number): boolean =>
  UNPROVOKED.some((one) => one.status === status && one.operations.test(id));

describe.each(operations.map((operation) => [operation.id, operation] as const))("%s", (id, operation) => {
  const rows = Object.entries(OUTCOMES[id] ?? {});
  const rules = ruledBy(operation);

  test("answers what is documented, and nothing else", async () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const [name, row] of rows) await onStage(row, (w) => provoke(w, operation, name, row));
    for (const [name, row] of rules) await provoke(stage, operation, name, row, true);
    const seen = provoked.get(id);
    const unseen = operation.statuses.filter((status) => status !== 503 && !seen?.has(status));
    expect(unseen.filter((status) => !excused(operation, status))).toEqual([]);
  }, 30_000);

  const withCookies = rows.filter(([, row]) => row.cookies);
  if (withCookies.length > 0) {
    test("sets cookies that https alone can set, where there is https", async () => {
      for (const [name, row] of withCookies) await provoke(secure, operation, name, row);
    });
  }
});

test("while the database is held by another program everybody is told to come back, nothing is spent, and the same request does then what it says", async () => {
  await using w = await openOutcomes();
  const waiting: { operation: Documented; name: string; row: Row; request: Request }[] = [];
  for (const operation of operations) {
    const rows = Object.entries(OUTCOMES[operation.id] ?? {});
    const [name, row] = rows.find(([name, row]) => name.startsWith("2") && !row.empty) ?? [];
    if (name && row) waiting.push({ operation, name, row, request: await prepare(w, operation, row) });
  }
  using other = openBeside(w.ctx.config.databasePath);
  other.run("begin immediate");
  const answers = await Promise.all(waiting.map(({ request }) => request()));
  other.run("rollback");
  const open: string[] = [];
  for (const [i, { operation }] of waiting.entries()) {
    const answer = answers[i];
    if (!answer) continue;
    check(`${operation.id} of a held database`, operation, answer);
    const isPromised = operation.statuses.includes(503) && !excused(operation, 503);
    if (isPromised !== (answer.status === 503)) open.push(`${operation.id} answers ${answer.status}`);
  }
  expect(open).toEqual([]);
  w.clock.advance(2_000);
  for (const { operation, name, row, request } of waiting) {
    const what = `${operation.id} ${name}, once it is free`;
    const answer = await request();
    expectNamed(what, name, answer, row);
    check(what, operation, answer);
  }
}, 60_000);

test("no reason outlives its status, and no row its operation", () => {
  const documented = (one: (typeof UNPROVOKED)[number]) =>
    operations.filter(({ id, statuses }) => one.operations.test(id) && statuses.includes(one.status));
  for (const one of UNPROVOKED) {
    expect([one.reason, documented(one).length > 0]).toEqual([one.reason, true]);
    for (const { id } of documented(one))
      expect([id, one.status, one.status !== 503 && provoked.get(id)?.has(one.status)]).toEqual([
        id,
        one.status,
        false,
      ]);
  }
  const ids = operations.map(({ id }) => id);
  expect(Object.keys(OUTCOMES).filter((id) => !ids.includes(id))).toEqual([]);
});
