-- From version 3: acting as another user, hand-offs, and sign-ins that wait for someone.

alter table sessions add column actor_id text references users (id) on delete cascade;
alter table sessions add column actor_reason text;
alter table sessions add column actor_credential text;
create index sessions_actor on sessions (actor_id) where actor_id is not null;

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

create table login_requests (
  id text primary key,
  secret_hash text not null,
  kind text not null check (kind in ('approval', 'magic')),
  user_id text not null,
  tenant_id text not null,
  email text not null,
  match_number text,
  status text not null check (status in ('pending', 'approved', 'rejected', 'spent')),
  amr text not null,
  address text not null,
  user_agent text,
  decided_at bigint,
  decided_by text,
  delivered_at bigint,
  expires_at bigint not null,
  sign_in_epoch bigint not null,
  created_at bigint not null,
  foreign key (tenant_id, user_id) references memberships (tenant_id, user_id) on delete cascade
);
create unique index login_requests_secret on login_requests (secret_hash);
create index login_requests_user on login_requests (user_id, status, id);
create index login_requests_membership on login_requests (tenant_id, user_id);
create index login_requests_expiry on login_requests (expires_at);

