// The worker that empties the outbox: at least once, a few at a time, apart from everything else the server does.
import type { Context } from "../context.ts";
import * as outbox from "../core/outbox.ts";
import { letterOf, type Transport, Undelivered } from "./letter.ts";

/** How often the outbox is looked at: an index read of some µs, which also finds what another process has queued. */
const LOOK_EVERY_MS = 250;
const LOOK_AGAIN_AFTER_FAILURE_MS = 2_000;
const MOST_AT_ONCE = 4;
/** However slowly a server drips its answers. Shorter than a claim (core/outbox.ts). */
const DELIVERY_WITHIN_MS = 45_000;
/** How long stopping waits for deliveries under way, and for what is left to be written down. Together below the server's 8 s. */
const FINISH_WITHIN_MS = 3_000;
const STOP_WITHIN_MS = 7_000;

export interface Delivery {
  /** Takes no further mail, waits 3 s for what is under way and cuts off the rest, to be repeated. Resolves within 7 s. */
  stop: () => Promise<void>;
}

/** Delivers until stopped. */
export function startDelivery(ctx: Context, send: Transport = transportOf(ctx)): Delivery {
  const underWay = new Set<Promise<void>>();
  const cutOff = new AbortController();
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let wake = () => {};
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function look(): Promise<void> {
    if (underWay.size >= MOST_AT_ONCE || !(await outbox.isAnythingDue(ctx))) return;
    for (const { id, kind } of await outbox.expire(ctx)) ctx.log.warn("mail expired", { mail: id, kind });
    while (!isStopping() && underWay.size < MOST_AT_ONCE) {
      const mail = await outbox.claim(ctx);
      if (!mail) return;
      const delivery = deliver(ctx, send, mail, cutOff.signal).finally(() => {
        underWay.delete(delivery);
        wake();
      });
      underWay.add(delivery);
    }
  }

  async function work(): Promise<void> {
    while (!isStopping()) {
      try {
        await look();
        if (!isStopping()) await sleep(LOOK_EVERY_MS);
      } catch (error) {
        ctx.log.warn("outbox unreadable", { reason: String(error) });
        if (!isStopping()) await sleep(LOOK_AGAIN_AFTER_FAILURE_MS);
      }
    }
  }

  const working = work();
  return {
    async stop() {
      stopping.abort();
      wake();
      const finished = working.then(() => Promise.all(underWay));
      await within(FINISH_WITHIN_MS, finished);
      cutOff.abort();
      await within(STOP_WITHIN_MS - FINISH_WITHIN_MS, finished);
    },
  };
}

/** Tries one mail and writes down how it went. Never rejects: what cannot be written down is repeated when its claim lapses. */
async function deliver(
  ctx: Context,
  send: Transport,
  mail: outbox.ClaimedMail,
  cutOff: AbortSignal,
): Promise<void> {
  const { id, kind, attempts } = mail;
  const about = { mail: id, kind, attempts };
  try {
    const failure = await attempt(ctx, send, mail, cutOff);
    if (!failure) {
      await outbox.markSent(ctx, mail);
      ctx.log.info("mail sent", about);
    } else if (failure.isPermanent) {
      await outbox.markFailed(ctx, mail, failure.reason);
      ctx.log.error("mail failed", { ...about, reason: failure.reason });
    } else {
      await outbox.postpone(ctx, mail, failure.reason);
      ctx.log.warn("mail delayed", { ...about, reason: failure.reason });
    }
  } catch (error) {
    ctx.log.error("mail not accounted for", { ...about, reason: String(error) });
  }
}

async function attempt(
  ctx: Context,
  send: Transport,
  mail: outbox.ClaimedMail,
  cutOff: AbortSignal,
): Promise<Undelivered | undefined> {
  const signal = AbortSignal.any([cutOff, AbortSignal.timeout(DELIVERY_WITHIN_MS)]);
  try {
    await send(letterOf(ctx.config, mail, outbox.openBody(ctx, mail)), signal);
    return undefined;
  } catch (error) {
    if (cutOff.aborted) return new Undelivered("cut off when the server stopped", false, error);
    if (signal.aborted) return new Undelivered("took too long", false, error);
    if (error instanceof Undelivered) return error;
    // A fault of ours. Its message may quote the mail, so it is told by its name only.
    return new Undelivered(error instanceof Error ? error.name : "unknown fault", false, error);
  }
}

/** What sends is loaded with the first mail: nodemailer brings half of node along, http and tls and zlib, 5 MiB in all. */
function transportOf(ctx: Context): Transport {
  const { smtpUrl, outboxDirectory } = ctx.config;
  if (smtpUrl === undefined)
    ctx.log.info("no mail server: mails become files", { directory: outboxDirectory });
  const load = async (): Promise<Transport> =>
    smtpUrl === undefined
      ? (await import("./eml-file.ts")).createEmlFiles(ctx)
      : (await import("./smtp.ts")).createSmtp(smtpUrl);
  let loaded: Promise<Transport> | undefined;
  return async (letter, signal) => (await (loaded ??= load()))(letter, signal);
}

/** Waits for the promise, but no longer. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
