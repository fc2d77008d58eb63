import { ask } from "../ask.ts";
import { find } from "../dom.ts";
import { clear, complain, drive } from "../form.ts";
import type { Loaded } from "../load.ts";
import { text, textOf } from "../texts.ts";
import { mustLeave } from "./dialog.ts";
import { startDevices } from "./devices.ts";
import { startSessions } from "./sessions.ts";
import { tell } from "./tell.ts";

export function startPassword(loaded: Loaded): void {
  const { user } = loaded;
  const form = find("#password form", HTMLFormElement);
  find("#password-owner", HTMLInputElement).defaultValue = user.email ?? user.username ?? "";
  drive(
    form,
    ({ values }) => ask("POST", "/api/v1/me/password", values),
    async (answer) => {
      if (answer.body["code"] === "WRONG_PASSWORD") {
        complain(form, [{ name: "current_password", text: textOf(answer) }]);
        return true;
      }
      if (!answer.isOk) return mustLeave(answer, "password");
      clear(form);
      tell("password", text("passwordChanged"));
      await Promise.all([startSessions(loaded), startDevices(loaded)]);
      return true;
    },
  );
}
