// Signing in: /login asks for the email, then for the tenant where there are several, then for the password; the page of a tenant asks
// for email and password at once. What the server has written is filled in here, nothing is made.
import { offerToStay } from "./arrive.ts";
import { find } from "./dom.ts";
import { askForEmail } from "./email-step.ts";
import { offerPasskeys } from "./passkey.ts";
import { askForPassword } from "./password-step.ts";

const start = find("#start", HTMLElement);
const form = find("form", HTMLFormElement, start);
const { slug, session } = start.dataset;

history.replaceState({ step: "start" }, "");
if (slug === undefined) askForEmail(form);
else askForPassword(form, ({ email = "" }) => ({ email, slug }));
offerPasskeys(form, slug);
if (session !== undefined) void offerToStay(start.dataset);
// Whoever comes back to a page that the browser has kept finds it as it was left: signed in, or half way.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
