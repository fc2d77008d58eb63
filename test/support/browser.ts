// A real browser: Debian's Chromium, driven by Bun.
import { describe } from "bun:test";

const FOUND = Bun.which("chromium") ?? Bun.which("google-chrome") ?? process.env["BUN_CHROME_PATH"];

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Like `describe`. Without a browser the suite is skipped and says so; under CI that is a failure instead. */
export function describeInBrowser(name: string, body: () => void): void {
  if (FOUND) {
    describe(name, body);
    return;
  }
  if (process.env["CI"]) throw new Error(`${name}: no browser found; .ci/run should have installed chromium`);
  console.warn(`SKIPPED, no browser found (apt-get install chromium): ${name}`);
  describe.skip(name, body);
}

export interface ViewOptions {
  width?: number;
  height?: number;
}

export const openView = ({ width = 1280, height = 800 }: ViewOptions = {}): Bun.WebView =>
  new Bun.WebView({
    width,
    height,
    backend: { type: "chrome", argv: ARGUMENTS, ...(FOUND ? { path: FOUND } : {}) },
  });

/** Looks again until what it sees is good, for 10 s at most; what it saw last. */
export async function until<T>(look: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const value = await look();
    if (good(value)) return value;
    await Bun.sleep(20);
  }
  return look();
}
