// The pages that mailed links lead to: takes the token out of the address, sends it with the fields, and shows what came of it.
import { type Answer, call } from "./api.ts";
import { find, findAll, show } from "./dom.ts";
import { clear, drive, findingsOf, type Sent } from "./form.ts";
import { keepAcrossLanguages, takeFromFragment } from "./fragment.ts";
import { isOfTheWeb, offerToGoOn } from "./go-on.ts";

const form = find("form[data-api]", HTMLFormElement);
let token = "";

function takeToken(): void {
  const found = takeFromFragment("token");
  if (found !== undefined) {
    token = found;
    clear(form);
    show("ask", { focus: false });
  } else if (token === "") show("incomplete");
}

/** Nothing more is to be done here: what was typed is gone. */
function end(id: string): true {
  token = "";
  clear(form);
  show(id);
  return true;
}

function judge(answer: Answer): boolean {
  const { isOk, body } = answer;
  if (isOk) {
    if (body["status"] === "DISOWNED") return end("disowned");
    const next = body["redirect_uri"] ?? form.dataset["next"];
    if (isOfTheWeb(next)) offerToGoOn(find("#done p:last-of-type", HTMLElement), next);
    return end("done");
  }
  const findings = findingsOf(answer);
  if (body["code"] === "INVALID_TOKEN" || findings.some(({ name }) => name === "token")) return end("dead");
  return bringOut(findings.map(({ name }) => name));
}

/** Fields that the API misses and the page has not shown yet come out now. */
function bringOut(missing: string[]): boolean {
  const [later] = findAll("[data-later][hidden]", HTMLElement, form);
  const isIn = (name: string) => later?.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!later || !missing.some(isIn)) return false;
  later.hidden = false;
  for (const first of findAll("[data-first]", HTMLElement)) first.hidden = true;
  find("input", HTMLInputElement, later).focus();
  return true;
}

function send({ values, pressed }: Sent): Promise<Answer> {
  const { api = "", method } = form.dataset;
  if (method !== "GET") return call("POST", api, { token, ...values });
  const query = new URLSearchParams({ token, answer: pressed ?? "confirm" }).toString();
  return call("GET", `${api}?${query}`);
}

drive(form, send, judge);
keepAcrossLanguages("token", () => token);
// The link opened once more in this tab changes only the fragment, and the page stays.
addEventListener("hashchange", takeToken);
takeToken();
