-- From version 6: continuations of sign-ins with a passkey alone. SQLite changes no check; what is spent stays spent.

alter table continuations rename to continuations_6;
create table continuations (
  jti text primary key,
  kind text not null check (kind in ('flow', 'mfa', 'captcha', 'passkey')),
  tries bigint not null,
  spent_at bigint,
  expires_at bigint not null
);
insert into continuations (jti, kind, tries, spent_at, expires_at)
  select jti, kind, tries, spent_at, expires_at from continuations_6;
drop table continuations_6;
create index continuations_expiry on continuations (expires_at);
