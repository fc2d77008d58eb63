// A proof of work (ALTCHA): the browser's own cryptography does it beside the page, which stays usable.
import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { find } from "./dom.ts";

type Challenge = Parameters<typeof solveChallenge>[0]["challenge"];

/** The solved challenge as the API takes it. `shown`: where it is told how far it is. Undefined when it takes too long. */
export async function proveWork(challenge: object, shown: HTMLElement): Promise<string | undefined> {
  const bar = find("progress", HTMLProgressElement, shown);
  let tries = 0;
  shown.hidden = false;
  const solution = await solveChallenge({
    challenge: challenge as Challenge,
    deriveKey: (...asked) => {
      bar.value = tries++;
      return deriveKey(...asked);
    },
  }).catch(() => null);
  shown.hidden = true;
  return solution === null ? undefined : btoa(JSON.stringify({ challenge, solution }));
}
