// Which transactions wait for no disk: those of which nobody hears before another one (db.ts, TxOptions). Whatever is answered waits.
import { expect, test } from "bun:test";
import { ADMIN, BASE } from "../support/key-group.ts";
import { makeTenant } from "../support/people.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { type World, world } from "../support/world.ts";

/** What becomes of each transaction from now on, in turn. */
function outcomesIn({ ctx }: World): string[] {
  const outcomes: string[] = [];
  const db = { ...ctx.db };
  ctx.db.tx = async (work, options) => {
    const outcome = await db.tx(work, options);
    outcomes.push(options?.isInterim?.(outcome) === true ? "interim" : "on disk");
    return outcome;
  };
  return outcomes;
}

test("a sign-in, right or wrong, waits for the disk once; one that a limit refuses waits too", async () => {
  await using w = await world();
  const signIn = (password: string) =>
    w.send("POST", `${BASE}/token/`, { body: { username: ADMIN.username, password } });
  await w.send("POST", `${BASE}/setup/`, { body: ADMIN });
  const outcomes = outcomesIn(w);
  for (const password of [ADMIN.password, ...Array.from({ length: 5 }, () => "wrong password")]) {
    await signIn(password);
    expect(outcomes.splice(0)).toEqual(["interim", "on disk"]);
  }
  await signIn(ADMIN.password);
  expect(outcomes.splice(0)).toEqual(["on disk"]);
});

test("a registration waits for the disk once; one for which there is no mail left waits too", async () => {
  await using w = await world({ LIMIT_MAILS_HOUR: "1" });
  await makeTenant(w, "acme", { self_registration: true });
  const outcomes = outcomesIn(w);
  const { register } = tenantOf(w, "acme");
  await register();
  expect(outcomes.splice(0)).toEqual(["interim", "on disk"]);
  await register();
  expect(outcomes.splice(0)).toEqual(["on disk"]);
});
