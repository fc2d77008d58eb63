// The authenticator app: a picture to scan or a key to type, and a first code.
import { ask } from "../ask.ts";
import { copyOnPress } from "../copy.ts";
import { find } from "../dom.ts";
import { text } from "../texts.ts";
import { showCodes } from "./backup-codes.ts";
import { driveDialog, open, tidy } from "./dialog.ts";
import type { Look } from "./factors.ts";
import { press } from "./press.ts";
import { tell } from "./tell.ts";

const GROUP = /.{1,4}/g;

export function startTotp(look: Look): void {
  const on = driveDialog(
    "totp-on-dialog",
    "two-step",
    ({ code }) => ask("POST", "/api/v1/me/mfa/totp/confirm", { code: tidy(code) }),
    async ({ body }) => {
      await look();
      showCodes(body, text("totpOn"));
    },
  );
  on.addEventListener("close", () => showKey("", ""));
  const copied = find(".outcome", HTMLElement, on);
  copyOnPress(find("[data-copies]", HTMLButtonElement, on), copied);
  press("totp-on", "two-step", "/api/v1/me/mfa/totp/enable", {
    done({ body }) {
      showKey(String(body["secret"]), String(body["qr_code"]));
      copied.textContent = "";
      open(on);
    },
  });
  const off = driveDialog(
    "totp-off-dialog",
    "two-step",
    ({ code }) => ask("POST", "/api/v1/me/mfa/totp/disable", { code: tidy(code) }),
    async () => {
      await look();
      tell("two-step", text("totpOff"));
    },
  );
  find("#totp-off", HTMLButtonElement).addEventListener("click", () => open(off));
}

/** In groups to be typed; what is copied has no gaps. */
function showKey(key: string, picture: string): void {
  const groups = (key.match(GROUP) ?? []).map((letters) => {
    const group = document.createElement("span");
    group.textContent = letters;
    return group;
  });
  find("#totp-key", HTMLElement).replaceChildren(...groups);
  const image = find("#totp-qr", HTMLImageElement);
  if (picture.startsWith("data:image/")) image.src = picture;
  else image.removeAttribute("src");
}
