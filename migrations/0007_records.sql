CREATE TABLE "round_inputs" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"rule_set" text NOT NULL,
	"inputs" jsonb NOT NULL,
	CONSTRAINT "round_inputs_store_seq_pk" PRIMARY KEY("store","seq")
);
--> statement-breakpoint
CREATE TABLE "rule_candidates" (
	"store" text PRIMARY KEY NOT NULL,
	"hash" text,
	"faults" jsonb NOT NULL,
	"seen_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shadow_decisions" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"intent" text NOT NULL,
	"rule_set" text NOT NULL,
	"verdict" text NOT NULL,
	"rule" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"live_verdict" text NOT NULL,
	"live_rule" text NOT NULL,
	"params" jsonb,
	"impact" jsonb NOT NULL,
	"live_impact" jsonb NOT NULL,
	CONSTRAINT "shadow_decisions_store_rule_set_intent_pk" PRIMARY KEY("store","rule_set","intent")
);
--> statement-breakpoint
CREATE TABLE "shadow_runs" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"rule_set" text NOT NULL,
	"started_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_seq" bigint,
	"rounds" bigint DEFAULT 0 NOT NULL,
	"decisions" bigint DEFAULT 0 NOT NULL,
	"faults" bigint DEFAULT 0 NOT NULL,
	"last_fault" text,
	CONSTRAINT "shadow_runs_store_seq_pk" PRIMARY KEY("store","seq")
);
--> statement-breakpoint
ALTER TABLE "rulings" ADD COLUMN "features" jsonb;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "rules_pinned" text;--> statement-breakpoint
CREATE INDEX "shadow_decisions_round" ON "shadow_decisions" USING btree ("store","rule_set","seq");
--> statement-breakpoint
ALTER TABLE round_inputs ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE round_inputs FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON round_inputs USING (store = ANY ((SELECT app_stores())::text[]));
--> statement-breakpoint
ALTER TABLE shadow_decisions ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE shadow_decisions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON shadow_decisions USING (store = ANY ((SELECT app_stores())::text[]));
--> statement-breakpoint
ALTER TABLE rule_candidates ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE rule_candidates FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON rule_candidates USING (store = ANY ((SELECT app_stores())::text[]));
--> statement-breakpoint
ALTER TABLE shadow_runs ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE shadow_runs FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON shadow_runs USING (store = ANY ((SELECT app_stores())::text[]));
--> statement-breakpoint
GRANT SELECT, INSERT ON round_inputs TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT ON shadow_decisions TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON rule_candidates, shadow_runs TO parley_coordinator;
--> statement-breakpoint
GRANT SELECT ON round_inputs, shadow_decisions, shadow_runs, rule_candidates TO parley_gateway, parley_operator;
--> statement-breakpoint
-- A recorded round names the versions of the facts that it was judged on.
GRANT SELECT ON fact_history TO parley_gateway;
--> statement-breakpoint
GRANT UPDATE (rules_pinned) ON stores TO parley_coordinator;
--> statement-breakpoint
-- The operator API keeps a set that somebody hands in, by its hash.
GRANT INSERT ON rule_sets TO parley_gateway;
