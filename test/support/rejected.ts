// What a promise is rejected with.

/**
 * The reason for which `promise` is rejected; throws when it is not. Instead of `expect(promise).rejects`, which in Bun runs an
 * event loop inside the running one until the promise settles: in it `setImmediate` does not always come, for which the
 * driver of the database waits, and then that test, and every one after it, stands still.
 */
export async function rejected(promise: Promise<unknown>): Promise<unknown> {
  const settled = await promise.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );
  if ("reason" in settled) return settled.reason;
  throw new Error(`expected to be rejected, got ${Bun.inspect(settled.value)}`);
}

/** The message of the Error for which `promise` is rejected. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  const reason = await rejected(promise);
  if (reason instanceof Error) return reason.message;
  throw new Error(`expected an Error, got ${Bun.inspect(reason)}`);
}
