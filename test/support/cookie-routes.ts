/** Whether a route looks at the session cookie where there is no Bearer; the others with an identity look at Bearers alone. */
export const takesCookies = (path: string): boolean =>
  /^\/api\/v1\/(me|admin)\b/.test(path) ||
  /^\/v1\/auth\/(load|approve-2fa|reject-2fa|cli-browser-token|login-as-user)$/.test(path);
