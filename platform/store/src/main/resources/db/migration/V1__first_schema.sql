-- Runs on H2 (PostgreSQL mode) and PostgreSQL. Every table of a tenant's things starts its key with the tenant.

create table tenant (
  name varchar(40) primary key,
  created_at timestamp with time zone not null
);

create table account (
  name varchar(80) primary key,
  password_hash varchar(300) not null,
  created_at timestamp with time zone not null
);

create table membership (
  tenant varchar(40) not null references tenant (name),
  account varchar(80) not null references account (name),
  role varchar(20) not null,
  primary key (tenant, account)
);

create table token (
  id varchar(40) primary key,
  account varchar(80) not null references account (name),
  name varchar(80) not null,
  hash varchar(64) not null unique,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone
);

create table login_session (
  hash varchar(64) primary key,
  account varchar(80) not null references account (name),
  csrf varchar(64) not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null
);

create table app (
  tenant varchar(40) not null references tenant (name),
  name varchar(40) not null,
  last_release integer not null,
  last_config integer not null,
  created_at timestamp with time zone not null,
  primary key (tenant, name)
);

-- Versions are never changed; the values are one encrypted JSON object.
create table config_version (
  tenant varchar(40) not null,
  app varchar(40) not null,
  version integer not null,
  sealed_values text not null,
  created_by varchar(80) not null,
  created_at timestamp with time zone not null,
  primary key (tenant, app, version),
  foreign key (tenant, app) references app (tenant, name) on delete cascade
);

create table build (
  tenant varchar(40) not null,
  app varchar(40) not null,
  id varchar(40) not null,
  state varchar(20) not null,
  commit_id varchar(64) not null,
  tree_id varchar(64) not null,
  created_by varchar(80) not null,
  server varchar(80) not null,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  phases text not null,
  error_code varchar(60),
  error_phase varchar(40),
  error_reason text,
  release_version integer,
  primary key (tenant, app, id),
  foreign key (tenant, app) references app (tenant, name) on delete cascade
);

create table release (
  tenant varchar(40) not null,
  app varchar(40) not null,
  version integer not null,
  state varchar(20) not null,
  image varchar(80) not null,
  config_version integer not null,
  processes text not null,
  spec text not null,
  reason varchar(20) not null,
  description text not null,
  created_by varchar(80) not null,
  commit_id varchar(64),
  build_id varchar(40),
  created_at timestamp with time zone not null,
  primary key (tenant, app, version),
  foreign key (tenant, app) references app (tenant, name) on delete cascade
);

create table route (
  host varchar(253) primary key,
  tenant varchar(40) not null,
  app varchar(40) not null,
  version integer not null,
  foreign key (tenant, app) references app (tenant, name) on delete cascade
);

-- Who may deploy an app at the moment. The fence only grows: a holder that was overtaken cannot switch the route.
create table deploy_lease (
  tenant varchar(40) not null,
  app varchar(40) not null,
  holder varchar(80) not null,
  fence bigint not null,
  expires_at timestamp with time zone not null,
  primary key (tenant, app),
  foreign key (tenant, app) references app (tenant, name) on delete cascade
);
