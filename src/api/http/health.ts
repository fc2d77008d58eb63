import { Elysia, t } from "elysia";
import type { Context } from "../../context.ts";
import { touch } from "../../core/instance.ts";
import { refusals } from "./operation.ts";

/** Anyone may ask, by HEAD too: so the database is written at most this often for it, and always the same row. */
const PROBE_EVERY_MS = 1_000;

const Status = t.Object({ status: t.String() }, { description: "Yes" });

/** `/healthz`: the process answers. `/readyz`: the database can be written, else 503. */
export function health(ctx: Context) {
  let probe: { at: number; result: Promise<void> } | undefined;
  const ready = (): Promise<void> => {
    if (!probe || Math.abs(ctx.now() - probe.at) >= PROBE_EVERY_MS) {
      probe = { at: ctx.now(), result: touch(ctx) };
      probe.result.catch(() => {});
    }
    return probe.result;
  };
  return new Elysia({ tags: ["health"] })
    .get("/healthz", () => ({ status: "ok" }), {
      response: { 200: Status },
      detail: { operationId: "healthz", summary: "Whether the process answers" },
    })
    .get(
      "/readyz",
      async () => {
        await ready();
        return { status: "ready" };
      },
      {
        response: { 200: Status, ...refusals(503) },
        detail: { operationId: "readyz", summary: "Whether the database can be written" },
      },
    );
}
