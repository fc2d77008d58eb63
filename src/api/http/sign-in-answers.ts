// A sign-in that is not finished, as the groups with one-step logins answer it (decisions §2 portal).
import type { LiveMembership } from "../../core/memberships.ts";
import type { Challenge } from "../../flows/challenge-factor.ts";

export const tenantView = ({
  tenantId: id,
  slug,
  name,
}: Pick<LiveMembership, "tenantId" | "slug" | "name">) => ({
  id,
  slug,
  name,
});

/** 403 */
export const mfaRequired = ({ userId, methods }: Challenge, mfaToken: string) => ({
  detail: {
    code: "MFA_REQUIRED",
    message: "A second factor is required",
    mfa_token: mfaToken,
    user_id: userId,
    available_methods: methods,
  },
  code: "MFA_REQUIRED",
});

/** 400 */
export const tenantSelectionRequired = (tenants: LiveMembership[]) => ({
  detail: {
    code: "TENANT_SELECTION_REQUIRED",
    message: "Several tenants: choose one by tenant_id",
    tenants: tenants.map(tenantView),
  },
  code: "TENANT_SELECTION_REQUIRED",
});
