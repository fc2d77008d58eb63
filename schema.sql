-- The whole schema of Ostiary, for a new database. Older ones get here by the steps in src/db/migrate.ts.
--
-- Runs on SQLite and PostgreSQL alike: only text and bigint columns. Times are epoch milliseconds; a nullable `…_at`
-- stands for a yes or no. Ids are a prefix and a UUIDv7, so rows are inserted at the end of their index.
-- Opaque secrets are stored as SHA-256 only; what must be read again (TOTP seeds) is sealed with a key that is not here.

-- Facts about this installation: schema_version, secret_check, setup_completed_at, writable_at.
create table instance (
  name text primary key,
  value text not null
);

-- What the org group calls an organization, and a portal when addressed by portal_id.
create table tenants (
  id text primary key,
  slug text not null,
  name text not null,
  -- shared: its users live in the realm 'instance'. isolated: it is a realm of its own. Fixed at creation.
  identity text not null check (identity in ('shared', 'isolated')),
  -- The settings that differ from the instance's defaults, as a JSON object by the names of the admin API.
  settings text not null,
  disabled_at bigint,
  created_at bigint not null
);
create unique index tenants_slug on tenants (slug);

create table users (
  id text primary key,
  -- 'instance', or the id of the isolated tenant. Email and username are unique within it.
  realm text not null,
  -- In canonical form: NFKC, trimmed, lower case, domain in ASCII.
  email text,
  email_verified_at bigint,
  -- As chosen, and in the canonical form that is compared.
  username text,
  username_canonical text,
  first_name text,
  last_name text,
  -- argon2id, PHC string. None: nobody can sign in with a password.
  password_hash text,
  -- Which password it is: a new one changes this, a new hash of the same one does not.
  password_set_at bigint,
  superuser_at bigint,
  disabled_at bigint,
  created_at bigint not null,
  -- Since when the account can be used. None: whoever registered it has not shown that the email is theirs, so whoever
  -- registers it next replaces all of it.
  active_at bigint,
  -- Changes when sign-ins that wait for a second factor are void: the password was changed, or the account disabled.
  signed_out_at bigint,
  -- Where the email lies on the ring from which `identify` draws decoys: the first 48 bits of a keyed hash of it.
  decoy_position bigint,
  -- In which the user is written to: a BCP 47 tag. None: not known yet.
  language text,
  check (email is not null or username is not null)
);
create unique index users_email on users (realm, email) where email is not null;
create unique index users_username on users (realm, username_canonical) where username_canonical is not null;
-- Accounts of one email, in whatever realm.
create index users_email_alone on users (email) where email is not null;
create index users_username_alone on users (username_canonical) where username_canonical is not null;
-- Few of many.
create index users_superuser on users (id) where superuser_at is not null;
create index users_disabled on users (id) where disabled_at is not null;
-- Without those that nobody can use, of which strangers can make any number by registering.
create index users_decoy on users (decoy_position)
  where decoy_position is not null and active_at is not null and disabled_at is null;

-- What an app hands over at registration and only that app understands.
create table user_custom_data (
  user_id text primary key references users (id) on delete cascade,
  -- A JSON object.
  data text not null
);

