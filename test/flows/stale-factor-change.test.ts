// A sign-in that ended after its request came in changes no second factor: else whoever was shut out would leave one behind.
import { expect, test } from "bun:test";
import { type Context, transaction } from "../../src/context.ts";
import type { PasskeyId } from "../../src/core/ids.ts";
import * as backupCodes from "../../src/core/backup-codes.ts";
import * as emailCodes from "../../src/core/email-codes.ts";
import * as emailFactors from "../../src/core/email-factors.ts";
import * as totp from "../../src/core/totp.ts";
import { confirmEmail, disableEmail } from "../../src/flows/enrol-email.ts";
import { removePasskey } from "../../src/flows/enrol-passkey.ts";
import { confirmTotp, disableTotp } from "../../src/flows/enrol-totp.ts";
import { endOtherSignIns } from "../../src/flows/end-sign-ins.ts";
import { identify, type Identity } from "../../src/flows/identify.ts";
import { regenerateCodes } from "../../src/flows/regenerate-codes.ts";
import { resetOwnFactors } from "../../src/flows/reset-factors.ts";
import { totpCode } from "../support/key-group.ts";
import { addPasskey } from "../support/me-group.ts";
import { ADA, client, outcomeOf, settle, signInForKey, signInForTokens } from "../support/sessions.ts";
import { type Clock, dump, world } from "../support/world.ts";

const here = client({ isLocal: true });
type Change = (ctx: Context, identity: Identity) => Promise<unknown>;

/** Makes what the change needs; resolves to the change, with the right code. */
const CHANGES: Record<string, (ctx: Context, clock: Clock, passkey: PasskeyId) => Promise<Change>> = {
  "confirm TOTP": async (ctx, clock) => {
    const { secret = "" } = (await totp.begin(ctx, ADA)) ?? {};
    const code = totpCode(clock, secret);
    return (ctx, identity) => confirmTotp(ctx, identity, { code, codes: "anew" }, here);
  },
  "turn TOTP off": async (ctx) => {
    await totp.begin(ctx, ADA);
    await ctx.db.run`update totp_devices set confirmed_at = 1`;
    const [code = ""] = await backupCodes.create(ctx, ADA);
    return (ctx, identity) => disableTotp(ctx, identity, { code }, here);
  },
  "confirm email": async (ctx) => {
    const { id: binding } = await emailFactors.begin(ctx, ADA);
    const code = await emailCodes.create(ctx, { userId: ADA, purpose: "enrol", binding });
    return (ctx, identity) => confirmEmail(ctx, identity, code, here);
  },
  "turn email off": async (ctx) => {
    await emailFactors.begin(ctx, ADA);
    await emailFactors.confirm(ctx, ADA);
    const [code = ""] = await backupCodes.create(ctx, ADA);
    return (ctx, identity) => disableEmail(ctx, identity, code, here);
  },
  "make new backup codes": async (ctx) => {
    const [code = ""] = await backupCodes.create(ctx, ADA);
    return (ctx, identity) => regenerateCodes(ctx, identity, code, here);
  },
  "remove a passkey": async (_ctx, _clock, passkey) => (ctx, identity) =>
    removePasskey(ctx, identity, passkey, here),
  "reset all": async () => (ctx, identity) => resetOwnFactors(ctx, identity, here),
};

for (const [what, prepare] of Object.entries(CHANGES)) {
  test(`does not ${what}, and could before it ended`, async () => {
    await using w = await world();
    await settle(w.ctx);
    const passkey = await addPasskey(w, ADA);
    const change = await prepare(w.ctx, w.clock, passkey);
    const identityOf = (bearer: string) =>
      identify(w.ctx, { authorization: `Bearer ${bearer}`, cookie: null }, false);
    const amr = ["pwd", "otp", "mfa"];
    const stale = await identityOf((await signInForTokens(w.ctx, { amr })).accessToken);
    const other = await identityOf(await signInForKey(w.ctx, { amr }));
    await transaction(w.ctx, (ctx) => endOtherSignIns(ctx, ADA, other.credential));
    const before = dump(w);
    expect(await outcomeOf(change(w.ctx, stale))).toBe("INVALID_BEARER");
    expect(dump(w)).toEqual(before);
    expect(await outcomeOf(change(w.ctx, other))).toBe("done");
  });
}
