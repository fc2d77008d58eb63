-- From version 7: the language in which each user is written to.

alter table users add column language text;
