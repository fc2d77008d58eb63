/** Us, as authenticators know us. */
export interface RelyingParty {
  /** The host of the public URL, without the port. */
  id: string;
  /** The one origin whose pages may use our passkeys. */
  origin: string;
}

export const relyingPartyOf = (url: string): RelyingParty => {
  const { hostname, origin } = new URL(url);
  return { id: hostname, origin };
};
