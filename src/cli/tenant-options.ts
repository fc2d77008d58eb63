// Settings of a tenant on the command line: --set name=value.
import { DEFAULT_SETTINGS, type TenantSettings } from "../core/tenant-settings.ts";
import type { TenantChanges } from "../core/tenants.ts";
import { BadUsage, type Given, type Option } from "./command.ts";

export const SET_OPTION = {
  set: {
    value: "<setting>=<value>",
    many: true,
    about: `one of disabled, ${Object.keys(DEFAULT_SETTINGS).join(", ")}; several redirect_uris: one --set each; nothing after "=" clears it`,
  },
} satisfies Record<string, Option>;

const KNOWN = { ...DEFAULT_SETTINGS, disabled: false };

/** Throws BadUsage. */
export function givenSettings(given: Given): Pick<TenantChanges, "disabled" | "settings"> {
  const settings: Record<string, unknown> = {};
  for (const text of given.texts("set")) {
    const [, name = "", value = ""] = /^([a-z_]+)=([^]*)$/.exec(text) ?? [];
    if (!Object.hasOwn(KNOWN, name)) throw new BadUsage(`no setting of a tenant: ${text}`);
    const fallback: unknown = KNOWN[name as keyof typeof KNOWN];
    if (Array.isArray(fallback)) {
      const before = (settings[name] ?? []) as string[];
      settings[name] = value === "" ? before : [...before, value];
    } else if (name in settings) throw new BadUsage(`set twice: ${name}`);
    else settings[name] = parseValue(name, value, fallback);
  }
  const { disabled, ...rest } = settings as Partial<TenantSettings> & { disabled?: boolean };
  return { disabled, settings: rest };
}

function parseValue(name: string, value: string, fallback: unknown): unknown {
  if (typeof fallback === "boolean") {
    if (value !== "true" && value !== "false") throw new BadUsage(`${name} is true or false`);
    return value === "true";
  }
  if (typeof fallback === "number") {
    if (!/^\d{1,10}$/.test(value)) throw new BadUsage(`${name} is a whole number`);
    return Number(value);
  }
  return value === "" ? null : value;
}
