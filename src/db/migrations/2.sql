-- From version 1: sessions and tokens, mailed secrets, the outbox; what hangs on a membership ends with it.

alter table users add column active_at bigint;
alter table users add column signed_out_at bigint;
-- Version 1 had no way to give an account an email, so there is nothing to fill in.
alter table users add column decoy_position bigint;
update users set active_at = created_at;
create index users_email_alone on users (email) where email is not null;
create index users_decoy on users (decoy_position)
  where decoy_position is not null and active_at is not null and disabled_at is null;

create table user_custom_data (
  user_id text primary key references users (id) on delete cascade,
  data text not null
);

create table sessions (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  kind text not null check (kind in ('tokens', 'cookie')),
  cookie_hash text,
  auth_time bigint not null,
  amr text not null,
  address text not null,
  user_agent text,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index sessions_cookie on sessions (cookie_hash) where cookie_hash is not null;
create index sessions_user on sessions (user_id, id);
create index sessions_membership on sessions (tenant_id, user_id);
create index sessions_expiry on sessions (expires_at);

create table refresh_tokens (
  token_hash text primary key,
  session_id text not null references sessions (id) on delete cascade,
  created_at bigint not null,
  expires_at bigint not null,
  rotated_at bigint,
  rotated_from text,
  rotated_by text,
  successor_hash text
);
create index refresh_tokens_session on refresh_tokens (session_id);
create index refresh_tokens_expiry on refresh_tokens (expires_at);

create table signing_keys (
  kid text primary key,
  alg text not null check (alg in ('EdDSA', 'ES256')),
  public_jwk text not null,
  private_jwk_sealed text not null,
  starts_at bigint not null,
  retires_at bigint,
  created_at bigint not null
);

create table continuations (
  jti text primary key,
  kind text not null check (kind in ('flow', 'mfa', 'captcha')),
  tries bigint not null,
  spent_at bigint,
  expires_at bigint not null
);
create index continuations_expiry on continuations (expires_at);

create table one_time_secrets (
  id text primary key,
  purpose text not null check (purpose in ('reset', 'verify_email', 'invitation')),
  user_id text not null,
  tenant_id text not null,
  token_hash text not null,
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

create table outbox (
  id text primary key,
  kind text not null,
  tenant_id text,
  user_id text,
  body_sealed text,
  status text not null check (status in ('queued', 'sent', 'failed', 'expired')),
  attempts bigint not null,
  next_attempt_at bigint not null,
  claimed_until bigint not null,
  last_error text,
  created_at bigint not null,
  expires_at bigint not null,
  finished_at bigint
);
create index outbox_due on outbox (next_attempt_at) where status = 'queued';
create index outbox_status on outbox (status, id);
create index outbox_tenant on outbox (tenant_id, id);

alter table api_keys rename to api_keys_1;
drop index api_keys_token;
drop index api_keys_user;
create table api_keys (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  token_hash text not null,
  kind text not null check (kind in ('login', 'manual')),
  name text,
  auth_time bigint,
  amr text not null,
  created_at bigint not null,
  last_used_at bigint not null,
  expires_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index api_keys_token on api_keys (token_hash);
create index api_keys_user on api_keys (user_id, created_at);
create index api_keys_membership on api_keys (tenant_id, user_id);
insert into api_keys (id, user_id, tenant_id, token_hash, kind, auth_time, amr, created_at, last_used_at, expires_at)
  select k.id, k.user_id, k.tenant_id, k.token_hash, k.kind, k.auth_time, k.amr, k.created_at, k.last_used_at, k.expires_at
  from api_keys_1 k join memberships m on m.tenant_id = k.tenant_id and m.user_id = k.user_id;
drop table api_keys_1;

-- Lives for five minutes: nobody waits for one of these across an upgrade.
drop table login_challenges;
create table login_challenges (
  id text primary key,
  user_id text not null,
  tenant_id text not null,
  purpose text not null check (purpose in ('key')),
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

create index audit_tenant on audit (tenant_id, id);
