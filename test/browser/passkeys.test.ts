// A real browser with a virtual authenticator makes a passkey on a page of our origin, and signs in with it.
import { expect, test } from "bun:test";
import { describeInBrowser } from "../support/browser.ts";
import { openPage, type PageView } from "../support/page-view.ts";
import { passwordOf } from "../support/passkeys.ts";
import { makePerson, makeTenant, type TenantOptions } from "../support/people.ts";
import { block } from "../support/readme.ts";
import { signInForKey } from "../support/sessions.ts";
import { audited, dump, world } from "../support/world.ts";

const ADA = "ada@example.com";

/** Two authenticators that are always touched: one holds synced passkeys, the other is a security key. */
const KINDS = {
  synced: {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
    defaultBackupEligibility: true,
    defaultBackupState: true,
  },
  "a security key": {
    protocol: "ctap2",
    transport: "usb",
    hasResidentKey: false,
    hasUserVerification: false,
    automaticPresenceSimulation: true,
  },
  "a U2F key": { protocol: "u2f", transport: "usb", automaticPresenceSimulation: true },
} as const;

/** Runs in the page, as the page of any app would. */
const REGISTER = `async (key) => {
  const post = async (path, body) => {
    const headers = { authorization: "Bearer " + key, "content-type": "application/json" };
    const response = await fetch("/api/v1/me/mfa/webauthn/register/" + path, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  const { device_id, challenge_id, options } = await post("begin", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({ publicKey })).toJSON();
  return post("complete", { device_id, challenge_id, credential, name: "Browser" });
}`;

const SIGN_IN = `async (pending) => {
  const base = "/api/v1/auth/tenants/acme/mfa/";
  const begun = await (await fetch(base + "webauthn/begin?" + new URLSearchParams(pending), { method: "POST" })).json();
  const { challenge_id, options } = begun.data;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })).toJSON();
  const body = JSON.stringify({ ...pending, method: "webauthn", challenge_id, credential });
  const response = await fetch(base + "verify", { method: "POST", headers: { "content-type": "application/json" }, body });
  return response.json();
}`;

const ALONE = `async (body) => {
  const post = async (step, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/api/v1/auth/passkey/" + step, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  const { challenge_id, options } = await post("begin", {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })).toJSON();
  return post("complete", { challenge_id, credential, ...body });
}`;

/** Calls a function in the page; what went wrong there is the answer then. */
const run = <T>({ view }: PageView, script: string, argument: unknown): Promise<T> =>
  view.evaluate<T>(`(${script})(${JSON.stringify(argument)}).catch((error) => String(error))`);

/** A page of an app that shares our origin: what this server itself answers there may not even call it. */
async function openBlank({ view, open }: PageView, origin: string): Promise<void> {
  view.addEventListener<{ requestId: string }>("Fetch.requestPaused", ({ data }) => {
    const responseHeaders = [{ name: "content-type", value: "text/html" }];
    void view.cdp("Fetch.fulfillRequest", { requestId: data.requestId, responseCode: 200, responseHeaders });
  });
  await view.cdp("Fetch.enable", { patterns: [{ urlPattern: "*/blank" }] });
  await open(`${origin}/blank`);
  await view.cdp("Fetch.disable");
}

