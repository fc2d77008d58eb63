// A secret that a link brings along in its fragment, which no server and no log sees.
import { findAll } from "./dom.ts";

/**
 * What the fragment holds by that name. It leaves the address bar, so that it is in no bookmark, no screenshot and no history.
 * Undefined when it is missing or empty.
 */
export function takeFromFragment(name: string): string | undefined {
  const found = new URLSearchParams(location.hash.slice(1)).get(name);
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
  return found === null || found === "" ? undefined : found;
}

/** Choosing another language loads the page anew, which must not lose it. `secret`: empty when there is none any more. */
export function keepAcrossLanguages(name: string, secret: () => string): void {
  for (const link of findAll("nav a[hreflang]", HTMLAnchorElement)) {
    link.addEventListener("click", () => {
      if (secret() !== "") link.hash = `${name}=${encodeURIComponent(secret())}`;
    });
  }
}
