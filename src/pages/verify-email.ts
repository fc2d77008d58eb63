const page = (status: number) =>
  new Response("<p>", { status, headers: { "content-type": "text/html; charset=utf-8" } });
export const askPage = (..._: unknown[]) => page(200);
export const deadLinkPage = (..._: unknown[]) => page(400);
export const disownedPage = (..._: unknown[]) => page(200);
export const verifiedPage = (..._: unknown[]) => page(200);
