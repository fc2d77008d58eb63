-- From version 2: every second factor, and devices that are trusted.

alter table sessions add column restricted_at bigint;
alter table api_keys add column restricted_at bigint;

create table backup_codes (
  user_id text not null references users (id) on delete cascade,
  code_hash text not null,
  created_at bigint not null,
  used_at bigint,
  primary key (user_id, code_hash)
);

create table email_factors (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  confirmed_at bigint,
  last_used_at bigint,
  created_at bigint not null
);
create unique index email_factors_user on email_factors (user_id);

create table email_codes (
  user_id text not null references users (id) on delete cascade,
  purpose text not null check (purpose in ('enrol', 'disable', 'login', 'magic')),
  binding text not null,
  code_hash text not null,
  tries bigint not null,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null,
  primary key (user_id, purpose, binding)
);
create index email_codes_expiry on email_codes (expires_at);

create table factor_failures (
  user_id text not null references users (id) on delete cascade,
  method text not null check (method in ('email', 'backup_code', 'webauthn')),
  failures bigint not null,
  primary key (user_id, method)
);

create table passkeys (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  credential_id text not null,
  public_key text not null,
  sign_count bigint not null,
  transports text not null,
  backup_eligible bigint not null,
  backed_up bigint not null,
  user_verified bigint not null,
  name text not null,
  last_used_at bigint,
  created_at bigint not null
);
create unique index passkeys_credential on passkeys (credential_id);
create index passkeys_user on passkeys (user_id, id);

create table webauthn_challenges (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  purpose text not null check (purpose in ('register', 'login')),
  binding text not null,
  challenge text not null,
  used_at bigint,
  expires_at bigint not null,
  created_at bigint not null
);
create index webauthn_challenges_user on webauthn_challenges (user_id, purpose);
create index webauthn_challenges_expiry on webauthn_challenges (expires_at);

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

