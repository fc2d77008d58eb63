// What GET /api/v1/me/mfa answers.
import { put } from "../rows.ts";
import { text } from "../texts.ts";
import { timeOf } from "../times.ts";

export interface Factor {
  id: string;
  type: "totp" | "email" | "webauthn";
  name: string;
  confirmed: boolean;
  created_at: string;
  last_used_at: string | null;
}

export interface Factors {
  mfa_enabled: boolean;
  methods: Factor[];
  backup_codes_remaining: number;
}

/** Reads what is on once more, and shows it. */
export type Look = () => Promise<unknown>;

/** Since when it is on, and when it was used; nothing of what is off. */
export function putTimes(place: HTMLElement, factor: Factor | undefined): void {
  put(place, "added", factor ? timeOf(factor.created_at) : null);
  put(place, "used", factor ? (factor.last_used_at ? timeOf(factor.last_used_at) : text("never")) : null);
}
