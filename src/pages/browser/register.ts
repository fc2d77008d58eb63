// Makes an account. Where the tenant asks for a proof of work, the browser does it when the form is sent.
import { type Answer, call } from "./api.ts";
import { find } from "./dom.ts";
import { clear, drive } from "./form.ts";
import { proveWork } from "./proof-of-work.ts";
import { goTo, guard, say } from "./steps.ts";

const form = find("#start form", HTMLFormElement);
const { api = "", tries } = form.dataset;
/** A solved challenge that has not been spent. */
let proof: string | undefined;
let email = "";
let isMade = false;

async function send(values: Record<string, string>): Promise<Answer> {
  email = values["email"] ?? "";
  if (tries === undefined) return register(values);
  if (proof === undefined) {
    const challenge = await call("GET", `${api}/captcha`);
    if (!challenge.isOk) return challenge;
    proof = await proveWork(challenge.body, find("[data-robot]", HTMLElement, form));
  }
  const answer = await register({ ...values, captcha_token: proof ?? "" });
  // What is wrong with the fields is found first, and spends nothing.
  if (answer.status !== 422) proof = undefined;
  return answer;
}

const register = (body: object): Promise<Answer> => call("POST", `${api}/register`, body);

drive(
  form,
  ({ values }) => send(values),
  ({ isOk, body }) => {
    if (!isOk) return false;
    isMade = true;
    say("email", email);
    clear(form);
    goTo(body["status"] === "ACTIVE" ? "active" : "pending");
    return true;
  },
);
for (const outcome of ["pending", "active"]) guard(outcome, () => isMade);
