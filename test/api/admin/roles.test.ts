// Who may do what (decisions §7, ASVS 8.2.1 to 8.2.3), from one table: superuser, owner, admin, member, owner of another tenant,
// nobody. Whoever is refused changes nothing; what a stranger to the tenant asks for looks like what does not exist.
import { describe, expect, test } from "bun:test";
import { type Asker, type Place, place, ROLES } from "../../support/admin-group.ts";
import { audited, dump } from "../../support/world.ts";

type Statuses = [superuser: number, owner: number, admin: number, member: number, foreign: number];

interface Row {
  what: string;
  method: string;
  path: (w: Place) => string;
  body?: object;
  statuses: Statuses;
}

const ONLY_SUPERUSERS = (status: number): Statuses => [status, 403, 403, 403, 403];
const ALL_BUT_ADMINS = (status: number): Statuses => [status, status, 403, 403, 404];
const WITHIN = (status: number): Statuses => [status, status, status, 403, 404];
const LISTS: Statuses = [200, 200, 200, 403, 200];

const row = (
  what: string,
  method: string,
  path: string | ((w: Place) => string),
  statuses: Statuses,
  body?: object,
): Row => ({
  what,
  method,
  path: typeof path === "string" ? () => path : path,
  statuses,
  ...(body ? { body } : {}),
});
const member = (w: Place) => `/tenants/acme/members/${w.target}`;
const owner = (w: Place) => `/tenants/acme/members/${w.secondOwner}`;
const user = (w: Place) => `/users/${w.target}`;
const NEW = { email: "new@example.com" };

const TABLE: Row[] = [
  row("list tenants", "GET", "/tenants", LISTS),
  row("make a tenant", "POST", "/tenants", ONLY_SUPERUSERS(201), { slug: "new", name: "New" }),
  row("see a tenant", "GET", "/tenants/acme", WITHIN(200)),
  row("see a tenant by id", "GET", (w) => `/tenants/${w.acme.id}`, WITHIN(200)),
  row("rename a tenant", "PATCH", "/tenants/acme", WITHIN(200), { name: "Acme 2" }),
  row("change its settings", "PATCH", "/tenants/acme", WITHIN(200), { session_ttl: 600 }),
  row("change its slug", "PATCH", "/tenants/acme", ALL_BUT_ADMINS(200), { slug: "acme-2" }),
  row("disable a tenant", "PATCH", "/tenants/acme", ALL_BUT_ADMINS(200), { disabled: true }),
  row("change from whose address it mails", "PATCH", "/tenants/acme", [200, 403, 403, 403, 404], {
    mail_from_address: "boss@example.com",
  }),
  row("delete a tenant", "DELETE", "/tenants/acme", ALL_BUT_ADMINS(204)),
  row("list members", "GET", "/tenants/acme/members", WITHIN(200)),
  row("invite somebody", "POST", "/tenants/acme/members", WITHIN(201), { ...NEW, invite: true }),
  row("invite an owner", "POST", "/tenants/acme/members", ALL_BUT_ADMINS(201), {
    ...NEW,
    invite: true,
    role: "owner",
  }),
  row("give a shared account a password", "POST", "/tenants/acme/members", [201, 403, 403, 403, 404], {
    ...NEW,
    password: "correct horse battery",
  }),
  row("promote to admin", "PATCH", member, WITHIN(200), { role: "admin" }),
  row("promote to owner", "PATCH", member, ALL_BUT_ADMINS(200), { role: "owner" }),
  row("suspend a member", "PATCH", member, WITHIN(200), { status: "suspended" }),
  row("demote an owner", "PATCH", owner, ALL_BUT_ADMINS(200), { role: "member" }),
  row("suspend an owner", "PATCH", owner, ALL_BUT_ADMINS(200), { status: "suspended" }),
  row("remove a member", "DELETE", member, WITHIN(204)),
  row("remove an owner", "DELETE", owner, ALL_BUT_ADMINS(204)),
  row("list accounts", "GET", "/users", ONLY_SUPERUSERS(200)),
  row("see an account", "GET", user, ONLY_SUPERUSERS(200)),
  row("rename an account", "PATCH", user, ONLY_SUPERUSERS(200), { first_name: "Eve" }),
  row("disable an account", "PATCH", user, ONLY_SUPERUSERS(200), { disabled: true }),
  row("delete an account", "DELETE", user, ONLY_SUPERUSERS(204)),
  row("send a reset mail", "POST", (w) => `${user(w)}/password-reset`, ONLY_SUPERUSERS(200), {}),
  row("list sessions", "GET", "/sessions", LISTS),
  row("end a session", "DELETE", (w) => `/sessions/${w.targetSession}`, WITHIN(204)),
  row("end an owner's session", "DELETE", (w) => `/sessions/${w.ownerSession}`, ALL_BUT_ADMINS(204)),
  row("read the audit log", "GET", "/audit", LISTS),
  row("see the mail", "GET", "/outbox", LISTS),
];

