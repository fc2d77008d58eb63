import type { Context } from "../context.ts";
import { findHighest, listAfter, type RowFilter } from "../core/audit-rows.ts";
import { describeLink } from "../flows/describe.ts";
import { FILTER_OPTIONS, filterOf } from "./audit-options.ts";
import type { Command } from "./command.ts";
import { withContext } from "./with-context.ts";

const BATCH = 500;

export const auditExport: Command = {
  name: "audit export",
  about: "every entry of the audit log, the oldest first, one JSON object a line",
  details: `Each line says where it stands in the log. mac is the HMAC-SHA-256, in base64url, of the JSON array of the line's other
values in their order, as UTF-8 without spaces; its key is HKDF-SHA-256 of the master secret (secret.key, without the end of its
line), no salt, info "ostiary/audit", 32 bytes. prev is the mac of the line before; seq counts from 1.`,
  options: FILTER_OPTIONS,
  settings: ["DATA"],
  async run(given, config, terminal) {
    const filter = filterOf(given);
    await withContext(config, terminal, async (ctx) => {
      for await (const rows of batches(ctx, await filter(ctx)))
        await terminal.stream(rows.map((row) => `${JSON.stringify(describeLink(row))}\n`).join(""));
    });
    return 0;
  },
};

/** Up to the row that is the last one when it starts. */
async function* batches(ctx: Context, filter: RowFilter) {
  const end = await findHighest(ctx);
  for (let seq = 0; seq < end;) {
    const rows = (await listAfter(ctx, seq, { limit: BATCH, filter })).filter((row) => row.seq <= end);
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    seq = last.seq;
  }
}
