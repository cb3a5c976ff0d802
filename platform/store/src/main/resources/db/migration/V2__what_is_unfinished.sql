-- Each server looks every few seconds for what of it is unfinished though nobody carries it on.

create index build_unfinished on build (server, state);
create index release_unfinished on release (state);
