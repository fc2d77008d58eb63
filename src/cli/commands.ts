// Every command. A new one is one line here.
import { SETTING_NAMES, SETTINGS, type Setting } from "../settings.ts";
import { auditCommand } from "./audit.ts";
import { auditExport } from "./audit-export.ts";
import { auditVerify } from "./audit-verify.ts";
import type { Command } from "./command.ts";
import { keysRotate } from "./keys-rotate.ts";
import { setup } from "./setup.ts";
import { tenantCreate } from "./tenant-create.ts";
import { tenantDelete } from "./tenant-delete.ts";
import { tenantList } from "./tenant-list.ts";
import { tenantUpdate } from "./tenant-update.ts";
import { userCreate } from "./user-create.ts";
import { userList } from "./user-list.ts";
import { userDisable, userEnable, userResetMfa } from "./user-state.ts";

/** Those whose values other users of the machine may read. */
const OPEN_SETTINGS = SETTING_NAMES.filter((name) => !("secret" in (SETTINGS[name] satisfies Setting)));

export const SERVE: Command = {
  name: "serve",
  about: "serve the API and the pages (what happens without a command)",
  details: "While no admin exists it prints a link to the page that makes the first account.",
  settings: OPEN_SETTINGS,
  // Only here: other commands need no HTTP, and start in a third of the time without it.
  run: async (_, config, terminal) => (await import("./serve.ts")).serve(config, terminal),
};

export const COMMANDS: readonly Command[] = [
  SERVE,
  setup,
  tenantList,
  tenantCreate,
  tenantUpdate,
  tenantDelete,
  userList,
  userCreate,
  userDisable,
  userEnable,
  userResetMfa,
  keysRotate,
  auditCommand,
  auditVerify,
  auditExport,
];