/** Ada, her key for a script, and a page of our origin in a browser with such an authenticator. */
async function atHome(options: (typeof KINDS)[keyof typeof KINDS], settings: TenantOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const w = stack.use(await world());
  const acme = await makeTenant(w, "acme", settings);
  const userId = await makePerson(w, acme, { email: ADA });
  const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
  const page = stack.use(await openPage());
  await openBlank(page, w.origin);
  await page.view.cdp("WebAuthn.enable");
  await page.view.cdp("WebAuthn.addVirtualAuthenticator", { options });
  const kept = stack.move();
  return { w, acme, userId, key, page, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

describeInBrowser("a passkey in a browser", () => {
  for (const [kind, options] of Object.entries(KINDS)) {
    test(`is made and signs in: ${kind}`, async () => {
      await using scene = await atHome(options);
      const { w, page, acme, key } = scene;

      expect(await run<unknown>(page, REGISTER, key)).toEqual({
        message: "Passkey added",
        device: expect.objectContaining({ name: "Browser", type: "webauthn" }),
        backup_codes: expect.any(Array),
      });
      expect(await run<unknown>(page, REGISTER, key)).toStartWith("InvalidStateError");

      for (const signIns of [1, 2]) {
        const answer = await run<unknown>(page, SIGN_IN, await passwordOf(w, ADA, acme.id));
        expect(answer).toMatchObject({
          data: { status: "SUCCESS", session_id: expect.stringMatching(/^ses_/) },
        });
        expect(dump(w)["sessions"]).toHaveLength(signIns);
      }
      const isSynced = kind === "synced";
      expect(dump(w)["passkeys"]).toEqual([
        expect.objectContaining({
          backup_eligible: Number(isSynced),
          backed_up: Number(isSynced),
          user_verified: Number(isSynced),
          last_used_at: expect.any(Number),
        }),
      ]);
      expect((await audited(w)).at(-1)).toBe(`login.succeeded: pwd ${isSynced ? "swk" : "hwk"} mfa`);
      // The session that the browser was given is the browser's own.
      const me = await page.view.evaluate<string>(
        "fetch('/api/v1/me').then((answer) => answer.json()).then(({ email }) => email)",
      );
      expect(me).toBe(ADA);
    }, 60_000);
  }

  test("signs in alone, on a page that names neither anybody nor a credential", async () => {
    await using scene = await atHome(KINDS.synced, { mfa_policy: "required" });
    const { w, page, key, userId } = scene;
    const me = () => page.view.evaluate<number>("fetch('/api/v1/me').then(({ status }) => status)");
    expect(await run<unknown>(page, ALONE, {})).toStartWith("NotAllowedError");
    expect(await run<unknown>(page, REGISTER, key)).toMatchObject({ message: "Passkey added" });
    expect(await me()).toBe(401);
    expect(await run<unknown>(page, ALONE, { tenant: "nowhere" })).toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
    expect(await run<unknown>(page, ALONE, { tenant: "acme" })).toEqual({
      status: "SUCCESS",
      session_id: expect.stringMatching(/^ses_/),
      tenant: "acme",
      redirect_uri: null,
      user: expect.objectContaining({ id: userId, email: ADA }),
    });
    expect(await me()).toBe(200);
    expect((await audited(w)).at(-1)).toBe("login.succeeded: swk mfa");
  }, 60_000);

  test("is made and signs in with the lines of the README", async () => {
    await using scene = await atHome(KINDS.synced);
    const { w, page, acme, key } = scene;
    const lines = block("## Passkeys in your own pages", "js").replaceAll("export ", "");
    const runLines = (call: string, argument: unknown) =>
      run<unknown>(page, `async (given) => { ${lines}; return ${call}; }`, argument);

    expect(await runLines("addPasskey(given, 'Phone')", key)).toMatchObject({
      device: { name: "Phone" },
      backup_codes: expect.any(Array),
    });
    const pending = await passwordOf(w, ADA, acme.id);
    expect(await runLines("showPasskey('acme', given)", pending)).toMatchObject({
      data: { status: "SUCCESS" },
    });
    expect(await runLines("showPasskey('acme', given)", pending)).toStartWith("Error:");
    expect(await runLines("signInWithPasskey(given)", { tenant: "acme" })).toMatchObject({
      status: "SUCCESS",
    });
    expect(await runLines("signInWithPasskey(given)", { tenant: "nowhere" })).toStartWith("Error:");
    // The authenticator picks for its user.
    await page.view.evaluate("document.body.innerHTML = '<input autocomplete=\"username webauthn\">'");
    const behindField = { mediation: "conditional", remember_me: true };
    expect(await runLines("signInWithPasskey(given)", behindField)).toMatchObject({ status: "SUCCESS" });
    expect(dump(w)["sessions"]).toHaveLength(3);
  }, 60_000);
});
