-- From version 4: the audit log as a chain (core/audit-chain.ts), and where each member signed in last.

alter table audit add column seq bigint;
alter table audit add column prev text;
alter table audit add column mac text;
create unique index audit_seq on audit (seq);

create table audit_marks (
  name text primary key check (name in ('head', 'base')),
  seq bigint not null,
  mac text not null,
  at bigint not null,
  tag text not null
);

-- Not signed yet: the rows so far are to be chained (flows/chain-audit.ts).
insert into audit_marks (name, seq, mac, at, tag) values ('head', 0, '', 0, '');

alter table memberships add column last_login_at bigint;
update memberships set last_login_at = (
  select max(at) from audit a
  where a.user_id = memberships.user_id and a.tenant_id = memberships.tenant_id and a.event = 'login.succeeded');
