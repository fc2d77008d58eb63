import { type Context, transaction } from "../context.ts";

/**
 * Work that is taken back before it is committed: where there is nothing to do it takes as long as where there is, and leaves
 * nothing behind. Run inside a transaction.
 */
export async function inVain(ctx: Context, work: (ctx: Context) => Promise<unknown>): Promise<void> {
  const takenBack = new Error("taken back");
  try {
    await transaction(ctx, async (ctx) => {
      await work(ctx);
      throw takenBack;
    });
  } catch (error) {
    if (error !== takenBack) throw error;
  }
}
