// What must not be mixed up. Not a noun: every noun may use it.

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Id<"user">;
export type TenantId = Id<"tenant">;
export type ApiKeyId = Id<"api key">;
export type SessionId = Id<"session">;
export type PasskeyId = Id<"passkey">;
export type WebauthnChallengeId = Id<"webauthn challenge">;
export type EmailFactorId = Id<"email factor">;
export type TrustedDeviceId = Id<"trusted device">;
export type MailId = Id<"mail">;
export type OneTimeSecretId = Id<"one-time secret">;
export type TotpDeviceId = Id<"totp device">;
export type LoginChallengeId = Id<"login challenge">;
export type LoginRequestId = Id<"login request">;

/** Where emails and usernames are unique: the instance, shared by all shared tenants, or one isolated tenant. */
export type Realm = "instance" | TenantId;

/** What a member may do in a tenant. */
export type Role = "owner" | "admin" | "member";
