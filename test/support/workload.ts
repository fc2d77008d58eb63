// People at work: they sign in, refresh, hand over, make keys, change and lose passwords, turn factors on and off, register, all at
// once; and a ledger of what they were told.
import type { UserId } from "../../src/core/ids.ts";
import type { Tenant } from "../../src/core/tenants.ts";
import { type Ledger, ask, claim, type Claim, NotDone, Unanswered } from "./ledger.ts";
import { BASE, totpCode } from "./key-group.ts";
import type { Mailbox } from "./mailbox.ts";
import { tokenIn } from "./mailbox.ts";
import { MFA } from "./me-group.ts";
import { org } from "./org-group.ts";
import { makePerson } from "./people.ts";
import { portal } from "./portal-group.ts";
import { portals } from "./portals.ts";
import { signInForKey } from "./sessions.ts";
import { tenantOf } from "./tenant-group.ts";
import type { Answer, World } from "./world.ts";

export interface Town extends World {
  mailbox: Mailbox;
  acme: Tenant;
  /** Aborted when nobody waits for anything any more. */
  over?: AbortSignal;
}

interface Session {
  access: string;
  refresh: string;
  /** Rotated, the oldest first. */
  spent: string[];
  claim: Claim;
}

interface Person {
  email: string;
  username: string;
  userId: UserId;
  password: string;
  sessions: Session[];
  keys: { key: string; id: string; claim: Claim }[];
  /** Of sessions that are put aside; over with a new password. */
  aside: Claim[];
}

const refusedAs =
  (...statuses: number[]) =>
  ({ status }: Answer) =>
    statuses.includes(status);

let serial = 0;
const newPassword = () => `a horse of another color ${++serial}`;

/** Works until told to stop; each of these has people of their own, so that what they were told is in order. */
export async function work(w: Town, ledger: Ledger, random: () => number, over: AbortSignal): Promise<void> {
  w.over = over;
  const people = await Promise.all(Array.from({ length: 4 }, () => newPerson(w)));
  const loops = [
    ...people.map((person) => () => signedInWork(w, ledger, person, random)),
    () => factorWork(w, ledger),
    () => registerWork(w, ledger),
    () => keyWork(w, ledger),
    () => magicWork(w, ledger),
  ];
  await Promise.all(
    loops.map(async (loop) => {
      while (!over.aborted) {
        try {
          await loop();
        } catch (error) {
          if (!(error instanceof Unanswered || error instanceof NotDone)) throw error;
          // Nothing answers any more, or it is told to come back.
          await Bun.sleep(5);
        }
      }
    }),
  );
}

let people = 0;
export async function newPerson(w: Town): Promise<Person> {
  const username = `w${++people}`;
  const email = `${username}@example.com`;
  const password = newPassword();
  const userId = await makePerson(w, w.acme, { email, username, password });
  // What another process wrote, the server sees when the sync that it waits for is done.
  const isSeen = isAlive(w, await signInForKey(w.ctx, { userId, tenantId: w.acme.id }));
  while (!(await isSeen())) await Bun.sleep(1);
  return { email, username, userId, password, sessions: [], keys: [], aside: [] };
}

const isAlive = (w: Town, bearer: string) => async () =>
  (await w.send("GET", "/v1/auth/load", { key: bearer })).status === 200;
const isDead = (w: Town, bearer: string) => async () =>
  (await w.send("GET", "/v1/auth/load", { key: bearer })).status === 401;

function keepSession(w: Town, ledger: Ledger, person: Person, body: Answer["body"]): Session {
  const session: Session = {
    access: body.access_token,
    refresh: body.refresh_token,
    spent: [],
    claim: claim(ledger, "kept: session", isAlive(w, body.access_token)),
  };
  person.sessions.push(session);
  return session;
}

function endSession(w: Town, ledger: Ledger, { access, refresh, claim: kept }: Session): void {
  ledger.claims.delete(kept);
  claim(ledger, "dead: access token of an ended session", isDead(w, access));
  claim(ledger, "dead: refresh token of an ended session", async () =>
    refusedAs(401)(await portal(w).refresh(refresh)),
  );
}

