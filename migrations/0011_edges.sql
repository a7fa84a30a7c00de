CREATE TABLE "fetches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"store" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"cause" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"asked_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_at" timestamp(3) with time zone,
	"delivery" uuid
);
--> statement-breakpoint
CREATE TABLE "polls" (
	"store" text NOT NULL,
	"kind" text NOT NULL,
	"until" timestamp(3) with time zone NOT NULL,
	"polled_at" timestamp(3) with time zone NOT NULL,
	"found" integer DEFAULT 0 NOT NULL,
	"fault" text,
	CONSTRAINT "polls_store_kind_pk" PRIMARY KEY("store","kind")
);
--> statement-breakpoint
CREATE TABLE "openings" (
	"store" text NOT NULL,
	"agent" text NOT NULL,
	"action" text NOT NULL,
	"opened_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "openings_store_agent_action_pk" PRIMARY KEY("store","agent","action")
);
--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "via" text DEFAULT 'webhook' NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "mapping" text;--> statement-breakpoint
CREATE UNIQUE INDEX "fetches_waiting" ON "fetches" USING btree ("store","kind","ref") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "fetches_due" ON "fetches" USING btree ("due_at") WHERE state in ('waiting', 'fetching');--> statement-breakpoint
ALTER TABLE fetches ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE fetches FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON fetches USING ((store = ANY ((SELECT app_stores())::text[])) IS TRUE);
--> statement-breakpoint
ALTER TABLE polls ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE polls FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON polls USING ((store = ANY ((SELECT app_stores())::text[])) IS TRUE);
--> statement-breakpoint
ALTER TABLE openings ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE openings FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON openings USING ((store = ANY ((SELECT app_stores())::text[])) IS TRUE);
--> statement-breakpoint
-- The gateway asks for what it cannot read itself: it has no credentials. Deliveries are kept for a set time, and then go.
GRANT SELECT, INSERT ON fetches TO parley_gateway;
--> statement-breakpoint
GRANT DELETE ON deliveries TO parley_gateway;
--> statement-breakpoint
-- The executor reads the platform, and what it reads comes in where webhooks come in; it never sees what they say.
GRANT SELECT, UPDATE ON fetches TO parley_executor;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON polls TO parley_executor;
--> statement-breakpoint
GRANT INSERT ON deliveries TO parley_executor;
--> statement-breakpoint
GRANT SELECT (id, store, endpoint, key, via, state, received_at) ON deliveries TO parley_executor;
--> statement-breakpoint
GRANT SELECT (endpoint, store, platform) ON endpoints TO parley_executor;
--> statement-breakpoint
GRANT SELECT ON openings TO parley_gateway, parley_coordinator, parley_executor, parley_operator;
--> statement-breakpoint
GRANT SELECT ON fetches, polls TO parley_operator;
--> statement-breakpoint
GRANT SELECT ON polls TO parley_gateway;
