import type { PageView } from "./page-view.ts";
import { PASSWORD } from "./people.ts";

/** Signs the browser in at that tenant, by a page that asks for nothing itself. */
export async function signInHere(
  { open, view }: PageView,
  origin: string,
  slug: string,
  { email, password = PASSWORD }: { email: string; password?: string },
): Promise<void> {
  await open(`${origin}/t/${slug}/reset`);
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  };
  const status = await view.evaluate<number>(
    `fetch("/api/v1/auth/tenants/${slug}/login", ${JSON.stringify(request)}).then(({ status }) => status)`,
  );
  if (status !== 200) throw new Error(`the sign-in answered ${status}`);
}
