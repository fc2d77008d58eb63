import { text } from "./texts.ts";
import { readUserAgent } from "./user-agent.ts";

/** Named after the thing itself, which some languages speak of in another way. */
const DEVICES = new Set(["iPhone", "iPad"]);

/** "Firefox on Linux", in the reader's language. */
export function wordsFor(userAgent: string | null): string {
  const { program, system } = readUserAgent(userAgent);
  if (program !== undefined && system !== undefined)
    return text(DEVICES.has(system) ? "agentOnDevice" : "agent", { program, system });
  return program ?? system ?? text("agentUnknown");
}

/** The same as an element; what the program really said of itself is its title. */
export function agentOf(userAgent: string | null): HTMLElement {
  const element = document.createElement("span");
  element.textContent = wordsFor(userAgent);
  if (userAgent !== null) element.title = userAgent;
  return element;
}
