CREATE INDEX "claims_begun" ON "claims" USING btree ("store","resource",lower("during"));--> statement-breakpoint
CREATE INDEX "claims_same" ON "claims" USING gin (("layer" -> 'same')) WHERE layer ? 'same';--> statement-breakpoint
CREATE INDEX "events_rules" ON "events" USING btree ("store","seq") WHERE type in ('rules.activated', 'rules.refused', 'rules.requested', 'rules.shadowed');