// What clients send of a credential, as `toJSON()` has it (WebAuthn Level 3 §5.1): the shape, which proves nothing.
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

const base64url = Type.String({ pattern: "^[\\w-]+$" });
const credential = { id: base64url, rawId: base64url, type: Type.Literal("public-key") };

const Registration = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: Type.Optional(Type.Array(Type.String())),
  }),
});

const Assertion = Type.Object({
  ...credential,
  response: Type.Object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  }),
});
export type AssertionJson = (typeof Assertion)["static"];

/** Of `navigator.credentials.create`. */
export const parseRegistration = (shown: unknown): (typeof Registration)["static"] | undefined =>
  Value.Check(Registration, shown) ? shown : undefined;

/** Of `navigator.credentials.get`. It tells which passkey is meant. */
export const parseAssertion = (shown: unknown): AssertionJson | undefined =>
  Value.Check(Assertion, shown) ? shown : undefined;
