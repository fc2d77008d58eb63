// Forms, as browser/form.ts drives them, and the fields in them.
import { type Html, html } from "./html.ts";
import type { Reader } from "./reader.ts";

export interface Form {
  fields: Html;
  /** The label of the button. */
  submit: string;
  /** Attributes for the script, by their names after `data-`. */
  data?: Record<string, string | null>;
  /** More buttons and links below the first. */
  more?: Html | null;
  /** The name of the submit button's value, where the form has several. */
  value?: string;
  /** Can be filled in before the script runs, which takes over what was typed. */
  isEarly?: boolean;
}

/**
 * Nothing can be sent before the script runs: the browser itself would send it to the wrong place. A form that can be filled in early
 * has no button yet that could be pressed, by Enter neither; and whatever else submits it, `dialog` sends nothing (HTML §4.10.22.3).
 */
export const form = ({ fields, submit, data = {}, more = null, value = "", isEarly = false }: Form): Html =>
  html`<form method="${isEarly ? "dialog" : "post"}" novalidate ${attributes(data)}>
    <fieldset ${isEarly ? null : html`disabled`}>
      ${fields}
      <p class="problem error" role="alert"></p>
      <button class="button" type="submit" value="${value}" ${isEarly ? html`disabled` : null}>
        ${submit}
      </button>
      <p class="waiting" role="status"></p>
      ${more}
    </fieldset>
  </form>`;

/** Those without a value are left out. */
export const attributes = (data: Record<string, string | null>): Html[] =>
  Object.entries(data).flatMap(([name, value]) => (value === null ? [] : [html`data-${name}="${value}"`]));

export interface Field {
  name: string;
  /** Where a page has several fields of that name. */
  id?: string;
  label: string | Html;
  type?: "text" | "email" | "password";
  /** WHATWG HTML §4.10.18.7: what password managers and phones go by. */
  autocomplete: string;
  inputmode?: "text" | "numeric" | "email";
  hint?: string | Html | undefined;
  isRequired?: boolean;
  /** Put in already. */
  value?: string;
  /** Where the page begins. */
  hasFocus?: boolean;
}

/** Names of people are written with capitals. */
const PERSON = /-name$/;

/** A field with room for what is wrong with it. No maxlength: it would cut a pasted text in silence. */
export function field(shown: Field): Html {
  const {
    name,
    id = name,
    label,
    type = "text",
    autocomplete,
    inputmode = "text",
    hint,
    isRequired = true,
    value = "",
    hasFocus = false,
  } = shown;
  const describedBy = `${hint === undefined ? "" : `${id}-hint `}${id}-error`;
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${hint === undefined ? null : html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <p class="error" id="${id}-error"></p>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      inputmode="${inputmode}"
      autocomplete="${autocomplete}"
      autocapitalize="${PERSON.test(autocomplete) ? "words" : "none"}"
      spellcheck="false"
      value="${value}"
      ${isRequired ? html`required` : null}
      ${hasFocus ? html`autofocus` : null}
      aria-describedby="${describedBy}"
    />
  </div>`;
}

/** A name of a person, which nobody has to give. */
export const nameField = (
  { texts }: Reader,
  name: string,
  label: string,
  autocomplete: "given-name" | "family-name",
): Html =>
  field({
    name,
    label: html`${label} <small>(${texts.form.optional})</small>`,
    autocomplete,
    isRequired: false,
  });

/** A password, which can be looked at. */
export const passwordField = (
  { texts }: Reader,
  shown: Pick<Field, "name" | "label" | "hint"> & { autocomplete: "current-password" | "new-password" },
): Html =>
  html`${field({ ...shown, type: "password" })}
    <label class="check"
      ><input type="checkbox" data-shows="${shown.name}" />${texts.form.showPassword}</label
    >`;

/** A password that is yet to be chosen. */
export const newPasswordField = (reader: Reader, name: string, label: string, minLength: number): Html =>
  passwordField(reader, {
    name,
    label,
    hint: reader.texts.form.passwordHint(minLength),
    autocomplete: "new-password",
  });

/** A choice between yes and no. */
export const checkbox = (name: string, label: string): Html =>
  html`<label class="check"><input type="checkbox" name="${name}" />${label}</label>`;
