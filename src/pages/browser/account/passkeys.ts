// Passkeys: the browser makes them, the API keeps what is public of them.
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import { wordsFor } from "../agent.ts";
import type { Answer } from "../api.ts";
import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import { fill, put } from "../rows.ts";
import { text } from "../texts.ts";
import { showCodes } from "./backup-codes.ts";
import { confirm, driveDialog, open } from "./dialog.ts";
import { type Factor, type Look, putTimes } from "./factors.ts";
import { suit } from "./mode.ts";
import { tell } from "./tell.ts";

let lookAgain: Look;
/** How often the dialog was closed: who has closed it wants no passkey any more. */
let closed = 0;

export function startPasskeys(look: Look): void {
  lookAgain = look;
  const add = find("#passkey-add", HTMLButtonElement);
  if (!browserSupportsWebAuthn()) {
    add.hidden = true;
    find("#passkey-unsupported", HTMLElement).hidden = false;
  }
  const dialog = driveDialog(
    "passkey-dialog",
    "two-step",
    ({ name }) => register(name ?? ""),
    async ({ body }) => {
      await look();
      const { name } = body["device"] as Factor;
      showCodes(body, text("passkeyAdded", { name }));
    },
  );
  // Also where the browser still waits for one.
  dialog.addEventListener("close", () => {
    closed++;
    WebAuthnAbortService.cancelCeremony();
  });
  add.addEventListener("click", () => {
    open(dialog);
    const name = find("input", HTMLInputElement, dialog);
    name.value = wordsFor(navigator.userAgent);
    name.select();
  });
}

export function showPasskeys(passkeys: Factor[]): void {
  fill(find("#passkeys", HTMLElement), passkeys, (row, passkey) => {
    put(row, "name", passkey.name);
    putTimes(row, passkey);
    suit(row);
    find("button", HTMLButtonElement, row).addEventListener("click", () => askToRemove(passkey));
  });
}

const askToRemove = ({ id, name }: Factor): void =>
  confirm({
    title: text("passkeyRemove", { name }),
    text: text("passkeyRemoveText"),
    action: text("remove"),
    section: "two-step",
    act: () => ask("DELETE", `/api/v1/me/mfa/webauthn/${encodeURIComponent(id)}`),
    async done() {
      await lookAgain();
      tell("two-step", text("passkeyRemoved", { name }));
    },
  });

async function register(name: string): Promise<Answer> {
  const closedBefore = closed;
  const begun = await ask("POST", "/api/v1/me/mfa/webauthn/register/begin");
  if (!begun.isOk) return begun;
  if (closed !== closedBefore) return refused("PASSKEY_CANCELLED");
  const { device_id, challenge_id, options } = begun.body;
  try {
    const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON;
    const credential = await startRegistration({ optionsJSON });
    const made = { device_id, challenge_id, credential, name };
    return await ask("POST", "/api/v1/me/mfa/webauthn/register/complete", made);
  } catch (error) {
    return refused(codeOf(error));
  }
}

const refused = (code: string): Answer => ({ status: 400, isOk: false, body: { code } });

/** What the browser says (WebAuthn L3 §5.1.3); whether somebody cancelled or waited too long it does not. */
function codeOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "InvalidStateError") return "PASSKEY_KNOWN";
  return name === "NotAllowedError" || name === "AbortError" ? "PASSKEY_CANCELLED" : "PASSKEY_FAILED";
}
