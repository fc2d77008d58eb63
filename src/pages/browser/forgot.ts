// Asks for the mail with the link that sets a new password. The server answers the same for every address.
import { call } from "./api.ts";
import { find } from "./dom.ts";
import { drive } from "./form.ts";
import { goTo, guard, say } from "./steps.ts";

const form = find("#start form", HTMLFormElement);
let email = "";
let isSent = false;

drive(
  form,
  ({ values }) => {
    email = values["email"] ?? "";
    return call("POST", `${form.dataset["api"]}/forgot-password`, { email });
  },
  ({ isOk }) => {
    if (!isOk) return false;
    isSent = true;
    say("email", email);
    goTo("sent");
    return true;
  },
);
guard("sent", () => isSent);
