-- Group roles, one a service. They are cluster-wide and cannot log in; `setup` makes a login of its own a database for each.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['gateway','context','coordinator','executor','sandbox','pricing','inventory','marketing','support','orders','operator'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_' || name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', 'parley_' || name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
-- Two exclusive claims in force on one (resource, aspect) never overlap, whatever the coordinator believes.
ALTER TABLE claims ADD CONSTRAINT claims_exclusive
  EXCLUDE USING gist (store WITH =, resource WITH =, aspect WITH =, during WITH &&) WHERE (exclusive AND ended_as IS NULL);
--> statement-breakpoint
-- Bodies are compressed badly and read once: keep them out of line and uncompressed.
ALTER TABLE deliveries ALTER COLUMN body SET STORAGE EXTERNAL;
--> statement-breakpoint
-- The stores that a transaction has named; unset means none, so a forgotten name reads nothing instead of everything.
CREATE FUNCTION app_stores() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT string_to_array(current_setting('app.stores', true), ',') $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'store' AND table_name NOT IN ('stores', 'endpoints') LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY by_store ON %I USING (store = ANY ((SELECT app_stores())::text[]))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- What each service may do: its own tables, and of others what the design lets it read.
GRANT SELECT ON stores TO parley_gateway, parley_context, parley_coordinator, parley_executor, parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders, parley_operator;
--> statement-breakpoint
GRANT UPDATE (head, clock) ON stores TO parley_gateway, parley_coordinator, parley_executor;
--> statement-breakpoint
GRANT SELECT ON endpoints TO parley_gateway;
--> statement-breakpoint
GRANT SELECT ON credentials TO parley_executor;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON deliveries TO parley_gateway;
--> statement-breakpoint
GRANT SELECT, INSERT ON events TO parley_gateway, parley_coordinator, parley_executor;
--> statement-breakpoint
GRANT SELECT ON events TO parley_context, parley_operator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON facts TO parley_context;
--> statement-breakpoint
GRANT SELECT, INSERT ON fact_history TO parley_context;
--> statement-breakpoint
GRANT SELECT ON facts TO parley_gateway, parley_coordinator, parley_executor, parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders, parley_operator;
--> statement-breakpoint
GRANT SELECT ON fact_history TO parley_coordinator, parley_operator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON personal TO parley_gateway;
--> statement-breakpoint
GRANT SELECT ON personal TO parley_executor;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON positions TO parley_context, parley_coordinator;
--> statement-breakpoint
GRANT SELECT ON positions TO parley_gateway, parley_executor, parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders, parley_operator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON leases TO parley_context, parley_coordinator;
--> statement-breakpoint
GRANT SELECT ON leases TO parley_gateway, parley_operator;
--> statement-breakpoint
GRANT SELECT ON agents TO parley_gateway, parley_coordinator, parley_operator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON rounds, answers, conflicts TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT ON decisions TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON claims, limit_entries, rulings TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON escalations TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON timers TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT ON rule_sets TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT ON actions TO parley_coordinator;
--> statement-breakpoint
GRANT UPDATE (state, reason, ended_at) ON actions TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT ON mails TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT ON rounds, answers, decisions, conflicts, claims, limit_entries, escalations, rulings, timers, rule_sets, actions, mails, dead_letters TO parley_gateway, parley_operator;
--> statement-breakpoint
GRANT UPDATE (state) ON escalations TO parley_gateway;
--> statement-breakpoint
GRANT INSERT ON rulings TO parley_gateway;
--> statement-breakpoint
GRANT SELECT ON claims TO parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders;
--> statement-breakpoint
GRANT SELECT, UPDATE ON actions TO parley_executor;
--> statement-breakpoint
GRANT SELECT, UPDATE ON mails TO parley_executor;
--> statement-breakpoint
GRANT SELECT ON escalations, claims, rule_sets TO parley_executor;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON dead_letters TO parley_gateway, parley_context, parley_coordinator, parley_executor;
--> statement-breakpoint
GRANT INSERT ON dead_letters TO parley_pricing, parley_inventory, parley_marketing, parley_support, parley_orders;