/** Whatever became of them: what nobody was told is no claim. */
function forget(ledger: Ledger, person: Person): void {
  for (const { claim: kept } of [...person.sessions, ...person.keys]) ledger.claims.delete(kept);
  for (const kept of person.aside) ledger.claims.delete(kept);
  Object.assign(person, { sessions: [], keys: [], aside: [] });
}

async function signedInWork(w: Town, ledger: Ledger, person: Person, random: () => number): Promise<void> {
  const session =
    person.sessions[Math.floor(random() * person.sessions.length)] ?? (await logIn(w, ledger, person));
  const choice = random();
  if (choice < 0.2) await logIn(w, ledger, person);
  else if (choice < 0.5) await refresh(w, ledger, person, session);
  else if (choice < 0.62) await logOut(w, ledger, person, session);
  else if (choice < 0.74) await handOver(w, ledger, person, session);
  else if (choice < 0.86) await makeKey(w, ledger, person, session);
  else if (choice < 0.92) await changePassword(w, ledger, person, session);
  else await resetPassword(w, ledger, person);
}

async function logIn(w: Town, ledger: Ledger, person: Person): Promise<Session> {
  const { email, password } = person;
  const found = await ask(ledger, {
    what: "identify",
    send: () => portal(w).identify(email),
    isAudited: false,
  });
  const { flow_token } = found.body;
  const body = { flow_token, password, tenant_id: w.acme.id };
  const answer = await ask(ledger, { what: "authenticate", send: () => portal(w).authenticate(body) });
  claim(ledger, "dead: flow token", async () => refusedAs(401)(await portal(w).authenticate(body)));
  return keepSession(w, ledger, person, answer.body);
}

async function refresh(w: Town, ledger: Ledger, person: Person, session: Session): Promise<void> {
  const token = session.refresh;
  try {
    const { body } = await ask(ledger, {
      what: "refresh",
      send: () => portal(w).refresh(token),
      isAudited: false,
    });
    session.spent.push(token);
    session.refresh = body.refresh_token;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    // Perhaps rotated: the same token is good for the same successor (decisions §1), and the session goes on either way.
    drop(person.sessions, session);
    setAside(
      ledger,
      person,
      "kept: refresh that was not answered",
      async () => (await portal(w).refresh(token)).status === 200,
    );
    throw error;
  }
  const [oldest] = session.spent;
  if (oldest === undefined || session.spent.length < 3) return;
  // A family that is looked at closely once, and is over then.
  drop(person.sessions, session);
  ledger.claims.delete(session.claim);
  setAside(ledger, person, "kept and dead: rotated family", async () => {
    const next = await portal(w).refresh(session.refresh);
    const again = await portal(w).refresh(oldest);
    return next.status === 200 && again.status === 401 && !(await isAlive(w, next.body.access_token)());
  });
}

/** A session that its owner leaves alone, until somebody looks at it once. */
function setAside(ledger: Ledger, person: Person, what: string, holds: Claim["holds"]): void {
  person.aside.push(claim(ledger, what, holds, true));
}

async function logOut(w: Town, ledger: Ledger, person: Person, session: Session): Promise<void> {
  drop(person.sessions, session);
  ledger.claims.delete(session.claim);
  await ask(ledger, { what: "logout", send: () => portal(w).logout({ key: session.access }) });
  endSession(w, ledger, session);
}

async function handOver(w: Town, ledger: Ledger, person: Person, session: Session): Promise<void> {
  const issued = await ask(ledger, { what: "exchange code", send: () => org(w, session.access).issueCode() });
  const { exchange_code } = issued.body;
  const consume = () => org(w).consumeCode({ exchange_code });
  keepSession(w, ledger, person, (await ask(ledger, { what: "consume", send: consume })).body);
  claim(ledger, "dead: exchange code", async () => refusedAs(401)(await consume()));
}

