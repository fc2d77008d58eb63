/** Token, as the reference has it. */
export const tokenView = ({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }) => ({
  access_token: accessToken,
  refresh_token: refreshToken,
  token_type: "bearer" as const,
});
