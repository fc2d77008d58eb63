// What the user is signed in with, here and elsewhere.
import { agentOf, wordsFor } from "../agent.ts";
import type { Answer } from "../api.ts";
import { ask, askAll } from "../ask.ts";
import { find } from "../dom.ts";
import type { Loaded, Organization } from "../load.ts";
import { fill, put } from "../rows.ts";
import { text } from "../texts.ts";
import { timeOf } from "../times.ts";
import { confirm } from "./dialog.ts";
import { tell } from "./tell.ts";

interface Session {
  id: string;
  tenant_id: string;
  current: boolean;
  actor_id: string | null;
  address: string;
  user_agent: string | null;
  auth_time: string;
  last_seen_at: string;
}

const SECTION = "sessions";
const PATH = "/api/v1/me/sessions";
const pathOf = ({ id }: Session): string => `${PATH}/${encodeURIComponent(id)}`;

/** Undefined, or the answer that tells why there is nothing to show. To be called again after a change. */
export async function startSessions(loaded: Loaded): Promise<Answer | undefined> {
  const sessions = await askAll<Session>(PATH);
  if (!Array.isArray(sessions)) return sessions;
  const own = sessions.filter(({ current }) => current);
  const others = sessions.filter(({ current }) => !current);
  const place = find("#sign-ins", HTMLElement);
  fill(place, [...own, ...others], (row, session) => write(row, session, loaded));
  const endAll = find("#end-others", HTMLButtonElement);
  endAll.hidden = others.length === 0;
  endAll.onclick = () => askToEndAll(loaded);
  return undefined;
}

function write(row: HTMLElement, session: Session, loaded: Loaded): void {
  put(row, "agent", agentOf(session.user_agent));
  put(row, "current", session.current ? text("thisOne") : null);
  put(row, "acting", session.actor_id === null ? null : text("actingAsYou"));
  put(row, "organization", placeName(loaded.organizations, session.tenant_id));
  put(row, "address", session.address);
  put(row, "begun", timeOf(session.auth_time));
  put(row, "seen", timeOf(session.last_seen_at));
  const end = find("button", HTMLButtonElement, row);
  end.hidden = session.current;
  end.addEventListener("click", () => askToEnd(session, loaded));
}

/** Where there are several to tell apart. */
export const placeName = (organizations: Organization[], id: string): string | null =>
  organizations.length < 2 ? null : (organizations.find((place) => place.id === id)?.name ?? null);

const askToEnd = (session: Session, loaded: Loaded): void =>
  confirm({
    title: text("sessionEnd"),
    text: text("sessionEndText", { agent: wordsFor(session.user_agent), address: session.address }),
    action: text("end"),
    section: SECTION,
    act: () => ask("DELETE", pathOf(session)),
    async done() {
      await startSessions(loaded);
      tell(SECTION, text("sessionEnded"));
    },
  });

const askToEndAll = (loaded: Loaded): void =>
  confirm({
    title: text("sessionsEnd"),
    text: text("sessionsEndText"),
    action: text("end"),
    section: SECTION,
    act: endOthers,
    async done() {
      await startSessions(loaded);
      tell(SECTION, text("sessionsEnded"));
    },
  });

/** Also those that began after the page was loaded, or meanwhile: asks anew until there are no others. */
async function endOthers(): Promise<Answer> {
  for (;;) {
    const sessions = await askAll<Session>(PATH);
    if (!Array.isArray(sessions)) return sessions;
    const others = sessions.filter(({ current }) => !current);
    if (others.length === 0) return { status: 204, isOk: true, body: {} };
    for (const session of others) {
      const answer = await ask("DELETE", pathOf(session));
      if (!answer.isOk && answer.status !== 404) return answer;
    }
  }
}
