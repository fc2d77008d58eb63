// The keys by which anyone verifies our access tokens (RFC 7517 §5).
import { Elysia, t } from "elysia";
import type { Context } from "../../context.ts";
import { list } from "../../core/signing-keys.ts";
import { operation } from "./operation.ts";

const Jwk = t.Object({
  kty: t.String(),
  crv: t.String(),
  x: t.String(),
  y: t.Optional(t.String()),
  kid: t.String(),
  alg: t.String(),
  use: t.String(),
});

const Jwks = t.Object(
  { keys: t.Array(Jwk) },
  { description: "Keys in use, soon in use, or with tokens that still live" },
);

export const jwks = (ctx: Context) =>
  new Elysia({ tags: ["discovery"] }).get(
    "/.well-known/jwks.json",
    async () => ({
      keys: (await list(ctx)).map(({ kid, alg, publicJwk }) => ({
        ...JSON.parse(publicJwk),
        kid,
        alg,
        use: "sig",
      })),
    }),
    {
      ...operation("jwks", "Public keys of access tokens"),
      response: { 200: Jwks },
    },
  );
