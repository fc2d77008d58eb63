// The second factor of a sign-in: by any of the ways that the account has.
import { type Answer, call } from "./api.ts";
import { arrive } from "./arrive.ts";
import { find, findAll } from "./dom.ts";
import { clear, complain, drive } from "./form.ts";
import { showPasskey } from "./passkey.ts";
import { driveResend } from "./resend.ts";
import { goTo, guard, say } from "./steps.ts";
import { text } from "./texts.ts";

interface Due {
  slug: string;
  email: string;
  /** The answer that said so. */
  body: Record<string, unknown>;
}

interface Pending {
  base: string;
  /** What says whose sign-in it is. */
  ids: { mfa_token: string; user_id: string };
  wrongCodes: number;
}

/** Then the server takes no further one (decisions §5). */
const MOST_WRONG_CODES = 5;
const PASSKEY = "webauthn";

let pending: Pending | undefined;

const forms = findAll("form[data-method]", HTMLFormElement);
const methodOf = (form: HTMLFormElement): string => form.dataset["method"] ?? "";
const codeOf = (form: HTMLFormElement) => form.querySelector<HTMLInputElement>("input[type=text]");

const sendCode = driveResend(find("#factor-email", HTMLElement), () =>
  call("POST", `${pending?.base}/email/send?${new URLSearchParams(pending?.ids).toString()}`),
);

/** Where the account's second factor is asked for, by the way that it uses first. */
export function askForFactor({ slug, email, body }: Due): void {
  const ids = { mfa_token: String(body["mfa_token"]), user_id: String(body["user_id"]) };
  pending = { base: `/api/v1/auth/tenants/${encodeURIComponent(slug)}/mfa`, ids, wrongCodes: 0 };
  const { available_methods: available, default_method: preferred } = body;
  const methods = Array.isArray(available) ? available.map(String) : [];
  for (const form of forms) clear(form);
  for (const button of findAll("[data-way]", HTMLButtonElement))
    button.hidden = !methods.includes(button.dataset["way"] ?? "");
  for (const group of findAll(".links[role=group]", HTMLElement)) group.hidden = methods.length < 2;
  say("email", email);
  const first = typeof preferred === "string" ? preferred : methods[0];
  // The first code has been mailed then.
  sendCode.reset({ isSent: first === "email" });
  goTo(`factor-${first}`);
}

async function send(form: HTMLFormElement, values: Record<string, string>): Promise<Answer> {
  const method = methodOf(form);
  const trust = { trust_device: values["trust_device"] !== undefined };
  if (method !== PASSKEY) {
    const code = (codeOf(form)?.value ?? "").replaceAll(/\s/g, "");
    return call("POST", `${pending?.base}/verify`, { ...pending?.ids, ...trust, method, code });
  }
  const query = new URLSearchParams(pending?.ids).toString();
  const asked = await call("POST", `${pending?.base}/webauthn/begin?${query}`);
  if (!asked.isOk) return asked;
  const credential = await showPasskey(asked.body["options"]);
  if (!credential) return { status: 400, isOk: false, body: { code: "noPasskey" } };
  const { challenge_id } = asked.body;
  return call("POST", `${pending?.base}/verify`, {
    ...pending?.ids,
    ...trust,
    method,
    challenge_id,
    credential,
  });
}

function judge(form: HTMLFormElement, answer: Answer): boolean | Promise<boolean> {
  const { isOk, body } = answer;
  if (isOk) {
    pending = undefined;
    return arrive(body["redirect_uri"], { hasShownFactor: true });
  }
  if (body["code"] === "INVALID_MFA_TOKEN") return startAgain();
  if (body["code"] !== "INVALID_MFA_CODE" || !pending) return false;
  pending.wrongCodes++;
  if (pending.wrongCodes >= MOST_WRONG_CODES) return startAgain();
  const field = codeOf(form);
  if (field) field.value = "";
  const wrong = text(field ? "INVALID_MFA_CODE" : "passkeyRefused");
  complain(form, [{ name: field?.name ?? PASSKEY, text: wrong }]);
  return true;
}

/** Whoever took too long, or guessed, shows the password once more. */
function startAgain(): true {
  pending = undefined;
  for (const form of forms) clear(form);
  goTo("start", "instead");
  find("#start .problem", HTMLElement).textContent = text("INVALID_MFA_TOKEN");
  return true;
}

for (const form of forms) {
  drive(
    form,
    ({ values }) => send(form, values),
    (answer) => judge(form, answer),
  );
  guard(`factor-${methodOf(form)}`, () => pending !== undefined);
  const field = codeOf(form);
  if (field?.autocomplete !== "one-time-code") continue;
  field.addEventListener("input", () => {
    if (/^\s*(\d\s*){6}$/.test(field.value)) form.requestSubmit();
  });
}
for (const button of findAll("[data-way]", HTMLButtonElement)) {
  button.addEventListener("click", () => {
    goTo(`factor-${button.dataset["way"]}`, "instead");
    if (button.dataset["way"] === "email") sendCode.first();
  });
}
