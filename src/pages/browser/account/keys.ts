// API keys: made by a name, shown once, deleted.
import type { Answer } from "../api.ts";
import { ask, askAll } from "../ask.ts";
import { copyOnPress } from "../copy.ts";
import { find } from "../dom.ts";
import { clear, drive } from "../form.ts";
import type { Loaded } from "../load.ts";
import { fill, put } from "../rows.ts";
import { text } from "../texts.ts";
import { timeOf } from "../times.ts";
import { confirm, mustLeave } from "./dialog.ts";
import { warnOfLeaving } from "./leaving.ts";
import { fillPlace } from "./place.ts";
import { placeName } from "./sessions.ts";
import { tell } from "./tell.ts";

interface Key {
  id: string;
  tenant_id: string;
  name: string | null;
  created_at: string;
  last_used_at: string;
  expires_at: string;
}

const section = find("#keys", HTMLElement);
const shown = find("#key-shown", HTMLElement);
const secret = find("#key-text", HTMLElement);

export function startKeys(loaded: Loaded): Promise<void> {
  copyOnPress(find("[data-copies]", HTMLButtonElement, shown), find(".outcome", HTMLElement, shown));
  warnOfLeaving(shown);
  find("#key-kept", HTMLButtonElement).addEventListener("click", () => {
    secret.textContent = "";
    shown.hidden = true;
    tell("keys", text("keyKept"));
  });
  const form = find("form", HTMLFormElement, section);
  drive(
    form,
    ({ values }) => ask("POST", "/api/v1/me/keys", values),
    async (answer) => {
      if (!answer.isOk) return mustLeave(answer, "keys");
      clear(form);
      secret.textContent = String(answer.body["key"]);
      shown.hidden = false;
      find("h3", HTMLElement, shown).focus();
      await look(loaded);
      return true;
    },
  );
  return fillPlace("keys", () => look(loaded));
}

/** Undefined, or the answer that tells why there is nothing to show. */
async function look(loaded: Loaded): Promise<Answer | undefined> {
  const keys = await askAll<Key>("/api/v1/me/keys");
  if (!Array.isArray(keys)) return keys;
  fill(section, keys, (row, key) => {
    put(row, "name", nameOf(key));
    put(row, "organization", placeName(loaded.organizations, key.tenant_id));
    put(row, "begun", timeOf(key.created_at));
    put(row, "used", key.last_used_at === key.created_at ? text("never") : timeOf(key.last_used_at));
    put(row, "until", timeOf(key.expires_at));
    find("button", HTMLButtonElement, row).addEventListener("click", () => askToDelete(key, loaded));
  });
  return undefined;
}

/** Those that signing in makes have none. */
const nameOf = ({ name }: Key): string => name ?? text("keyNameless");

const askToDelete = (key: Key, loaded: Loaded): void =>
  confirm({
    title: text("keyDelete", { name: nameOf(key) }),
    text: text("keyDeleteText"),
    action: text("delete"),
    section: "keys",
    act: () => ask("DELETE", `/api/v1/me/keys/${encodeURIComponent(key.id)}`),
    async done() {
      await look(loaded);
      tell("keys", text("keyDeleted", { name: nameOf(key) }));
    },
  });
