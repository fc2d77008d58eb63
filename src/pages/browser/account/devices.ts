// Devices that need not show the second factor.
import { agentOf, wordsFor } from "../agent.ts";
import type { Answer } from "../api.ts";
import { ask, askAll } from "../ask.ts";
import { find } from "../dom.ts";
import type { Loaded } from "../load.ts";
import { fill, put } from "../rows.ts";
import { text } from "../texts.ts";
import { timeOf } from "../times.ts";
import { confirm } from "./dialog.ts";
import { placeName } from "./sessions.ts";
import { tell } from "./tell.ts";

interface Device {
  id: string;
  tenant_id: string;
  current?: boolean;
  address: string;
  user_agent: string | null;
  created_at: string;
  expires_at: string;
}

/** Undefined, or the answer that tells why there is nothing to show. To be called again after a change. */
export async function startDevices(loaded: Loaded): Promise<Answer | undefined> {
  const devices = await askAll<Device>("/api/v1/me/devices");
  if (!Array.isArray(devices)) return devices;
  fill(find("#devices", HTMLElement), devices, (row, device) => {
    put(row, "agent", agentOf(device.user_agent));
    put(row, "current", device.current === true ? text("thisDevice") : null);
    put(row, "organization", placeName(loaded.organizations, device.tenant_id));
    put(row, "address", device.address);
    put(row, "begun", timeOf(device.created_at));
    put(row, "until", timeOf(device.expires_at));
    find("button", HTMLButtonElement, row).addEventListener("click", () => askToForget(device, loaded));
  });
  return undefined;
}

const askToForget = ({ id, user_agent, address }: Device, loaded: Loaded): void =>
  confirm({
    title: text("deviceForget"),
    text: text("deviceForgetText", { agent: wordsFor(user_agent), address }),
    action: text("forget"),
    section: "sessions",
    act: () => ask("DELETE", `/api/v1/me/devices/${encodeURIComponent(id)}`),
    async done() {
      await startDevices(loaded);
      tell("sessions", text("deviceForgotten"));
    },
  });
