// Shows what waits for a yes from here, and goes on looking while it is open.
import { find } from "./dom.ts";
import { isLoaded, load } from "./load.ts";
import { startPendingSignIns } from "./pending-sign-ins.ts";
import { text, textOf } from "./texts.ts";

const EVERY_MS = 4_000;

async function begin(): Promise<void> {
  const only = new URLSearchParams(location.search).get("id") ?? undefined;
  const loaded = await load();
  find("#loading", HTMLElement).hidden = true;
  if (!isLoaded(loaded)) {
    find("#problem", HTMLElement).textContent = textOf(loaded);
    return;
  }
  const { user, pending_logins: pending } = loaded;
  find("#who", HTMLElement).textContent = text("signedInAs", { name: user.email ?? user.display_name });
  find("#gone", HTMLElement).hidden = only === undefined || pending.some(({ id }) => id === only);
  find("#waiting-sign-ins", HTMLElement).hidden = false;
  startPendingSignIns(loaded, { only, everyMs: EVERY_MS });
}

void begin();
