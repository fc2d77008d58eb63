// Email and password, and what comes of them.
import { call } from "./api.ts";
import { arrive } from "./arrive.ts";
import { find } from "./dom.ts";
import { askForFactor } from "./factor-step.ts";
import { drive } from "./form.ts";
import { goTo, guard, say } from "./steps.ts";

export interface Who {
  email: string;
  slug: string;
}

/** Drives a form with a password in it. `whoOf`: whose it is, by what stands in the form. */
export function askForPassword(form: HTMLFormElement, whoOf: (values: Record<string, string>) => Who): void {
  let who: Who;
  let isUnverified = false;
  drive(
    form,
    ({ values }) => {
      who = whoOf(values);
      const { password, remember_me: remember } = values;
      const body = { email: who.email, password, remember_me: remember !== undefined };
      return call("POST", `/api/v1/auth/tenants/${encodeURIComponent(who.slug)}/login`, body);
    },
    (answer) => {
      const password = find("[name=password]", HTMLInputElement, form);
      const { body } = answer;
      if (body["status"] === "MFA_REQUIRED") {
        password.value = "";
        askForFactor({ ...who, body });
        return true;
      }
      if (answer.isOk) return arrive(body["redirect_uri"], { hasShownFactor: false });
      if (body["code"] === "EMAIL_NOT_VERIFIED") {
        password.value = "";
        isUnverified = true;
        say("email", who.email);
        goTo("unverified");
        return true;
      }
      if (answer.status === 401) password.select();
      return false;
    },
  );
  guard("unverified", () => isUnverified);
}
