// In which language somebody is written to.
import type { Client, Context } from "../context.ts";

/**
 * Their own; while that is not known and they asked for the mail themselves, that of their client; else the instance's. What others
 * cause comes without a client.
 */
export const languageFor = (
  { config }: Pick<Context, "config">,
  reader: { language: string | null } | undefined,
  asker?: Pick<Client, "language">,
): string => reader?.language ?? asker?.language ?? config.language;
