// The first account: takes the setup token out of the address, makes the account, signs in to it, and goes on there.
import { type Answer, call } from "./api.ts";
import { find, show } from "./dom.ts";
import { clear, complain, drive } from "./form.ts";
import { keepAcrossLanguages, takeFromFragment } from "./fragment.ts";
import { text } from "./texts.ts";

const form = find("form[data-token]", HTMLFormElement);
let token = "";
let isMade = false;

function takeToken(): void {
  token = takeFromFragment("token") ?? token;
  find("#token", HTMLElement).hidden = token !== "" || form.dataset["token"] !== "wanted";
}

/** Makes the account, and signs in to it as anybody does. */
async function begin({ email, ...values }: Record<string, string>): Promise<Answer> {
  const body = { ...(token === "" ? {} : { setup_token: token }), email, ...values };
  const made = await call("POST", "/api/v1/auth/setup/", body);
  if (!made.isOk) return made;
  isMade = true;
  // The answer brings an API key, for scripts. Nobody needs it here, and it is to be worth nothing.
  const { key: bearer } = made.body;
  if (typeof bearer === "string") await call("POST", "/api/v1/auth/logout", undefined, { bearer });
  const { password } = values;
  return call("POST", "/api/v1/auth/tenants/default/login", { email, password });
}

/** Nothing more is to be done here: what was typed is gone. */
function end(id: "made" | "done"): true {
  token = "";
  clear(form);
  show(id);
  return true;
}

function judge({ isOk, body }: Answer): boolean {
  if (isMade && isOk) {
    location.replace("/account");
    return true;
  }
  if (isMade) return end("made");
  if (body["code"] === "SETUP_ALREADY_COMPLETED") return end("done");
  if (body["code"] !== "SETUP_TOKEN_REQUIRED") return false;
  token = "";
  find("#token", HTMLElement).hidden = false;
  complain(form, [{ name: "setup_token", text: text("SETUP_TOKEN_REQUIRED") }]);
  return true;
}

drive(form, ({ values }) => begin(values), judge);
keepAcrossLanguages("token", () => token);
// The link opened once more in this tab changes only the fragment, and the page stays.
addEventListener("hashchange", takeToken);
takeToken();
