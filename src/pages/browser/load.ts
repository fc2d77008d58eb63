// Who is signed in, where, and what waits for them: what GET /v1/auth/load answers.
import type { Answer } from "./api.ts";
import { ask, belongsTo, startOver } from "./ask.ts";

export interface Organization {
  id: string;
  slug: string;
  name: string;
  role: string;
}

export interface PendingSignIn {
  id: string;
  created_at: string;
  expires_at: string;
  ip: string;
  user_agent: string | null;
  /** The organization that it is for. */
  portal_id: string;
}

export interface User {
  id: string;
  email: string | null;
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  display_name: string;
}

export interface Loaded {
  user: User;
  /** The one that is signed in to. */
  organization: Organization;
  organizations: Organization[];
  pending_logins: PendingSignIn[];
  /** Who acts as the user; null: the user. */
  impersonator: { id: string; name: string } | null;
}

/** Who acted as the user when the page was loaded. */
let actor: string | null | undefined;

/** The one page that says who acts, and stops it. */
const ACCOUNT = "/account";

/**
 * Or the answer that tells why not. Who is not signed in is led to sign in; where it is another than before, or another acts as
 * them, the page is loaded anew. Whoever acts as another is led to where that is told.
 */
export async function load(): Promise<Loaded | Answer> {
  const answer = await ask("GET", "/v1/auth/load");
  if (!answer.isOk) return answer;
  const loaded = answer.body as unknown as Loaded;
  const now = loaded.impersonator?.id ?? null;
  if (actor !== undefined && actor !== now) await startOver();
  actor = now;
  await belongsTo(loaded.user.id);
  if (now !== null && location.pathname !== ACCOUNT) {
    location.replace(ACCOUNT);
    return new Promise(() => {});
  }
  return loaded;
}

export const isLoaded = (what: Loaded | Answer): what is Loaded => "user" in what;
