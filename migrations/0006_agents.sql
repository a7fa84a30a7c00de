-- What every agent may do, whatever its name: read what is believed and what is promised, and put aside what it cannot
-- handle. An agent that joins later needs no migration: its login becomes a member of this group.
DO $$ BEGIN CREATE ROLE parley_agent NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO parley_agent;
--> statement-breakpoint
GRANT SELECT ON stores, facts, positions, claims TO parley_agent;
--> statement-breakpoint
GRANT INSERT ON dead_letters TO parley_agent;
