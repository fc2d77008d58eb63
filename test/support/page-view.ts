// One page in a browser, as a person meets it: what can be seen, read, reached and heard of it.
import { join } from "node:path";
import { source as AXE } from "axe-core";
import { openView, until } from "./browser.ts";

export interface PageView extends AsyncDisposable {
  view: Bun.WebView;
  /** Everything that the browser complained about: the console, errors, the policy of the page. */
  complaints: string[];
  /** Opens an address afresh, also when it differs from the last in the fragment only. */
  open: (url: string) => Promise<void>;
  /** Clicks what leads to another page. */
  follow: (selector: string) => Promise<void>;
  /** Presses Enter on what has the focus and leads to another page. */
  enter: () => Promise<void>;
  /** The text that can be seen. */
  text: () => Promise<string>;
  /** Waits until that text holds this. */
  reads: (text: string) => Promise<void>;
  /** What has the focus: its id, else its text. */
  focused: () => Promise<string>;
  /** Waits until that is this, as what is typed before a page has given it the focus goes nowhere. */
  focuses: (wanted: string) => Promise<void>;
  /** What is wrong with how the page stands there now; keeps a picture where SCREENSHOTS names a folder. */
  faults: (picture: string) => Promise<string[]>;
}

export interface Look {
  width?: number;
  scheme?: "light" | "dark";
}

/** A browser window; `await using` closes it. */
export async function openPage({ width = 1280, scheme = "light" }: Look = {}): Promise<PageView> {
  const view = openView({ width, height: 800 });
  const complaints: string[] = [];
  await view.navigate("about:blank");
  // All windows of a run share their cookies. Who signed in before is nobody here; their language would be this reader's.
  await view.cdp("Network.clearBrowserCookies");
  await view.cdp("Log.enable");
  await view.cdp("Runtime.enable");
  for (const event of ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"] as const) {
    view.addEventListener<{ entry?: { level: string } }>(event, ({ data }) => {
      // What it merely recommends is no complaint.
      if (data.entry?.level !== "verbose") complaints.push(JSON.stringify(data));
    });
  }
  await view.cdp("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  // On the way to another page, and before that is dressed, there is nothing to read.
  const isThere = "document.readyState === 'complete'";
  const text = () => view.evaluate<string>(`${isThere} ? document.body.innerText : ''`).catch(() => "");
  const focused = () =>
    view.evaluate<string>("document.activeElement.id || document.activeElement.innerText || 'nothing'");
  return {
    view,
    complaints,
    text,
    async open(url) {
      // What was left before may still be on its way out.
      await leaving(view.navigate("about:blank"));
      await view.navigate(url);
    },
    follow: (selector) => leaving(view.click(selector)),
    enter: () => leaving(view.press("Enter")),
    async reads(wanted) {
      const seen = await until(text, (seen) => seen.includes(wanted));
      if (!seen.includes(wanted)) throw new Error(`no ${JSON.stringify(wanted)} in: ${seen}`);
    },
    focused,
    async focuses(wanted) {
      const seen = await until(focused, (seen) => seen === wanted);
      if (seen !== wanted) throw new Error(`the focus is on ${seen}, and not on ${wanted}`);
    },
    async faults(picture) {
      const folder = process.env["SCREENSHOTS"];
      if (folder) await Bun.write(join(folder, `${picture}-${width}-${scheme}.png`), await view.screenshot());
      const ours = await view.evaluate<string[]>(`(${findFaults.toString()})(${width})`);
      await view.evaluate(`(() => {\n${AXE}\n})()`);
      const theirs = await view.evaluate<string[]>(`(${runAxe.toString()})()`);
      return [...ours, ...theirs];
    },
    [Symbol.asyncDispose]: async () => view[Symbol.asyncDispose](),
  };
}

/** The answer to what leads away may get lost with the page that it left; what comes next shows whether it arrived. */
const leaving = (act: Promise<void>): Promise<void> =>
  act.catch((error: unknown) => {
    if (!String(error).includes("navigated")) throw error;
  });

/** Runs in the page: what axe-core calls serious or critical, of the rules of WCAG 2.2 and of good practice. */
async function runAxe(): Promise<string[]> {
  // oxlint-disable-next-line typescript/no-explicit-any
  const { axe } = globalThis as any;
  const { violations } = await axe.run();
  return violations
    .filter(({ impact }: { impact: string }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }: { id: string; nodes: { target: string[] }[] }) =>
        `axe ${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
    );
}

/** Runs in the page: `any` stands for the DOM, which tests of a server do not know. */
function findFaults(width: number): string[] {
  // oxlint-disable-next-line typescript/no-explicit-any
  const { document, innerWidth, getComputedStyle } = globalThis as any;
  const found: string[] = [];
  if (innerWidth !== width) found.push(`the window is ${innerWidth} wide`);
  if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways");
  const isSeen = (element: typeof document) =>
    element.checkVisibility() && element.getClientRects().length > 0;
  const name = (element: typeof document) =>
    `${element.localName} ${element.id || element.textContent.trim()}`;
  const all = [...document.body.querySelectorAll("*")].filter((element) => isSeen(element));
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: typeof document): string => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return color;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (one: string, other: string) => {
    const [a, b] = [luminance(one) + 0.05, luminance(other) + 0.05];
    return Math.max(a, b) / Math.min(a, b);
  };
  for (const element of all) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    const ratio = contrast(getComputedStyle(element).color, groundOf(element));
    if (hasText && ratio < 4.5) found.push(`${name(element)}: contrast ${ratio.toFixed(2)}`);
  }
  for (const element of all.filter((element) => element.matches("a, button, input"))) {
    const target = element.type === "checkbox" ? element.closest("label") : element;
    const { width, height } = target.getBoundingClientRect();
    if (width < 44 || height < 44) found.push(`${name(element)}: a target of ${width} by ${height}`);
    if (element.localName === "input" && element.labels.length !== 1)
      found.push(`${name(element)}: no label`);
  }
  if (all.filter((element) => element.localName === "h1").length !== 1) found.push("not one heading");
  return found;
}
