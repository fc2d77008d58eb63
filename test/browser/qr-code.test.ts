// The QR code of totp/enable as a real browser draws it, on a dark page.
import { expect, test } from "bun:test";
import jsQR from "jsqr";
import { describeInBrowser } from "../support/browser.ts";
import { mfaOf, withAda } from "../support/me-group.ts";
import { openPage } from "../support/page-view.ts";
import { world } from "../support/world.ts";

/** Runs in the page: what an `<img>` shows, as RGBA. */
const draw = (uri: string) => `(async () => {
  const image = new Image();
  image.src = ${JSON.stringify(uri)};
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width + 40;
  canvas.height = image.height + 40;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#111";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 20, 20);
  const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return { data: [...data].filter((_, i) => i % 4 === 0), width, height };
})()`;

describeInBrowser("the QR code", () => {
  test("is read by a camera off a dark page", async () => {
    await using w = await withAda(await world());
    const { provisioning_uri, qr_code } = (await mfaOf(w, { key: w.key }).post("/totp/enable")).body;
    await using page = await openPage({ scheme: "dark" });
    const seen = await page.view.evaluate<{ data: number[]; width: number; height: number }>(draw(qr_code));
    const rgba = Uint8ClampedArray.from(seen.data.flatMap((grey) => [grey, grey, grey, 255]));
    expect(jsQR(rgba, seen.width, seen.height)?.data).toBe(provisioning_uri);
    expect(page.complaints).toEqual([]);
  }, 30_000);
});
