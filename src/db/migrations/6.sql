-- From version 5: indexes for what had to look at every row (test/db/query-plans.test.ts).

create index users_username_alone on users (username_canonical) where username_canonical is not null;
create index users_superuser on users (id) where superuser_at is not null;
create index users_disabled on users (id) where disabled_at is not null;
create index memberships_role on memberships (tenant_id, role, user_id);
create index memberships_waiting on memberships (tenant_id, status, user_id) where status <> 'active';
create index sessions_tenant on sessions (tenant_id, id);
create index api_keys_expiry on api_keys (expires_at);
drop index outbox_due;
create index outbox_due on outbox (status, next_attempt_at) where status = 'queued';
create index totp_devices_user on totp_devices (user_id);
create index known_addresses_last on known_addresses (last_at);
create index audit_actor on audit (actor_id, id) where actor_id is not null;
drop index audit_tenant;
create index audit_tenant_event on audit (tenant_id, event, id);
create index audit_tenant on audit (tenant_id, id);
