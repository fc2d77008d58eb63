// Scanners of mail fetch every link before the person does, in whatever way: nothing is confirmed, spent or changed by that, nobody is
// signed in, and the person's own click still works.
import { expect, test } from "bun:test";
import { setUpAdmin } from "./support/key-group.ts";
import { type ReceivedMail, tokenIn } from "./support/mailbox.ts";
import { makePerson, makeTenant, PASSWORD } from "./support/people.ts";
import { portals } from "./support/portals.ts";
import { enrolTotp } from "./support/second-factors.ts";
import { signInForTokens } from "./support/sessions.ts";
import { tenantOf } from "./support/tenant-group.ts";
import { dump, type World, worldWithMail } from "./support/world.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";
const DEE = "dee@example.com";
const EVE = "eve@example.com";
const NEW = "another good password";

const WAYS: Record<string, string>[] = [
  {},
  { accept: "*/*" },
  { accept: "application/json" },
  {
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
  },
];

/** Every address in it, in the text and in the HTML, as scanners find them: with and without the fragment. */
function linksIn({ text, html }: ReceivedMail): string[] {
  const found = [...text.matchAll(/https?:\/\/[^\s<>"]+/g), ...html.matchAll(/https?:\/\/[^\s<>"]+/g)];
  const links = found.map(([link]) => link.replaceAll("&amp;", "&").replace(/[.)]+$/, ""));
  return [...new Set(links.flatMap((link) => [link, link.replace("#", "?"), link.replace(/#.*/, "")]))];
}

/** Fetches them all, follows where they lead, and loads what the pages name. */
async function scan(mail: ReceivedMail): Promise<void> {
  const links = linksIn(mail);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    for (const method of ["HEAD", "GET"]) {
      for (const headers of WAYS) {
        const answer = await fetch(link, { method, headers, redirect: "follow" });
        expect([link, method, answer.status]).toEqual([link, method, 200]);
        expect(answer.headers.getSetCookie()).toEqual([]);
        const named = (await answer.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g);
        for (const [, path = ""] of named) await fetch(new URL(path.replaceAll("&amp;", "&"), link));
      }
    }
  }
}

/** All that the server knows, but for the mails that are under way. */
const stateOf = (w: World) => {
  const { outbox: _, ...state } = dump(w);
  return state;
};

test("a mail scanner that follows every link of every mail changes nothing, and the links work after it", async () => {
  await using w = await worldWithMail({ LIMIT_MAIL_GAP: "0" });
  const acme = await makeTenant(w, "acme", { self_registration: true });
  const key = await setUpAdmin(w);
  const ada = await makePerson(w, acme, { email: ADA });
  await enrolTotp(w, await makePerson(w, acme, { email: DEE }));
  const tenant = tenantOf(w, "acme");

  expect((await tenant.register({ email: EVE })).status).toBe(200);
  expect((await tenant.forgot(ADA)).status).toBe(200);
  const body = { email: BOB, role: "member", invite: true };
  expect((await w.send("POST", "/api/v1/admin/tenants/acme/members", { key, body })).status).toBe(201);
  expect((await tenant.register({ email: ADA })).status).toBe(200);
  const waiting = await portals(w).login("acme", DEE);
  const { accessToken } = await signInForTokens(w.ctx, { userId: ada, tenantId: acme.id });
  const named = { key: accessToken, body: { name: "script" } };
  expect((await w.send("POST", "/api/v1/me/keys", named)).status).toBe(201);
  const mails = {
    confirm: await w.mailbox.waitFor(EVE, "confirm"),
    reset: await w.mailbox.waitFor(ADA, "new password"),
    invitation: await w.mailbox.waitFor(BOB, "invitation"),
    known: await w.mailbox.waitFor(ADA, "already have an account"),
    waiting: await w.mailbox.waitFor(DEE, "waits for you"),
    notice: await w.mailbox.waitFor(ADA, "new API key"),
  };
  expect(linksIn(mails.known)).toContain(`${w.origin}/t/acme/login`);
  expect(linksIn(mails.waiting).join()).toContain(`${w.origin}/approve?id=lrq_`);
  expect(linksIn(mails.notice)).toContain(`${w.origin}/account`);

  const before = stateOf(w);
  for (const mail of Object.values(mails)) await scan(mail);
  expect(stateOf(w)).toEqual(before);
  expect((await tenant.login(ADA, PASSWORD)).status).toBe(200);

  const { login_session_id } = waiting.body;
  expect((await portals(w).status(login_session_id, { email: DEE })).body.status).toBe("pending");
  expect((await tenant.verifyEmail(tokenIn(mails.confirm))).status).toBe(200);
  expect((await tenant.login(EVE, PASSWORD)).status).toBe(200);
  expect((await tenant.reset(tokenIn(mails.reset), NEW)).status).toBe(200);
  const accepted = { token: tokenIn(mails.invitation), password: NEW, first_name: "Bob", last_name: "Hill" };
  expect(
    (await w.send("POST", "/api/v1/auth/tenants/acme/invitations/accept", { body: accepted })).status,
  ).toBe(200);
}, 60_000);
