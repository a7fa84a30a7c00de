ALTER TABLE "order_references" ADD COLUMN "named_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
CREATE INDEX "order_references_named" ON "order_references" USING btree ("kind","named_at");--> statement-breakpoint
-- What others call an order leads to people, and is forgotten by whoever keeps it.
GRANT DELETE ON order_references TO parley_gateway;