async function makeKey(w: Town, ledger: Ledger, person: Person, session: Session): Promise<void> {
  const made = await ask(ledger, {
    what: "key",
    send: () => w.send("POST", "/api/v1/me/keys", { key: session.access, body: { name: "ci" } }),
    expects: refusedAs(201),
  });
  const { key, id } = made.body;
  person.keys.push({ key, id, claim: claim(ledger, "kept: key", isAlive(w, key)) });
  if (person.keys.length < 5) return;
  const [old] = person.keys.splice(0, 1);
  if (!old) return;
  ledger.claims.delete(old.claim);
  await ask(ledger, {
    what: "key deleted",
    send: () => w.send("DELETE", `/api/v1/me/keys/${old.id}`, { key: session.access }),
    expects: refusedAs(204),
  });
  claim(ledger, "dead: key", isDead(w, old.key));
}

/** One of the two passwords opens, not both and not neither. */
function eitherPassword(w: Town, ledger: Ledger, { email }: Person, passwords: [string, string]): void {
  const opens = async (password: string) =>
    (await portal(w).login(email, password, w.acme.id)).status === 200;
  claim(ledger, "kept: one of two passwords", async () => {
    const [before, after] = [await opens(passwords[0]), await opens(passwords[1])];
    return before !== after;
  });
}

/** Runs what changes the password; when nobody answered, the person is left alone from then on. */
async function withNewPassword(
  w: Town,
  ledger: Ledger,
  person: Person,
  change: (next: string) => Promise<Session | undefined>,
): Promise<void> {
  const next = newPassword();
  const { password: before, sessions, keys } = person;
  let kept: Session | undefined;
  try {
    kept = await change(next);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    forget(ledger, person);
    eitherPassword(w, ledger, { ...person }, [before, next]);
    Object.assign(person, await newPerson(w).catch(() => ({ ...person, password: next })));
    throw error;
  }
  person.password = next;
  for (const old of person.aside.splice(0)) ledger.claims.delete(old);
  claim(
    ledger,
    "dead: password",
    async () => refusedAs(401)(await portal(w).login(person.email, before, w.acme.id)),
    true,
  );
  for (const session of sessions) if (session !== kept) endSession(w, ledger, session);
  person.sessions = kept ? [kept] : [];
  if (kept) return;
  // Resetting ends keys made by hand too; changing does not.
  for (const { key, claim: old } of keys) {
    ledger.claims.delete(old);
    claim(ledger, "dead: key of before the reset", isDead(w, key));
  }
  person.keys = [];
}

const changePassword = (w: Town, ledger: Ledger, person: Person, session: Session) =>
  withNewPassword(w, ledger, person, async (new_password) => {
    const body = { current_password: person.password, new_password };
    await ask(ledger, {
      what: "password change",
      send: () => w.send("POST", "/api/v1/me/password", { key: session.access, body }),
      expects: refusedAs(200, 204),
    });
    return session;
  });

async function resetPassword(w: Town, ledger: Ledger, person: Person): Promise<void> {
  const at = tenantOf(w, "acme");
  await ask(ledger, { what: "forgot", send: () => at.forgot(person.email) });
  const token = await mailedToken(w, person.email);
  if (token === undefined) return;
  await withNewPassword(w, ledger, person, async (next) => {
    await ask(ledger, { what: "reset", send: () => at.reset(token, next) });
    return undefined;
  });
  claim(ledger, "dead: reset token", async () => refusedAs(400)(await at.reset(token, newPassword())));
}

/** The newest link in this mailbox that no call has returned; undefined when none comes, as when the server is gone. */
async function mailedToken(w: Town, email: string): Promise<string | undefined> {
  for (let i = 0; i < 300 && !w.over?.aborted; i++) {
    const mail = w.mailbox.mails.findLast(({ to, text }) => to === email && text.includes("token="));
    if (mail && !taken.has(mail.messageId)) {
      taken.add(mail.messageId);
      return tokenIn(mail);
    }
    await Bun.sleep(10);
  }
  return undefined;
}
const taken = new Set<string>();

