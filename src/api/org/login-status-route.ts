// How a waiting sign-in fares, at once or as soon as there is news.
import type { Client, Context } from "../../context.ts";
import { type LoginStatus, loginStatus, type StatusRequest } from "../../flows/login-status.ts";
import { noteOf } from "../http/client.ts";
import { signInCookies } from "../http/cookies.ts";
import { wording } from "../http/errors.ts";
import { withClient } from "../http/identity.ts";
import { operation, refusals } from "../http/operation.ts";
import { createWaitingRoom, type WaitingRoom } from "../http/waiting-room.ts";
import { orgGroup } from "./group.ts";
import * as schemas from "./portal-schemas.ts";
import { tokenView } from "./token.ts";
import { ORG } from "./wording.ts";

const LOOK_EVERY_MS = 500;
/** Each looks at the database twice a second. */
const SEATS = { most: 1000, mostFromOne: 20 };

export const loginStatusRoute = (ctx: Context) => {
  const room = createWaitingRoom(SEATS);
  return orgGroup()
    .use(wording(ORG))
    .use(withClient())
    .get(
      "/auth/login-status",
      async ({ query, client, request, set }) => {
        const { email: name, session_id: loginSessionId, wait = "0" } = query;
        // HEAD runs this handler too: it looks, and takes nothing.
        const asked = { name, loginSessionId, takes: request.method !== "HEAD" };
        const looks = Math.floor((Number(wait) * 1000) / LOOK_EVERY_MS);
        const { stopping } = noteOf(request);
        const found = await awaitNews(ctx, room, { ...asked, looks, gone: request.signal, stopping }, client);
        if (found.status !== "approved" || !found.granted) return { status: found.status };
        set.headers["set-cookie"] = signInCookies(ctx, found.granted);
        return { status: found.status, ...tokenView(found.granted) };
      },
      {
        ...operation("orgLoginStatus", "Whether a waiting login was approved; then its tokens, once"),
        query: schemas.LoginStatusQuery,
        response: { 200: schemas.LoginStatus, ...refusals(404, 422) },
      },
    );
};

interface Asked extends StatusRequest {
  /** How often to look again before the answer is "pending". */
  looks: number;
  /** The client's own end. */
  gone: AbortSignal;
  /** The server's. */
  stopping: AbortSignal;
}

/**
 * Looks at once, and then every half second; whoever has gone by then is handed nothing. A server that stops holds nobody: it would
 * wait for them, and then cut them off.
 */
async function awaitNews(
  ctx: Context,
  room: WaitingRoom,
  { looks, gone, stopping, ...request }: Asked,
  client: Client,
): Promise<LoginStatus> {
  const first = await loginStatus(ctx, request, client);
  if (first.status !== "pending" || looks === 0) return first;
  using seat = room.enter(client.network);
  if (!seat) return first;
  for (let i = 0; i < looks; i++) {
    await Bun.sleep(LOOK_EVERY_MS);
    if (gone.aborted || stopping.aborted) return first;
    const found = await loginStatus(ctx, request, client);
    if (found.status !== "pending") return found;
  }
  return first;
}
