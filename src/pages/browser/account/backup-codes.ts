// Backup codes: how many are left, and new ones, which are shown once.
import { ask } from "../ask.ts";
import { copyOnPress } from "../copy.ts";
import { find } from "../dom.ts";
import { leave } from "../go-on.ts";
import type { User } from "../load.ts";
import { put } from "../rows.ts";
import { text } from "../texts.ts";
import { timeOf } from "../times.ts";
import { driveDialog, open, tidy } from "./dialog.ts";
import type { Factors, Look } from "./factors.ts";
import { warnOfLeaving } from "./leaving.ts";
import { isEnrolling } from "./mode.ts";
import { tell } from "./tell.ts";

const place = find("#codes", HTMLElement);
const list = find("#codes-list", HTMLElement);
const whose = find("#codes-for", HTMLElement);
let hasApp = false;
let owner = "";

export function startBackupCodes(look: Look, user: User): void {
  owner = user.email ?? user.display_name;
  copyOnPress(find("[data-copies]", HTMLButtonElement, place), find(".outcome", HTMLElement, place));
  find("#codes-download", HTMLButtonElement).addEventListener("click", download);
  find("#codes-print", HTMLButtonElement).addEventListener("click", () => print());
  warnOfLeaving(place);
  find("#codes-kept", HTMLButtonElement).addEventListener("click", () => {
    list.textContent = "";
    place.hidden = true;
    // Now the rest of the account is open.
    if (isEnrolling()) leave();
    else tell("two-step", text("codesKept"));
  });
  const dialog = driveDialog(
    "codes-dialog",
    "two-step",
    ({ code }) => ask("POST", "/api/v1/me/mfa/backup-codes/regenerate", { code: tidy(code) }),
    async ({ body }) => {
      await look();
      showCodes(body, "");
    },
  );
  find("#codes-make", HTMLButtonElement).addEventListener("click", () => {
    const form = find("form", HTMLFormElement, dialog);
    find("label", HTMLElement, form).textContent = form.dataset[hasApp ? "app" : "old"] ?? "";
    open(dialog);
  });
}

export function showLeft({ methods, mfa_enabled: isOn, backup_codes_remaining: count }: Factors): void {
  hasApp = methods.some(({ type, confirmed }) => type === "totp" && confirmed);
  const left = isOn ? text("codesLeft", { count: String(count) }) : text("codesNone");
  put(find("#backup-codes", HTMLElement), "left", left);
  find("#codes-make", HTMLElement).hidden = !isOn;
}

/** Says what was done, and shows the codes that came of it; where there are none, only that. */
export function showCodes({ backup_codes: codes }: Record<string, unknown>, said: string): void {
  if (!Array.isArray(codes)) {
    if (isEnrolling()) leave();
    else tell("two-step", said);
    return;
  }
  find("#two-step > .outcome", HTMLElement).textContent = said;
  const brand = document.body.dataset["brand"] ?? "";
  const time = timeOf(new Date().toISOString()).textContent;
  whose.textContent = text("codesFor", { name: owner, brand, time });
  list.textContent = codes.join("\n");
  place.hidden = false;
  find("h3", HTMLElement, place).focus();
}

/** Into a file, without asking the server again. */
function download(): void {
  const file = new Blob([`${whose.textContent}\n\n${list.textContent}\n`], { type: "text/plain" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = text("codesFile");
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
