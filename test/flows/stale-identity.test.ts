// What was true when a request came in, and is not any more when its change is made: somebody else's commit lay between. Whoever
// sends requests without a pause hits that moment sooner or later, so each change asks again inside its own transaction.
import { expect, test } from "bun:test";
import { transaction } from "../../src/context.ts";
import type { Role } from "../../src/core/ids.ts";
import { endAllSignIns } from "../../src/flows/end-sign-ins.ts";
import { identify } from "../../src/flows/identify.ts";
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

test("a sign-in that was just ended leaves no key behind", async () => {
  await using w = await world();
  const { bySession, byKey } = await signedIn(w);
  await transaction(w.ctx, (ctx) => endAllSignIns(ctx, ADA));
  for (const identity of [bySession, byKey]) {
    expect(await outcomeOf(createKey(w.ctx, identity, "backdoor", client()))).toBe("INVALID_BEARER");
  }
  expect(dump(w)["api_keys"]).toEqual([]);
});

test("a member who was just suspended gets no key to come back with", async () => {
  await using w = await world();
  const { bySession } = await signedIn(w);
  await w.ctx.db.run`update memberships set status = 'suspended' where user_id = ${ADA}`;
  expect(await outcomeOf(createKey(w.ctx, bySession, "backdoor", client()))).toBe("INVALID_BEARER");
});
