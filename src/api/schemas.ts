// Every schema that has a name. A new file of schemas is one line here: what is not named is spelt out where it is used.
import * as admin from "./admin/schemas.ts";
import * as http from "./http/schemas.ts";
import * as key from "./key/schemas.ts";
import * as mfa from "./me/mfa-schemas.ts";
import * as passkeys from "./me/passkey-schemas.ts";
import * as me from "./me/schemas.ts";
import * as orgPortal from "./org/portal-schemas.ts";
import * as org from "./org/schemas.ts";
import * as portal from "./portal/schemas.ts";
import * as tenant from "./tenant/schemas.ts";

export const SCHEMAS = {
  ...http,
  ...key,
  ...portal,
  ...tenant,
  ...me,
  ...mfa,
  ...passkeys,
  ...org,
  ...orgPortal,
  ...admin,
};
