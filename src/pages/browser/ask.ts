// Calls in the name of whoever is signed in by the session cookie.
import { type Answer, call } from "./api.ts";

/** The id of whoever the page shows, once that is known. */
let owner: string | undefined;

/** In another tab somebody else may have signed in since: then this page is theirs, and nothing goes on in it as it was. */
export async function belongsTo(id: string): Promise<void> {
  owner ??= id;
  if (owner !== id) await startOver();
}

/** Loads the page anew, and never ends. */
export function startOver(): Promise<never> {
  location.reload();
  return new Promise(() => {});
}

/**
 * Like `call`. Who is not signed in, or no more, is led to sign in and back; then there is no answer. Nothing is changed for
 * anybody but whom the page shows.
 */
export async function ask(...what: Parameters<typeof call>): Promise<Answer> {
  if (owner !== undefined && what[0] !== "GET") {
    const me = await askAnyone("GET", "/api/v1/me");
    if (!me.isOk) return me;
    await belongsTo(String(me.body["id"]));
  }
  return askAnyone(...what);
}

async function askAnyone(...what: Parameters<typeof call>): Promise<Answer> {
  const answer = await call(...what);
  if (answer.status !== 401) return answer;
  // In place of this page: going back must not lead here, and on to there again.
  location.replace(wayToSignIn(location.hash));
  return new Promise(() => {});
}

/** Where one signs in, and comes back from to this place of this page. */
export const wayToSignIn = (fragment: string): string =>
  `/login?next=${encodeURIComponent(location.pathname + location.search + fragment)}`;

/** The same for who is signed in, and has to show it anew: without the offer to stay as they are. */
export const wayToSignInAgain = (fragment: string): string => wayToSignIn(fragment).replace("?", "?again&");

/** All entries of a list, over all its pages; or the answer that is no list. */
export async function askAll<Entry>(path: string): Promise<Entry[] | Answer> {
  const entries: Entry[] = [];
  for (let cursor: unknown = ""; typeof cursor === "string";) {
    const query = new URLSearchParams({ limit: "200", ...(cursor === "" ? {} : { cursor }) });
    const answer = await ask("GET", `${path}?${query.toString()}`);
    if (!answer.isOk) return answer;
    entries.push(...(answer.body["data"] as Entry[]));
    cursor = answer.body["next_cursor"];
  }
  return entries;
}
