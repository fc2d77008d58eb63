// Drives the form of a page (form.ts): takes the token out of the address, sends the fields as JSON, shows what comes back. It has
// no words of its own: they stand in the page.

const TIMEOUT_MS = 30_000;

const form = document.querySelector("form[data-api]");
const texts = JSON.parse(form.dataset.texts);
const problem = document.getElementById("problem");
const waiting = document.getElementById("waiting");
let token = "";
let isSending = false;

/** The token leaves the address bar, so that it is in no bookmark, no screenshot and no history. */
function takeToken() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
  if (found) {
    token = found;
    form.reset();
    complain([]);
    form.querySelector("fieldset").disabled = false;
    show("ask");
  } else if (token === "") show("incomplete");
}

/** One section and no other. */
function show(id) {
  for (const section of document.querySelectorAll("section")) section.hidden = section.id !== id;
  const title = document.querySelector(`#${id} h1`);
  document.title = `${title.textContent} · ${form.dataset.brand}`;
  if (id !== "ask") title.focus();
}

const fields = () => [...form.querySelectorAll("input[name]")].filter((input) => !input.closest("[hidden]"));

async function submit() {
  if (isSending) return;
  const empty = fields().filter((input) => input.required && input.value === "");
  complain(empty.map(({ name }) => ({ name, text: texts.missing })));
  if (empty.length > 0) return;
  isSending = true;
  waiting.textContent = texts.waiting;
  try {
    await judge(await send());
  } catch {
    problem.textContent = texts.offline;
  }
  isSending = false;
  waiting.textContent = "";
}

/** What was left empty is left out. */
function send() {
  const filled = fields().filter(({ value }) => value !== "");
  return fetch(form.dataset.api, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, ...Object.fromEntries(filled.map(({ name, value }) => [name, value])) }),
    // Whoever is signed in here has nothing to do with it.
    credentials: "omit",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

async function judge(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) finish(body);
  else if (response.status === 422 && Array.isArray(body.detail)) explain(body.detail);
  else if (body.code === "INVALID_TOKEN") end("dead");
  else if (response.status === 429) problem.textContent = texts.limited.replace("{time}", timeOf(response));
  else if (response.status === 503) problem.textContent = texts.busy;
  else problem.textContent = typeof body.detail === "string" ? body.detail : texts.failed;
}

function finish(body) {
  const next = body.data?.redirect_uri ?? form.dataset.next;
  if (/^https?:\/\//i.test(next) && URL.canParse(next)) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = next;
    link.textContent = texts.goOn.replace("{host}", () => new URL(next).host);
    const paragraph = document.createElement("p");
    paragraph.append(link);
    document.querySelector("#done p:last-of-type").after(paragraph);
  }
  end("done");
}

/** Nothing more is to be done here: what was typed is gone. */
function end(id) {
  token = "";
  form.reset();
  for (const box of form.querySelectorAll("[data-shows]")) reveal(box);
  show(id);
}

/** Each 422 finding beside its field. Fields that the API misses and the page has not shown yet come out now. */
function explain(findings) {
  const byName = findings.map(({ loc, msg, type }) => ({ name: String(loc.at(-1)), msg, type }));
  if (byName.some(({ name }) => name === "token")) return end("dead");
  const later = form.querySelector("[data-later][hidden]");
  if (later && byName.some(({ name }) => later.querySelector(`[name="${CSS.escape(name)}"]`))) {
    later.hidden = false;
    for (const first of document.querySelectorAll("[data-first]")) first.hidden = true;
    later.querySelector("input").focus();
    return undefined;
  }
  return complain(
    byName.map(({ name, msg, type }) => ({ name, text: type === "missing" ? texts.missing : msg })),
  );
}

/** Says what is wrong, and leads to the first of it. With nothing, takes back what was said. */
function complain(faults) {
  problem.textContent = "";
  for (const input of form.querySelectorAll("input[name]")) {
    const fault = faults.find(({ name }) => name === input.name);
    document.getElementById(`${input.name}-error`).textContent = fault?.text ?? "";
    if (fault) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  const first = form.querySelector("[aria-invalid]");
  if (first) first.focus();
  else if (faults.length > 0) problem.textContent = faults[0].text;
}

/** How long to wait, in the reader's words. */
function timeOf(response) {
  const seconds = Math.max(1, Number(response.headers.get("retry-after")) || 60);
  const [amount, unit] = seconds < 120 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    unitDisplay: "long",
  }).format(amount);
}

const reveal = (box) => {
  document.getElementById(box.dataset.shows).type = box.checked ? "text" : "password";
};

for (const box of form.querySelectorAll("[data-shows]")) box.addEventListener("change", () => reveal(box));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
// The link opened once more in this tab changes only the fragment, and the page stays.
addEventListener("hashchange", takeToken);
takeToken();
