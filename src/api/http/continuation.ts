// Continuation tokens: HS256 JWTs that carry a sign-in from one step to the next, and nothing that the client does not know.
// Each kind has its own `typ` and `aud`, so that none passes for another (RFC 8725 §3.11, §3.12).
import { jwt } from "@elysiajs/jwt";
import type { Context } from "../../context.ts";
import { canonicalEmail, type Email } from "../../core/emails.ts";
import type { Countable } from "../../core/continuations.ts";
import type { ApiKeyId, SessionId, TenantId, UserId } from "../../core/ids.ts";
import { refusedAs } from "../../errors.ts";
import type { Source } from "../../flows/origin.ts";
import type { Challenge } from "../../flows/challenge-factor.ts";
import type { PendingSignIn } from "../../flows/sign-in-with-factor.ts";
import type { AskedPasskey } from "../../flows/sign-in-with-passkey.ts";

const FLOW = { typ: "flow+jwt", aud: "ostiary:flow", lifetimeMs: 10 * 60 * 1000 };
const MFA = { typ: "mfa+jwt", aud: "ostiary:mfa", lifetimeMs: 5 * 60 * 1000 };
const PASSKEY = { typ: "passkey+jwt", aud: "ostiary:passkey", lifetimeMs: 5 * 60 * 1000 };

const FORM = /^[\w-]+\.[\w-]+\.[\w-]{43}$/;
/** Of whom a passkey is asked. */
const ANYONE = "anyone";
const NOT_OURS = { reason: "not signed by us, expired, or of another kind" };

export interface ContinuationTokens {
  signFlow(email: Email): Promise<string>;
  /** Throws Refused INVALID_FLOW_TOKEN. */
  verifyFlow(token: string): Promise<Countable & { email: Email }>;
  /** `from`: the session or key that is to show the factor, where no password was shown before. */
  signMfa(challenge: Challenge & { from?: Source }): Promise<string>;
  /** Throws Refused INVALID_MFA_TOKEN. */
  verifyMfa(token: string): Promise<PendingSignIn>;
  signPasskey(asked: AskedPasskey): Promise<string>;
  /** Throws Refused INVALID_CREDENTIALS. */
  verifyPasskey(token: string): Promise<AskedPasskey & Countable>;
}

/** Signing and verifying, by the key of this instance. */
export function continuationTokens(ctx: Context): ContinuationTokens {
  const flow = kind(ctx, FLOW);
  const mfa = kind(ctx, MFA);
  const passkey = kind(ctx, PASSKEY);
  return {
    signFlow: (email) => flow.sign({ sub: email, jti: ctx.id("jti") }),
    async verifyFlow(token) {
      const claims = await flow.verify(token);
      const email = claims && canonicalEmail(claims.sub);
      if (!claims || !email) throw refusedAs("INVALID_FLOW_TOKEN", NOT_OURS);
      return { email, jti: claims.jti, expiresAt: claims.expiresAt };
    },
    signMfa: ({ userId, tenantId, remember, epoch, jti, first, from }) =>
      mfa.sign({
        sub: userId,
        tid: tenantId,
        remember,
        epoch,
        jti,
        ...(first && { first: first.join(" ") }),
        ...(from && { from: `${from.kind} ${from.id}` }),
      }),
    async verifyMfa(token) {
      const claims = await mfa.verify(token);
      if (!claims) throw refusedAs("INVALID_MFA_TOKEN", NOT_OURS);
      const { sub, jti, expiresAt, tid, remember, epoch, first, from } = claims;
      const userId = sub as UserId;
      return {
        userId,
        tenantId: tid as TenantId,
        remember: remember === true,
        epoch: Number(epoch),
        jti,
        expiresAt,
        first: typeof first === "string" ? first.split(" ") : ["pwd"],
        from: sourceOf(from),
      };
    },
    signPasskey: ({ jti, tenantId }) =>
      passkey.sign({ sub: ANYONE, jti, ...(tenantId && { tid: tenantId }) }),
    async verifyPasskey(token) {
      const claims = await passkey.verify(token);
      if (!claims) throw refusedAs("INVALID_CREDENTIALS", NOT_OURS);
      const { jti, expiresAt, tid } = claims;
      return { jti, expiresAt, tenantId: typeof tid === "string" ? (tid as TenantId) : undefined };
    },
  };
}

/** `session ses_…` or `key key_…` */
function sourceOf(text: unknown): Source | undefined {
  if (typeof text !== "string") return undefined;
  const [kind, id] = text.split(" ");
  return kind === "key" ? { kind, id: id as ApiKeyId } : { kind: "session", id: id as SessionId };
}

function kind(ctx: Context, { typ, aud, lifetimeMs }: typeof FLOW) {
  const { jwt: plugin } = jwt({ name: "jwt", secret: ctx.keys.continuation, typ }).decorator;
  const iss = ctx.config.url;
  return {
    sign(claims: Record<string, string | number | boolean>): Promise<string> {
      const exp = Math.ceil((ctx.now() + lifetimeMs) / 1000);
      // Without `iat`: the plugin would take it from the wall clock.
      return plugin.sign({ ...claims, iss, aud, exp, iat: false });
    },
    async verify(token: string) {
      // The library reads past a space or an equals sign: a token of ours is written one way.
      if (!FORM.test(token)) return undefined;
      const claims = await plugin.verify(token, {
        algorithms: ["HS256"],
        typ,
        issuer: iss,
        audience: aud,
        requiredClaims: ["sub", "jti", "exp"],
        currentDate: new Date(ctx.now()),
      });
      const { sub, jti, exp, ...rest } = claims || {};
      if (!sub || !jti || exp === undefined) return undefined;
      // One that has longer to live than it ever had was made before the clock was set back; by a moment is no matter.
      if (exp * 1000 > ctx.now() + 2 * lifetimeMs) return undefined;
      return { ...rest, sub, jti, expiresAt: exp * 1000 } as Record<string, unknown> & Verified;
    },
  };
}

interface Verified {
  sub: string;
  jti: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}
