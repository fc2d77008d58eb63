import type { Client, Context } from "../../context.ts";

/** `{data, meta}`: how this group wraps its answers (decisions §1). */
export const wrap = <Data>(ctx: Context, { requestId }: Client, data: Data) => ({
  data,
  meta: { request_id: requestId, timestamp: new Date(ctx.now()).toISOString() },
});