const stored = (w: Place): unknown => {
  const { audit: _, ...rest } = dump(w);
  return rest;
};

const refusals = async (w: Place) => (await audited(w)).filter((line) => line.startsWith("admin.refused"));

const statusFor = ({ statuses }: Row, who: Asker): number => [...statuses, 401][ROLES.indexOf(who)] ?? 0;

describe.each(TABLE)("$what", (entry) => {
  const [allowed, refused] = [true, false].map((isAllowed) =>
    ROLES.filter((who) => statusFor(entry, who) < 400 === isAllowed),
  );

  for (const who of allowed ?? []) {
    test(`is open to the ${who}`, async () => {
      await using w = await place();
      const { status, body } = await w.ask(who, entry.method, entry.path(w), entry.body);
      expect([status, body]).toEqual([statusFor(entry, who), body]);
    });
  }

  test(`is refused to the ${refused?.join(", ")}; nothing changes, and it is written down`, async () => {
    await using w = await place();
    const before = stored(w);
    for (const who of refused ?? []) {
      const noted = (await refusals(w)).length;
      const { status, body } = await w.ask(who, entry.method, entry.path(w), entry.body);
      expect([who, status]).toEqual([who, statusFor(entry, who)]);
      expect(body.code).toBe({ 401: "NOT_AUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND" }[status]);
      const isNoted = status === 403 || (status === 404 && entry.method !== "GET");
      expect([who, (await refusals(w)).length - noted]).toEqual([who, isNoted ? 1 : 0]);
    }
    expect(stored(w)).toEqual(before);
  });
});

describe("to the owner of another tenant", () => {
  for (const entry of TABLE.filter((entry) => statusFor(entry, "foreign owner") === 404)) {
    test(`${entry.what}: the answer is that for what does not exist`, async () => {
      await using w = await place();
      const { acme, target, secondOwner, targetSession, ownerSession } = w;
      const real = entry.path(w);
      const gone = [acme.id, target, secondOwner, targetSession, ownerSession, "acme"].reduce<string>(
        (path, id) => path.replace(id, id === "acme" ? "nope" : id.replace(/.{4}$/, "0000")),
        real,
      );
      expect(gone).not.toBe(real);
      const [one, two] = [
        await w.ask("foreign owner", entry.method, real, entry.body),
        await w.ask("foreign owner", entry.method, gone, entry.body),
      ];
      const shape = ({ status, headers, body }: typeof one) => {
        const names = [...headers].filter(([name]) => !["x-request-id", "date"].includes(name));
        return { status, body, headers: names };
      };
      expect(shape(one)).toEqual(shape(two));
    });
  }

  test("a member of acme is not found by the path of their own tenant", async () => {
    await using w = await place();
    const { status } = await w.ask("foreign owner", "DELETE", `/tenants/other/members/${w.target}`);
    expect(status).toBe(404);
  });

  test("lists hold what is theirs, and filters by what is not find nothing", async () => {
    await using w = await place();
    const list = async (path: string) => (await w.ask("foreign owner", "GET", path)).body.data;
    expect((await list("/tenants")).map(({ slug }: { slug: string }) => slug)).toEqual(["other"]);
    for (const path of ["/sessions", "/audit", "/outbox"]) {
      for (const { tenant_id } of await list(path)) expect([path, tenant_id]).toEqual([path, w.other.id]);
    }
    expect((await w.ask("owner", "GET", `/sessions?user_id=${w.target}`)).body.data).toHaveLength(1);
    for (const filter of [`user_id=${w.target}`, "tenant=acme", `tenant=${w.acme.id}`, "tenant=nope"]) {
      expect([filter, await list(`/sessions?${filter}`)]).toEqual([filter, []]);
      expect([filter, await list(`/audit?${filter}`)]).toEqual([filter, []]);
    }
  });
});

test("a key says 403 as soon as its holder is no admin any more, and 401 when no member", async () => {
  await using w = await place();
  const path = `/tenants/acme/members/${w.ids.admin}`;
  await w.ask("owner", "PATCH", path, { role: "member" });
  expect((await w.ask("admin", "GET", "/tenants/acme")).status).toBe(403);
  await w.ask("owner", "PATCH", path, { status: "suspended" });
  expect((await w.ask("admin", "GET", "/tenants/acme")).status).toBe(401);
});
