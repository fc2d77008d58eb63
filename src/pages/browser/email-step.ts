// Who it is and where to, before the password: the steps of /login.
import { call, isObject } from "./api.ts";
import { find } from "./dom.ts";
import { clear, complain, drive } from "./form.ts";
import { askForPassword } from "./password-step.ts";
import { goTo, guard, say } from "./steps.ts";
import { text } from "./texts.ts";

interface Tenant {
  slug: string;
  name: string;
}

/** Drives the form of the email, and the steps behind it. */
export function askForEmail(form: HTMLFormElement): void {
  const passwordForm = find("#enter-password form", HTMLFormElement);
  let asked = "";
  /** Of which the server has told where it signs in. */
  let email = "";
  let slug = "";
  /** The name is told to those who picked it. */
  const goToPassword = (chosen: string, name?: string): void => {
    slug = chosen;
    say("tenant", name === undefined ? "" : ` · ${name}`);
    find("[data-forgot]", HTMLAnchorElement, passwordForm).href = `/t/${encodeURIComponent(slug)}/forgot`;
    goTo("enter-password");
  };

  drive(
    form,
    ({ values }) => {
      asked = values["email"] ?? "";
      return call("POST", "/api/v1/auth/identify", { email: asked });
    },
    ({ isOk, body }) => {
      if (!isOk) return false;
      email = asked;
      const tenants = tenantsOf(body["tenants"]);
      const [only] = tenants;
      say("email", email);
      // What somebody else has half typed is none of theirs.
      clear(passwordForm);
      find("[name=username]", HTMLInputElement, passwordForm).value = email;
      if (!only) goTo("organization");
      else if (tenants.length === 1) goToPassword(only.slug);
      else offer(tenants, goToPassword);
      return true;
    },
  );
  askForOrganization(goToPassword);
  askForPassword(passwordForm, () => ({ email, slug }));
  for (const step of ["choose", "organization", "enter-password"]) guard(step, () => email !== "");
}

function tenantsOf(value: unknown): Tenant[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((one) => ({ slug: String(one["slug"]), name: String(one["name"]) }));
}

/** Where the instance does not tell which tenants there are. */
function askForOrganization(choose: (slug: string) => void): void {
  const form = find("#organization form", HTMLFormElement);
  let slug = "";
  drive(
    form,
    ({ values }) => {
      slug = (values["slug"] ?? "").trim().toLowerCase();
      // Costs nothing, is open to all, and tells whether there is such a tenant.
      return call("POST", "/api/v1/auth/passkey/begin", { tenant: slug });
    },
    ({ isOk, status, body }) => {
      if (isOk) choose(slug);
      const isUnknown = body["code"] === "TENANT_NOT_FOUND" || status === 422;
      if (isUnknown) complain(form, [{ name: "slug", text: text("TENANT_NOT_FOUND") }]);
      return isOk || isUnknown;
    },
  );
}

function offer(tenants: Tenant[], choose: (slug: string, name: string) => void): void {
  const list = find("#choose ul", HTMLUListElement);
  const template = find("template", HTMLTemplateElement, list);
  const items = tenants.map(({ slug, name }) => {
    const item = document.importNode(template.content, true);
    find("bdi", HTMLElement, item).textContent = name;
    find("small", HTMLElement, item).textContent = slug === name ? "" : slug;
    find("button", HTMLButtonElement, item).addEventListener("click", () => choose(slug, name));
    return item;
  });
  list.replaceChildren(template, ...items);
  goTo("choose");
}
