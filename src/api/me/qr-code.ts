import { encodeQR } from "qr";

/** What ISO/IEC 18004 asks for around the code, in modules. */
const QUIET_ZONE = 4;
const PIXELS_PER_MODULE = 6;

/** A text as an image to scan: black on white whatever the page looks like, as a data: URI for `<img src>`. */
export function qrCode(text: string): string {
  const rows = encodeQR(text, "raw", { border: QUIET_ZONE });
  const size = rows.length;
  const pixels = size * PIXELS_PER_MODULE;
  const path = rows.flatMap((row, y) => runsOf(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pixels}" height="${pixels}" viewBox="0 0 ${size} ${size}" ` +
    `shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path.join("")}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}

/** Where black begins in a row, and for how long. */
function runsOf(row: readonly boolean[]): [x: number, width: number][] {
  const runs: [number, number][] = [];
  for (const [x, isBlack] of row.entries()) {
    const last = runs.at(-1);
    if (!isBlack) continue;
    if (last && last[0] + last[1] === x) last[1]++;
    else runs.push([x, 1]);
  }
  return runs;
}
