// What whoever looks at the page may do, and what of it is for them.
import { findAll } from "../dom.ts";

/** all: everything. acting: look, as whoever acts as the user may. enrolling: set up a second step, and nothing else yet. */
export type Mode = "all" | "acting" | "enrolling";

let mode: Mode = "all";

export const modeIs = (now: Mode): void => void (mode = now);

/** Hides what is not for them. */
export function suit(root: ParentNode): void {
  for (const part of findAll("[data-for]", HTMLElement, root))
    part.hidden = !part.dataset["for"]?.split(" ").includes(mode);
}

export const isEnrolling = (): boolean => mode === "enrolling";
