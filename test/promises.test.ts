// Small things that are promised (SECURITY.md) and have no suite of their own.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { BASE, enableTotp, setUpAdmin, signIn, totpCode } from "./support/key-group.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { portal } from "./support/portal-group.ts";
import { ROOT } from "./support/process.ts";
import { dump, world } from "./support/world.ts";

const YEAR = 365 * 24 * 60 * 60 * 1000;

test("an installation that nobody has set up has no account, and no usual name and password lets anyone in", async () => {
  await using w = await world();
  expect(dump(w)["users"]).toEqual([]);
  for (const username of ["admin", "root", "sa", "ostiary", "test"]) {
    for (const password of [username, "admin", "password", "changeme", "mypassword"])
      expect((await signIn(w, { username, password })).status).toBe(401);
  }
});

test("a password stays good for years: nothing asks for another", async () => {
  await using w = await world();
  await makePerson(w, await makeTenant(w, "acme"), { email: "ada@example.com" });
  w.clock.advance(3 * YEAR);
  expect((await portal(w).login("ada@example.com", PASSWORD)).status).toBe(200);
});

test("what a client says of the time counts nowhere: a code is judged by the server's clock alone", async () => {
  await using w = await world();
  const secret = await enableTotp(w, await setUpAdmin(w));
  await signIn(w);
  const later = w.clock.now() + 10 * 60_000;
  const code = totpCode(w.clock, secret, 20);
  const headers = { date: new Date(later).toUTCString(), "x-timestamp": String(later) };
  const body = { username: "admin", code, timestamp: later, time: new Date(later).toISOString() };
  expect((await w.send("POST", `${BASE}/mfa/login-verify/`, { body, headers })).status).toBe(401);
});

describe("a browser", () => {
  test("gets no script out of the API: no callback is wrapped around an answer, and no ending makes a file of one", async () => {
    await using w = await world();
    const key = await setUpAdmin(w);
    for (const query of ["callback=steal", "jsonp=steal", "cb=steal"]) {
      const { headers, body } = await w.send("GET", `${BASE}/me/?${query}`, { key });
      expect(headers.get("content-type")).toStartWith("application/json");
      expect(body.username).toBe("admin");
    }
    for (const ending of [".js", ".css", "/x.css", ";x.js", "%2fx.css", "/..%2fx.png"]) {
      const { status, headers, body } = await w.send("GET", `/api/v1/me${ending}`, { key });
      expect([ending, status, body]).toEqual([ending, 404, { detail: "Not Found" }]);
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});

/** Every file of src/, without comments that have a line of their own. */
const sources = [...new Glob("src/**/*.ts").scanSync(ROOT)].map((path): [path: string, code: string] => [
  path,
  readFileSync(join(ROOT, path), "utf8").replaceAll(/^\s*(\/\/|\/?\*).*$/gm, ""),
]);
const having = (looks: RegExp): string[] =>
  sources
    .filter(([, code]) => looks.test(code))
    .map(([path]) => path)
    .toSorted();

describe("the source", () => {
  test("connects to nobody but the mail server that the operator names", () => {
    // The first writes files, by a transport that connects to nothing.
    expect(having(/\bcreateTransport\(/)).toEqual(["src/mail/eml-file.ts", "src/mail/smtp.ts"]);
    const outgoing =
      /(await|return|=>?|\()\s*fetch\(|\bnode:(https?|tls|dgram|http2)"|\bBun\.(connect|udpSocket|dns)\b|\bnew WebSocket\(|\bcreateRemoteJWKSet\b/;
    // What browsers run calls the server that it came from; the policy of its pages lets it call no other.
    expect(having(outgoing)).toEqual(["src/pages/browser/api.ts"]);
    // Of node:net what tells addresses apart, and opens nothing.
    const ofNet = sources.flatMap(([, code]) => [...code.matchAll(/import \{(.*)\} from "node:net"/g)]);
    const names = ofNet.flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()));
    expect(names.filter((name) => !/^(type )?(BlockList|isIP)$/.test(name))).toEqual([]);
  });

  test("starts no program, and runs no text as code", () => {
    const running = /\bBun\.(spawn|\$)|\bnode:child_process|\beval\(|\bnew Function\(|\bnode:vm\b/;
    // A macro: it runs before there is a program, which has what came of it (test/architecture.test.ts).
    expect(having(running)).toEqual(["src/pages/bundle.ts"]);
  });
});
