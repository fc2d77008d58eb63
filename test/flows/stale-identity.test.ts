// What was true when a request came in, and is not any more when its change is made: somebody else's commit lay between. Whoever
// sends requests without a pause hits that moment sooner or later, so each change asks again inside its own transaction.
import { expect, test } from "bun:test";
import { transaction } from "../../src/context.ts";
import type { Role } from "../../src/core/ids.ts";
import { findById, isSignInValid, updatePassword } from "../../src/core/credentials.ts";
import { hash } from "../../src/core/passwords.ts";
import { changePassword } from "../../src/flows/change-password.ts";
import { endAllSignIns, endSignInsIn } from "../../src/flows/end-sign-ins.ts";
import { beginTotp, confirmTotp } from "../../src/flows/enrol-totp.ts";
import { identify } from "../../src/flows/identify.ts";
import { loadApp } from "../../src/flows/load-app.ts";
import { addMember, changeMember } from "../../src/flows/manage-members.ts";
import { createKey } from "../../src/flows/manage-own.ts";
import { updateTenant } from "../../src/flows/manage-tenants.ts";
import {
  ACME,
  ADA,
  BOB,
  client,
  outcomeOf,
  settle,
  signInForKey,
  signInForTokens,
} from "../support/sessions.ts";
import { totpCode } from "../support/key-group.ts";
import { dump, type World, world } from "../support/world.ts";

async function signedIn({ ctx }: World) {
  await settle(ctx);
  const identityOf = (bearer: string) =>
    identify(ctx, { authorization: `Bearer ${bearer}`, cookie: null }, false);
  return {
    bySession: await identityOf((await signInForTokens(ctx)).accessToken),
    byKey: await identityOf(await signInForKey(ctx)),
  };
}

const LOSSES: [string, string, (w: World) => Promise<unknown>][] = [
  [
    "demoted",
    "FORBIDDEN",
    ({ ctx }) => ctx.db.run`update memberships set role = 'member' where user_id = ${ADA}`,
  ],
  [
    "suspended",
    "INVALID_BEARER",
    ({ ctx }) => ctx.db.run`update memberships set status = 'suspended' where user_id = ${ADA}`,
  ],
  ["removed", "INVALID_BEARER", ({ ctx }) => ctx.db.run`delete from memberships where user_id = ${ADA}`],
  ["disabled", "INVALID_BEARER", ({ ctx }) => ctx.db.run`update users set disabled_at = 1 where id = ${ADA}`],
];

for (const [what, code, lose] of LOSSES) {
  test(`an owner who was just ${what} administers nothing any more`, async () => {
    await using w = await world();
    const { bySession: owner } = await signedIn(w);
    await lose(w);
    const before = { ...dump(w), audit: [] };
    const role: Role = "owner";
    const changes = [
      changeMember(w.ctx, owner, { tenant: ACME, userId: BOB }, { role }, client()),
      addMember(w.ctx, owner, ACME, { email: "eve@example.com", invite: true, role }, client()),
      updateTenant(w.ctx, owner, ACME, { name: "Eve's" }, client()),
    ];
    expect(await Promise.all(changes.map(outcomeOf))).toEqual([code, code, code]);
    expect({ ...dump(w), audit: [] }).toEqual(before);
  });
}

test("an administrator whose sign-in was just ended administers nothing any more", async () => {
  await using w = await world();
  const { bySession, byKey } = await signedIn(w);
  await transaction(w.ctx, (ctx) => endAllSignIns(ctx, ADA));
  const before = { ...dump(w), audit: [] };
  for (const identity of [bySession, byKey]) {
    const renaming = updateTenant(w.ctx, identity, ACME, { name: "Eve's" }, client());
    expect(await outcomeOf(renaming)).toBe("INVALID_BEARER");
  }
  expect({ ...dump(w), audit: [] }).toEqual(before);
});

test("a sign-in that was just ended leaves no key behind", async () => {
  await using w = await world();
  const { bySession, byKey } = await signedIn(w);
  await transaction(w.ctx, (ctx) => endAllSignIns(ctx, ADA));
  for (const identity of [bySession, byKey]) {
    expect(await outcomeOf(createKey(w.ctx, identity, "backdoor", client()))).toBe("INVALID_BEARER");
  }
  expect(dump(w)["api_keys"]).toEqual([]);
});

test("a sign-in that was just ended changes no password, although it knows the old one", async () => {
  await using w = await world();
  const { bySession, byKey } = await signedIn(w);
  await updatePassword(w.ctx, ADA, await hash(w.ctx, "correct horse battery"));
  await transaction(w.ctx, (ctx) => endAllSignIns(ctx, ADA));
  const before = dump(w)["users"];
  for (const identity of [bySession, byKey]) {
    const words = { current: "correct horse battery", next: "a password of Eve's" };
    expect(await outcomeOf(changePassword(w.ctx, identity, words, client()))).toBe("INVALID_BEARER");
  }
  expect(dump(w)["users"]).toEqual(before);
});

test("a member who was just suspended gets no key to come back with", async () => {
  await using w = await world();
  const { bySession } = await signedIn(w);
  await w.ctx.db.run`update memberships set status = 'suspended' where user_id = ${ADA}`;
  expect(await outcomeOf(createKey(w.ctx, bySession, "backdoor", client()))).toBe("INVALID_BEARER");
});

for (const [what, , lose] of LOSSES.filter(([what]) => what === "suspended" || what === "removed")) {
  test(`a member who was just ${what} is told so, and not that something broke`, async () => {
    await using w = await world();
    const { bySession } = await signedIn(w);
    await lose(w);
    expect(await outcomeOf(loadApp(w.ctx, bySession))).toBe("INVALID_BEARER");
  });
}

test("a sign-in that was just ended turns on no factor: neither one begun before nor one begun after", async () => {
  await using w = await world();
  const { bySession } = await signedIn(w);
  const { secret } = await beginTotp(w.ctx, bySession, client());
  const code = totpCode(w.clock, secret);
  await w.ctx.db.run`delete from sessions`;
  const confirming = confirmTotp(w.ctx, bySession, { code, codes: "anew" }, client());
  expect(await outcomeOf(confirming)).toBe("INVALID_BEARER");
  expect(await w.ctx.db.all`select confirmed_at from totp_devices`).toEqual([{ confirmed_at: null }]);
  await transaction(w.ctx, (ctx) => endAllSignIns(ctx, ADA));
  expect(dump(w)["totp_devices"]).toEqual([]);
});

test("a sign-in under way is void after a suspension that was lifted, whatever the clock says", async () => {
  await using w = await world();
  await settle(w.ctx);
  const epochOf = async () => (await findById(w.ctx, ADA))?.signInEpoch ?? -1;
  const epoch = await epochOf();
  expect(await isSignInValid(w.ctx, ADA, epoch)).toBe(true);
  await transaction(w.ctx, (ctx) => endSignInsIn(ctx, ACME, ADA));
  expect(await isSignInValid(w.ctx, ADA, epoch)).toBe(false);
  const later = await epochOf();
  w.clock.advance(-60 * 60 * 1000);
  expect(await isSignInValid(w.ctx, ADA, later)).toBe(true);
  await transaction(w.ctx, (ctx) => endSignInsIn(ctx, ACME));
  expect(await isSignInValid(w.ctx, ADA, later)).toBe(false);
});
