import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import { drive } from "../form.ts";
import type { Loaded, User } from "../load.ts";
import { fill, put } from "../rows.ts";
import { text } from "../texts.ts";
import { mustLeave } from "./dialog.ts";
import { tell } from "./tell.ts";

export function startProfile({ user, organizations }: Loaded): void {
  const place = find("#profile", HTMLElement);
  const form = find("form", HTMLFormElement, place);
  put(place, "email", user.email);
  put(place, "username", user.username);
  fill(find("#organizations", HTMLElement), organizations, (row, { name, role }) =>
    row.replaceChildren(text("memberOf", { name, role: text(`role.${role}`) })),
  );
  showNames(form, user);
  drive(
    form,
    ({ values }) =>
      ask("PATCH", "/api/v1/me", {
        first_name: nameIn(values["first_name"]),
        last_name: nameIn(values["last_name"]),
      }),
    (answer) => {
      if (!answer.isOk) return mustLeave(answer, "profile");
      showNames(form, answer.body as unknown as User);
      tell("profile", text("saved"));
      return true;
    },
  );
}

/** What is left empty is taken away. */
const nameIn = (typed: string | undefined): string | null => typed?.trim() || null;

function showNames(form: HTMLFormElement, user: Pick<User, "first_name" | "last_name">): void {
  for (const name of ["first_name", "last_name"] as const)
    find(`[name=${name}]`, HTMLInputElement, form).value = user[name] ?? "";
}
