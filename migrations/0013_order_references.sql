CREATE TABLE "order_references" (
	"store" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"subject" text NOT NULL,
	"part" text,
	CONSTRAINT "order_references_store_kind_ref_pk" PRIMARY KEY("store","kind","ref")
);
--> statement-breakpoint
ALTER TABLE order_references ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE order_references FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY by_store ON order_references USING ((store = ANY ((SELECT app_stores())::text[])) IS TRUE);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON order_references TO parley_gateway;
