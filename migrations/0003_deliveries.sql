ALTER TABLE "deliveries" ADD COLUMN "digest" "bytea";--> statement-breakpoint
CREATE INDEX "deliveries_digest" ON "deliveries" USING btree ("endpoint","digest") WHERE digest is not null;--> statement-breakpoint
CREATE INDEX "facts_inventory_item" ON "facts" USING btree ("store",("value" ->> 'inventoryItem')) WHERE attribute = 'product';--> statement-breakpoint
CREATE INDEX "facts_variant" ON "facts" USING btree ("store",("value" ->> 'variant')) WHERE attribute = 'product';--> statement-breakpoint
CREATE INDEX "facts_product" ON "facts" USING btree ("store",("value" ->> 'product')) WHERE attribute = 'product';