/** On by TOTP, once in by a backup code, and off again; or only so far. */
async function factorWork(w: Town, ledger: Ledger): Promise<void> {
  const person = await newPerson(w).catch(() => {
    throw new NotDone("person");
  });
  const session = await logIn(w, ledger, person);
  const me = (path: string, body?: object) =>
    w.send("POST", MFA + path, { key: session.access, ...(body && { body }) });
  const { secret } = (await ask(ledger, { what: "totp", send: () => me("/totp/enable") })).body;
  const code = totpCode(w.clock, secret);
  const confirmed = await ask(ledger, { what: "totp confirm", send: () => me("/totp/confirm", { code }) });
  const [first = "", second = ""]: string[] = confirmed.body.backup_codes;
  const logIn2 = () => portal(w).login(person.email, person.password, w.acme.id);
  const isOn = claim(ledger, "kept: second factor", async () => (await logIn2()).status === 403);
  claim(ledger, "dead: TOTP code", async () => refusedAs(400)(await me("/totp/disable", { code })), true);
  const pending = (
    await ask(ledger, { what: "second factor due", send: logIn2, expects: refusedAs(403), isAudited: false })
  ).body.detail;
  const shown = { mfa_token: pending.mfa_token, user_id: person.userId, method: "backup_code", code: first };
  const { body } = await ask(ledger, { what: "backup code", send: () => portal(w).verify(shown) });
  keepSession(w, ledger, person, body);
  claim(ledger, "dead: backup code, and mfa token", async () =>
    refusedAs(401)(await portal(w).verify(shown)),
  );
  if (serial++ % 2 === 0) return;
  ledger.claims.delete(isOn);
  await ask(ledger, { what: "totp off", send: () => me("/totp/disable", { code: second }) });
  claim(ledger, "dead: second factor", async () => (await logIn2()).status === 200);
}

async function registerWork(w: Town, ledger: Ledger): Promise<void> {
  const email = `r${++people}@example.com`;
  const password = newPassword();
  const at = tenantOf(w, "acme");
  await ask(ledger, { what: "register", send: () => at.register({ email, password }) });
  const isThere = async () =>
    (await w.ctx.db.get`select 1 as found from users where email = ${email}`) !== undefined;
  claim(ledger, "kept: registration", isThere);
  const token = await mailedToken(w, email);
  if (token === undefined) return;
  await ask(ledger, { what: "verify", send: () => at.verifyEmail(token) });
  claim(ledger, "kept: verified account", async () => (await at.login(email, password)).status === 200, true);
}

const keyWork = async (w: Town, ledger: Ledger): Promise<void> => {
  const { username, password } = await newPerson(w).catch(() => {
    throw new NotDone("person");
  });
  const send = () => w.send("POST", `${BASE}/token/`, { body: { username, password } });
  for (let i = 0; i < 4; i++) {
    const { key } = (await ask(ledger, { what: "token/", send })).body;
    claim(ledger, "kept: key of a login", isAlive(w, key));
  }
};

async function magicWork(w: Town, ledger: Ledger): Promise<void> {
  const person = await newPerson(w).catch(() => {
    throw new NotDone("person");
  });
  const { email } = person;
  const asked = await ask(ledger, { what: "magic code", send: () => portals(w).magic("acme", email) });
  const { login_session_id } = asked.body;
  for (let i = 0; i < 300 && !w.over?.aborted; i++) {
    const mail = w.mailbox.mails.findLast(({ to }) => to === email);
    const code = mail && /^\s*(\d{6})\s*$/m.exec(mail.text)?.[1];
    if (code !== undefined) {
      const verify = () => portals(w).verify(code, { email, login_session_id });
      keepSession(w, ledger, person, (await ask(ledger, { what: "magic", send: verify })).body);
      claim(ledger, "dead: magic code", async () => refusedAs(401)(await verify()));
      return;
    }
    await Bun.sleep(10);
  }
}

function drop<Item>(items: Item[], item: Item): void {
  const at = items.indexOf(item);
  if (at !== -1) items.splice(at, 1);
}