create table memberships (
  tenant_id text not null references tenants (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  status text not null check (status in ('active', 'invited', 'suspended')),
  created_at bigint not null,
  -- Where somebody goes who signs in without saying where.
  last_login_at bigint,
  primary key (tenant_id, user_id)
);
create index memberships_user on memberships (user_id, created_at);
create index memberships_role on memberships (tenant_id, role, user_id);
create index memberships_waiting on memberships (tenant_id, status, user_id) where status <> 'active';

-- What a sign-in opened. Its end is the end of the row, and with it of every token that hangs on it.
create table sessions (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  -- tokens: access and refresh tokens. cookie: a browser's.
  kind text not null check (kind in ('tokens', 'cookie')),
  cookie_hash text,
  -- When its owner last proved who they are, and how (RFC 8176, separated by spaces). Nothing but a login changes either.
  auth_time bigint not null,
  amr text not null,
  address text not null,
  user_agent text,
  created_at bigint not null,
  last_seen_at bigint not null,
  -- The absolute end.
  expires_at bigint not null,
  -- Since when it can only enrol a second factor, which the tenant asks for and the user has not got.
  restricted_at bigint,
  -- Who acts here as the user, and why they say so (RFC 8693 §4.1). Such a session has no refresh token.
  actor_id text references users (id) on delete cascade,
  actor_reason text,
  -- The session or key by which they were signed in: when that is over, so is this.
  actor_credential text,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index sessions_cookie on sessions (cookie_hash) where cookie_hash is not null;
create index sessions_user on sessions (user_id, id);
create index sessions_membership on sessions (tenant_id, user_id);
create index sessions_tenant on sessions (tenant_id, id);
create index sessions_actor on sessions (actor_id) where actor_id is not null;
create index sessions_expiry on sessions (expires_at);

-- The lineage of a session's refresh tokens. Rotated ones stay until they would have expired, so that reuse is noticed
-- (RFC 9700 §4.14.2).
create table refresh_tokens (
  token_hash text primary key,
  session_id text not null references sessions (id) on delete cascade,
  created_at bigint not null,
  -- The idle end, never past the session's.
  expires_at bigint not null,
  rotated_at bigint,
  -- Who rotated it: only they get the same successor again, within the grace.
  rotated_from text,
  rotated_by text,
  successor_hash text
);
create index refresh_tokens_session on refresh_tokens (session_id);
create index refresh_tokens_expiry on refresh_tokens (expires_at);

-- Keys that sign access tokens. Published from creation, used from starts_at until the next one starts, published on until
-- retires_at, when the last token signed with it is dead.
create table signing_keys (
  -- RFC 7638 thumbprint.
  kid text primary key,
  alg text not null check (alg in ('EdDSA', 'ES256')),
  public_jwk text not null,
  -- AES-256-GCM, bound to the kid.
  private_jwk_sealed text not null,
  starts_at bigint not null,
  retires_at bigint,
  created_at bigint not null
);

create table api_keys (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  token_hash text not null,
  -- login: made by signing in, and ended like a session. manual: made by hand.
  kind text not null check (kind in ('login', 'manual')),
  -- What its maker calls it.
  name text,
  -- When its owner last proved who they are, and how (RFC 8176, separated by spaces). Null: never fresh.
  auth_time bigint,
  amr text not null,
  created_at bigint not null,
  last_used_at bigint not null,
  expires_at bigint not null,
  -- As of a session.
  restricted_at bigint,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index api_keys_token on api_keys (token_hash);
create index api_keys_user on api_keys (user_id, created_at);
create index api_keys_membership on api_keys (tenant_id, user_id);
create index api_keys_expiry on api_keys (expires_at);

-- Continuation tokens (by jti) and captcha challenges that were used at least once: how often, and whether they are spent.
create table continuations (
  jti text primary key,
  kind text not null check (kind in ('flow', 'mfa', 'captcha', 'passkey')),
  tries bigint not null,
  spent_at bigint,
  expires_at bigint not null
);
create index continuations_expiry on continuations (expires_at);

-- Mailed links and other secrets that open one door once: bound to user, tenant and purpose.
create table one_time_secrets (
  id text primary key,
  purpose text not null check (purpose in ('reset', 'verify_email', 'invitation')),
  user_id text not null,
  tenant_id text not null,
  token_hash text not null,
  -- Where to go on afterwards: one of the tenant's redirect_uris at the time.
  redirect_uri text,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index one_time_secrets_token on one_time_secrets (token_hash);
create index one_time_secrets_user on one_time_secrets (user_id, purpose);
create index one_time_secrets_membership on one_time_secrets (tenant_id, user_id);
create index one_time_secrets_expiry on one_time_secrets (expires_at);

-- Mail to be sent: written in the transaction that causes it, delivered by a worker, at least once.
create table outbox (
  id text primary key,
  kind text not null,
  tenant_id text,
  user_id text,
  -- Recipient, sender and words, AES-256-GCM, bound to the id. Wiped when it was sent or given up.
  body_sealed text,
  status text not null check (status in ('queued', 'sent', 'failed', 'expired')),
  attempts bigint not null,
  next_attempt_at bigint not null,
  -- One worker delivers it; when that worker died, another may after this.
  claimed_until bigint not null,
  last_error text,
  created_at bigint not null,
  -- When what it carries is of no use any more.
  expires_at bigint not null,
  finished_at bigint
);
create index outbox_due on outbox (status, next_attempt_at) where status = 'queued';
create index outbox_status on outbox (status, id);
create index outbox_tenant on outbox (tenant_id, id);

create table totp_devices (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  -- base32 seed, AES-256-GCM, bound to this id and user.
  secret_sealed text not null,
  confirmed_at bigint,
  -- The last accepted time step (RFC 6238 §5.2). Only a later one is accepted, by any endpoint.
  last_step bigint not null,
  -- Wrong codes in a row. At the limit the device is off until it is enrolled again.
  failures bigint not null,
  last_used_at bigint,
  created_at bigint not null
);
create index totp_devices_user on totp_devices (user_id);
create unique index totp_devices_confirmed on totp_devices (user_id) where confirmed_at is not null;
create unique index totp_devices_pending on totp_devices (user_id) where confirmed_at is null;

-- Recovery codes, as SHA-256: 120 random bits each need no slow hash (ASVS 6.5.2).
create table backup_codes (
  user_id text not null references users (id) on delete cascade,
  code_hash text not null,
  created_at bigint not null,
  used_at bigint,
  primary key (user_id, code_hash)
);

-- Email as a second factor. The address is always the account's, never one that a request names.
create table email_factors (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  confirmed_at bigint,
  last_used_at bigint,
  created_at bigint not null
);
create unique index email_factors_user on email_factors (user_id);

-- Six digits by mail. A new code takes the place of the last one of the same binding, and keeps its count of tries.
create table email_codes (
  user_id text not null references users (id) on delete cascade,
  purpose text not null check (purpose in ('enrol', 'disable', 'login', 'magic')),
  -- What the code belongs to: the factor that it turns on or off, or the sign-in (a jti, a login challenge) that it finishes.
  binding text not null,
  -- Keyed: a million codes are soon hashed.
  code_hash text not null,
  tries bigint not null,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (user_id, purpose, binding)
);
create index email_codes_expiry on email_codes (expires_at);

-- Wrong codes in a row of factors that have no device of their own. At the limit the factor is off until it is enrolled again.
create table factor_failures (
  user_id text not null references users (id) on delete cascade,
  method text not null check (method in ('email', 'backup_code', 'webauthn')),
  failures bigint not null,
  primary key (user_id, method)
);

-- WebAuthn credentials (Level 3 §4, credential record).
create table passkeys (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  -- base64url, at most 1023 bytes, of nobody else.
  credential_id text not null,
  -- COSE key, base64url.
  public_key text not null,
  sign_count bigint not null,
  -- Separated by spaces.
  transports text not null,
  -- BE, which never changes; BS and UV as last seen. 0 or 1.
  backup_eligible bigint not null,
  backed_up bigint not null,
  user_verified bigint not null,
  name text not null,
  last_used_at bigint,
  created_at bigint not null
);
create unique index passkeys_credential on passkeys (credential_id);
create index passkeys_user on passkeys (user_id, id);

-- Spent by any attempt, good or bad.
create table webauthn_challenges (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  purpose text not null check (purpose in ('register', 'login')),
  -- The passkey that it would make, or the jti of the sign-in that it finishes.
  binding text not null,
  -- base64url of 32 random bytes.
  challenge text not null,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null
);
create index webauthn_challenges_user on webauthn_challenges (user_id, purpose);
create index webauthn_challenges_expiry on webauthn_challenges (expires_at);

-- Browsers and apps on which a user need not show the second factor again for a while, in one tenant.
create table trusted_devices (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  token_hash text not null,
  address text not null,
  user_agent text,
  last_used_at bigint not null,
  expires_at bigint not null,
  created_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index trusted_devices_token on trusted_devices (token_hash);
create index trusted_devices_user on trusted_devices (user_id, id);
create index trusted_devices_membership on trusted_devices (tenant_id, user_id);
create index trusted_devices_expiry on trusted_devices (expires_at);

-- A right password that waits for its second factor.
create table login_challenges (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  -- Which endpoint may finish it.
  purpose text not null check (purpose in ('key')),
  -- Where the password came from.
  address text not null,
  amr text not null,
  tries bigint not null,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create index login_challenges_membership on login_challenges (tenant_id, user_id);
create unique index login_challenges_user on login_challenges (user_id, purpose, address);
create index login_challenges_expiry on login_challenges (expires_at);

-- Hand-off from a program to a browser: one minute, once, as long as what issued it lives.
create table exchange_codes (
  code_hash text primary key,
  session_id text references sessions (id) on delete cascade,
  api_key_id text references api_keys (id) on delete cascade,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  check ((session_id is null) <> (api_key_id is null))
);
create index exchange_codes_session on exchange_codes (session_id);
create index exchange_codes_key on exchange_codes (api_key_id);
create index exchange_codes_expiry on exchange_codes (expires_at);

-- A sign-in that waits: for approval from another session of the user, or for a magic code.
create table login_requests (
  -- Public: what an approver sees.
  id text primary key,
  -- The poller's secret, login_session_id, as SHA-256.
  secret_hash text not null,
  kind text not null check (kind in ('approval', 'magic')),
  user_id text not null,
  tenant_id text not null,
  -- As the client named it, in canonical form.
  email text not null,
  -- Shown on the waiting screen and typed at the approving one. Null: cannot be approved.
  match_number text,
  -- One way: pending, then one of the others for good.
  status text not null check (status in ('pending', 'approved', 'rejected', 'spent')),
  -- How the first factor was shown (RFC 8176).
  amr text not null,
  address text not null,
  user_agent text,
  decided_at bigint,
  -- The session that approved it, which must be alive when the tokens are delivered.
  decided_by text,
  delivered_at bigint,
  expires_at bigint not null,
  -- users.signed_out_at when it began: another one voids it.
  sign_in_epoch bigint not null,
  created_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index login_requests_secret on login_requests (secret_hash);
create index login_requests_user on login_requests (user_id, status, id);
create index login_requests_membership on login_requests (tenant_id, user_id);
create index login_requests_expiry on login_requests (expires_at);

-- Failure counters, for known and unknown accounts alike.
create table limits (
  scope text not null,
  subject text not null,
  failures bigint not null,
  window_started_at bigint not null,
  blocked_until bigint not null,
  -- When a refusal was last written to the audit log: once for each wait, not for each try of a flood.
  noted_at bigint not null default 0,
  primary key (scope, subject)
);
create index limits_window on limits (window_started_at);

-- Where an account has signed in from: such an address keeps its own failure budget.
create table known_addresses (
  user_id text not null references users (id) on delete cascade,
  address text not null,
  last_at bigint not null,
  primary key (user_id, address)
);
create index known_addresses_last on known_addresses (last_at);

-- Append-only, and a chain: core/audit-chain.ts. Outlives what it speaks of, hence no references.
create table audit (
  id text primary key,
  at bigint not null,
  event text not null,
  actor_id text,
  user_id text,
  tenant_id text,
  address text not null,
  user_agent text,
  request_id text not null,
  -- The precise reason, which the wire does not tell.
  reason text,
  -- From 1, without gaps. Null only while rows from before the chain wait for their place in it.
  seq bigint,
  -- The MAC of the row before.
  prev text,
  -- HMAC-SHA-256 over all the other columns, with a key that is not here.
  mac text
);
create unique index audit_seq on audit (seq);
create index audit_user on audit (user_id, id);
create index audit_event on audit (event, id);
create index audit_actor on audit (actor_id, id) where actor_id is not null;
-- Before the next one: of two that promise the same, SQLite takes the first.
create index audit_tenant_event on audit (tenant_id, event, id);
create index audit_tenant on audit (tenant_id, id);

-- Where the chain ends, and the last row of what retention has removed from its beginning; each authenticated by its tag.
create table audit_marks (
  name text primary key check (name in ('head', 'base')),
  seq bigint not null,
  mac text not null,
  at bigint not null,
  tag text not null
);
