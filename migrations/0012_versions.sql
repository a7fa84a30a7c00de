CREATE TABLE "versions" (
	"store" text NOT NULL,
	"resource" text NOT NULL,
	"version" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "versions_store_resource_pk" PRIMARY KEY("store","resource")
);
--> statement-breakpoint
ALTER TABLE "polls" ADD COLUMN "began_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE versions ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE versions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON versions USING ((store = ANY ((SELECT app_stores())::text[])) IS TRUE);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON versions TO parley_gateway;
--> statement-breakpoint
-- What a poll brought in counts as found when mapping sees that nobody had told of it.
GRANT UPDATE (found) ON polls TO parley_gateway;
