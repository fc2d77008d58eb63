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
  check (email is not null or username is not null)
);
create unique index users_email on users (realm, email) where email is not null;
create unique index users_username on users (realm, username_canonical) where username_canonical is not null;

create table memberships (
  tenant_id text not null references tenants (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  status text not null check (status in ('active', 'invited', 'suspended')),
  created_at bigint not null,
  primary key (tenant_id, user_id)
);
create index memberships_user on memberships (user_id, created_at);

create table api_keys (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  tenant_id text not null references tenants (id) on delete cascade,
  token_hash text not null,
  -- login: made by signing in, and ended like a session. manual: made by hand.
  kind text not null check (kind in ('login', 'manual')),
  -- When its owner last proved who they are, and how (RFC 8176, separated by spaces). Null: never fresh.
  auth_time bigint,
  amr text not null,
  created_at bigint not null,
  last_used_at bigint not null,
  expires_at bigint not null
);
create unique index api_keys_token on api_keys (token_hash);
create index api_keys_user on api_keys (user_id, created_at);

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
create unique index totp_devices_confirmed on totp_devices (user_id) where confirmed_at is not null;
create unique index totp_devices_pending on totp_devices (user_id) where confirmed_at is null;

-- A right password that waits for its second factor.
create table login_challenges (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  tenant_id text not null references tenants (id) on delete cascade,
  -- Which endpoint may finish it.
  purpose text not null check (purpose in ('key')),
  -- Where the password came from.
  address text not null,
  amr text not null,
  tries bigint not null,
  spent_at bigint,
  expires_at bigint not null,
  created_at bigint not null
);
create unique index login_challenges_user on login_challenges (user_id, purpose, address);
create index login_challenges_expiry on login_challenges (expires_at);

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

-- Append-only. Outlives what it speaks of, hence no references.
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
  reason text
);
create index audit_user on audit (user_id, id);
create index audit_event on audit (event, id);
