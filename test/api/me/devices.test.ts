// One's own trusted devices: /api/v1/me/devices.
import { describe, expect, test } from "bun:test";
import type { TenantId, UserId } from "../../../src/core/ids.ts";
import * as trustedDevices from "../../../src/core/trusted-devices.ts";
import { withAda } from "../../support/me-group.ts";
import { makePerson, makeTenant } from "../../support/people.ts";
import { DAY, signInForKey } from "../../support/sessions.ts";
import { audited, type World, world } from "../../support/world.ts";

const DEVICES = "/api/v1/me/devices";

const trust = ({ ctx }: World, userId: UserId, tenantId: TenantId, userAgent: string | null = "Firefox") =>
  trustedDevices.create(ctx, { userId, tenantId }, { address: "198.51.100.7", userAgent });

async function twoPeople() {
  const w = await withAda(await world());
  const bobId = await makePerson(w, w.acme, { email: "bob@example.com" });
  const bobKey = await signInForKey(w.ctx, { userId: bobId, tenantId: w.acme.id });
  const list = async (key = w.key, query = "") => (await w.send("GET", DEVICES + query, { key })).body;
  return Object.assign(w, { bobId, bobKey, list });
}

describe("trusted devices", () => {
  test("are one's own only, of every tenant, the newest first, without their tokens", async () => {
    await using w = await twoPeople();
    const beta = await makeTenant(w, "beta");
    await w.ctx.db.run`
      insert into memberships (tenant_id, user_id, role, status, created_at)
      values (${beta.id}, ${w.userId}, 'member', 'active', 1)`;
    const { token } = await trust(w, w.userId, w.acme.id);
    await trust(w, w.userId, beta.id, null);
    await trust(w, w.bobId, w.acme.id);
    const body = await w.list();
    expect(body).toEqual({
      data: [
        {
          id: expect.stringMatching(/^tdv_/),
          tenant_id: beta.id,
          current: false,
          address: "198.51.100.7",
          user_agent: null,
          created_at: expect.any(String),
          last_used_at: expect.any(String),
          expires_at: expect.any(String),
        },
        expect.objectContaining({ tenant_id: w.acme.id, user_agent: "Firefox" }),
      ],
      next_cursor: null,
    });
    expect(JSON.stringify(body)).not.toContain(token);
    expect(Date.parse(body.data[0].expires_at) - Date.parse(body.data[0].created_at)).toBe(30 * DAY);
  });

  test("say which of them asks, by its cookie", async () => {
    await using w = await twoPeople();
    await trust(w, w.userId, w.acme.id);
    const { id, token } = await trust(w, w.userId, w.acme.id);
    const currentFor = async (cookie: string): Promise<string[]> => {
      const { body } = await w.send("GET", DEVICES, { key: w.key, headers: { cookie } });
      const devices: { id: string; current: boolean }[] = body.data;
      return devices.filter(({ current }) => current).map((device) => device.id);
    };
    expect(await currentFor(`ostiary_trusted=${token}`)).toEqual([id]);
    expect(await currentFor("ostiary_trusted=ost_td_x")).toEqual([]);
  });

  test("come in pages, and are none once they expired", async () => {
    await using w = await twoPeople();
    for (let i = 0; i < 3; i++) await trust(w, w.userId, w.acme.id, `browser ${i}`);
    const first = await w.list(w.key, "?limit=2");
    const second = await w.list(w.key, `?limit=2&cursor=${first.next_cursor}`);
    const agents = [...first.data, ...second.data].map(
      ({ user_agent }: { user_agent: string }) => user_agent,
    );
    expect([agents, second.next_cursor]).toEqual([["browser 2", "browser 1", "browser 0"], null]);
    expect((await w.send("GET", `${DEVICES}?limit=0`, { key: w.key })).status).toBe(422);
    w.clock.advance(30 * DAY);
    expect((await w.list()).data).toEqual([]);
  });

  test("are trusted no more by their id; another's looks like none", async () => {
    await using w = await twoPeople();
    const { token } = await trust(w, w.userId, w.acme.id);
    await trust(w, w.bobId, w.acme.id);
    const end = (id: string, key = w.key) => w.send("DELETE", `${DEVICES}/${id}`, { key });
    const [mine, theirs] = [(await w.list()).data[0].id, (await w.list(w.bobKey)).data[0].id];
    const [foreign, unknown] = [await end(theirs), await end("tdv_nope")];
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect((await w.list(w.bobKey)).data).toHaveLength(1);
    expect([(await end(mine)).status, (await end(mine)).status]).toEqual([204, 404]);
    const device = { userId: w.userId, tenantId: w.acme.id, token };
    expect(await trustedDevices.use(w.ctx, device)).toBe(false);
    expect(await audited(w)).toEqual(["trusted_device.removed"]);
    expect((await w.send("DELETE", `${DEVICES}/${mine}`)).status).toBe(401);
  });
});
