CREATE TABLE "actions" (
	"store" text NOT NULL,
	"action" text NOT NULL,
	"type" text NOT NULL,
	"agent" text NOT NULL,
	"params" jsonb NOT NULL,
	"leaves" text[] NOT NULL,
	"writes" jsonb NOT NULL,
	"inverse" jsonb,
	"cause" text NOT NULL,
	"not_before" timestamp(3) with time zone NOT NULL,
	"not_after" timestamp(3) with time zone,
	"state" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"owner" text,
	"call_by" timestamp(3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_look_at" timestamp(3) with time zone,
	"outcome" jsonb,
	"ended_at" timestamp(3) with time zone,
	"correlation" text NOT NULL,
	"depth" integer NOT NULL,
	CONSTRAINT "actions_store_action_pk" PRIMARY KEY("store","action")
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"store" text NOT NULL,
	"claim" text NOT NULL,
	"resource" text NOT NULL,
	"aspect" text NOT NULL,
	"during" "tstzrange" NOT NULL,
	"exclusive" boolean NOT NULL,
	"amount" bigint,
	"owner" text NOT NULL,
	"layer" jsonb NOT NULL,
	"action" text,
	"ended_as" text,
	CONSTRAINT "claims_store_claim_pk" PRIMARY KEY("store","claim")
);
--> statement-breakpoint
CREATE TABLE "conflicts" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"n" integer NOT NULL,
	"class" text NOT NULL,
	"key" text NOT NULL,
	"instance" text NOT NULL,
	"stake" jsonb NOT NULL,
	"members" jsonb NOT NULL,
	"now" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "conflicts_store_seq_n_pk" PRIMARY KEY("store","seq","n")
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"store" text NOT NULL,
	"intent" text NOT NULL,
	"seq" bigint NOT NULL,
	"agent" text NOT NULL,
	"action_type" text NOT NULL,
	"resource" text NOT NULL,
	"params" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"rule" text NOT NULL,
	"reasons" jsonb NOT NULL,
	"inputs" jsonb NOT NULL,
	"replaces" text,
	"action" text,
	"wakes_on" text,
	"now" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "decisions_store_intent_pk" PRIMARY KEY("store","intent")
);
--> statement-breakpoint
CREATE TABLE "limit_entries" (
	"store" text NOT NULL,
	"rule" text NOT NULL,
	"scope" text NOT NULL,
	"intent" text NOT NULL,
	"measure" text NOT NULL,
	"amount" bigint NOT NULL,
	"now" timestamp(3) with time zone NOT NULL,
	"struck" boolean DEFAULT false NOT NULL,
	CONSTRAINT "limit_entries_store_rule_scope_intent_measure_pk" PRIMARY KEY("store","rule","scope","intent","measure")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"store" text NOT NULL,
	"endpoint" text NOT NULL,
	"key" text NOT NULL,
	"topic" text NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"reason" text,
	"echo" text,
	"copies" integer DEFAULT 0 NOT NULL,
	"received_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "deliveries_key" UNIQUE("endpoint","key")
);
--> statement-breakpoint
CREATE TABLE "escalations" (
	"store" text NOT NULL,
	"escalation" text NOT NULL,
	"seq" bigint NOT NULL,
	"key" text NOT NULL,
	"instance" text NOT NULL,
	"rule" text NOT NULL,
	"question" jsonb NOT NULL,
	"options" jsonb NOT NULL,
	"members" jsonb NOT NULL,
	"digest" text NOT NULL,
	"stake" jsonb NOT NULL,
	"default_option" text NOT NULL,
	"deadline" timestamp(3) with time zone NOT NULL,
	"tier" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"replaces" text,
	"opened_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "escalations_store_escalation_pk" PRIMARY KEY("store","escalation")
);
--> statement-breakpoint
CREATE TABLE "mails" (
	"store" text NOT NULL,
	"mail" text NOT NULL,
	"recipient" text NOT NULL,
	"kind" text NOT NULL,
	"escalation" text,
	"action" text,
	"message_id" text NOT NULL,
	"token_hash" text,
	"digest" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"sent_at" timestamp(3) with time zone,
	CONSTRAINT "mails_store_mail_pk" PRIMARY KEY("store","mail")
);
--> statement-breakpoint
CREATE TABLE "rulings" (
	"store" text NOT NULL,
	"escalation" text NOT NULL,
	"by" text NOT NULL,
	"option" text NOT NULL,
	"note" text,
	"key" text NOT NULL,
	"instance" text NOT NULL,
	"remember_until" timestamp(3) with time zone,
	"now" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "rulings_store_escalation_pk" PRIMARY KEY("store","escalation")
);
--> statement-breakpoint
CREATE TABLE "timers" (
	"store" text NOT NULL,
	"timer" text NOT NULL,
	"clock" text NOT NULL,
	"due" timestamp(3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"recurs" text,
	"ref" jsonb NOT NULL,
	CONSTRAINT "timers_store_timer_pk" PRIMARY KEY("store","timer")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"time" timestamp(3) with time zone NOT NULL,
	"now" timestamp(3) with time zone NOT NULL,
	"source" text NOT NULL,
	"cause" text,
	"correlation" uuid NOT NULL,
	"depth" integer NOT NULL,
	"delivery" uuid,
	"addressee" text,
	"data" jsonb NOT NULL,
	"traceparent" text,
	CONSTRAINT "events_store_seq_pk" PRIMARY KEY("store","seq"),
	CONSTRAINT "events_id" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "fact_history" (
	"store" text NOT NULL,
	"resource" text NOT NULL,
	"attribute" text NOT NULL,
	"value" jsonb NOT NULL,
	"version" bigint NOT NULL,
	"time" timestamp(3) with time zone NOT NULL,
	"source" text NOT NULL,
	"observed_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone,
	"folded" text NOT NULL,
	CONSTRAINT "fact_history_store_resource_attribute_version_pk" PRIMARY KEY("store","resource","attribute","version")
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"store" text NOT NULL,
	"resource" text NOT NULL,
	"attribute" text NOT NULL,
	"value" jsonb NOT NULL,
	"version" bigint NOT NULL,
	"time" timestamp(3) with time zone NOT NULL,
	"source" text NOT NULL,
	"observed_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone,
	CONSTRAINT "facts_store_resource_attribute_pk" PRIMARY KEY("store","resource","attribute")
);
--> statement-breakpoint
CREATE TABLE "personal" (
	"store" text NOT NULL,
	"subject" text NOT NULL,
	"key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "personal_store_subject_pk" PRIMARY KEY("store","subject")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"service" text NOT NULL,
	"partition" integer NOT NULL,
	"holder" text NOT NULL,
	"epoch" bigint NOT NULL,
	"until" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "leases_service_partition_pk" PRIMARY KEY("service","partition")
);
--> statement-breakpoint
CREATE TABLE "positions" (
	"store" text NOT NULL,
	"service" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "positions_store_service_pk" PRIMARY KEY("store","service")
);
--> statement-breakpoint
CREATE TABLE "agents" (
	"agent" text PRIMARY KEY NOT NULL,
	"manifest" jsonb NOT NULL,
	"digest" text NOT NULL,
	"paused" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "answers" (
	"event" uuid NOT NULL,
	"agent" text NOT NULL,
	"part" integer NOT NULL,
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"body" jsonb NOT NULL,
	"digest" text NOT NULL,
	"standing" text NOT NULL,
	"received_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "answers_event_agent_part_pk" PRIMARY KEY("event","agent","part")
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"store" text NOT NULL,
	"seq" bigint NOT NULL,
	"event" uuid NOT NULL,
	"expected" text[] NOT NULL,
	"missing" text[] NOT NULL,
	"answers" integer DEFAULT 0 NOT NULL,
	"rule_set" text,
	"opened_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"closed_as" text,
	"closed_at" timestamp(3) with time zone,
	"faults" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "rounds_store_seq_pk" PRIMARY KEY("store","seq")
);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"store" text NOT NULL,
	"id" uuid NOT NULL,
	"service" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"reason" text NOT NULL,
	"detail" text NOT NULL,
	"raw" jsonb NOT NULL,
	"at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"redriven_at" timestamp(3) with time zone,
	CONSTRAINT "dead_letters_store_id_pk" PRIMARY KEY("store","id")
);
--> statement-breakpoint
CREATE TABLE "rule_sets" (
	"hash" text PRIMARY KEY NOT NULL,
	"files" jsonb NOT NULL,
	"findings" jsonb NOT NULL,
	"stored_at" timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"store" text NOT NULL,
	"platform" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"url" text NOT NULL,
	CONSTRAINT "credentials_store_platform_pk" PRIMARY KEY("store","platform")
);
--> statement-breakpoint
CREATE TABLE "endpoints" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"store" text NOT NULL,
	"platform" text NOT NULL,
	"secrets" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"store" text PRIMARY KEY NOT NULL,
	"platform" text NOT NULL,
	"clock_kind" text NOT NULL,
	"head" bigint DEFAULT 0 NOT NULL,
	"clock" timestamp(3) with time zone NOT NULL,
	"partition" integer NOT NULL,
	"mode" text NOT NULL,
	"currency" text NOT NULL,
	"zone" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_store_stores_store_fk" FOREIGN KEY ("store") REFERENCES "public"."stores"("store") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "actions_due" ON "actions" USING btree ("not_before") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "actions_calling" ON "actions" USING btree ("store") WHERE state = 'calling';--> statement-breakpoint
CREATE INDEX "actions_unknown" ON "actions" USING btree ("next_look_at") WHERE state = 'unknown';--> statement-breakpoint
CREATE INDEX "actions_ended" ON "actions" USING btree ("store","ended_at");--> statement-breakpoint
CREATE INDEX "actions_cause" ON "actions" USING btree ("store","cause");--> statement-breakpoint
CREATE INDEX "claims_in_force" ON "claims" USING btree ("store","resource","aspect") WHERE ended_as is null;--> statement-breakpoint
CREATE INDEX "claims_action" ON "claims" USING btree ("store","action");--> statement-breakpoint
CREATE INDEX "decisions_round" ON "decisions" USING btree ("store","seq");--> statement-breakpoint
CREATE INDEX "decisions_replaces" ON "decisions" USING btree ("store","replaces");--> statement-breakpoint
CREATE INDEX "limit_entries_window" ON "limit_entries" USING btree ("store","rule","scope","now");--> statement-breakpoint
CREATE INDEX "deliveries_received" ON "deliveries" USING btree ("id") WHERE state = 'received';--> statement-breakpoint
CREATE INDEX "escalations_open" ON "escalations" USING btree ("store") WHERE state in ('open', 'answered');--> statement-breakpoint
CREATE INDEX "escalations_instance" ON "escalations" USING btree ("store","instance");--> statement-breakpoint
CREATE INDEX "mails_due" ON "mails" USING btree ("due_at") WHERE state in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "mails_token" ON "mails" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "rulings_key" ON "rulings" USING btree ("store","key");--> statement-breakpoint
CREATE INDEX "rulings_instance" ON "rulings" USING btree ("store","instance");--> statement-breakpoint
CREATE INDEX "timers_due" ON "timers" USING btree ("store","due");--> statement-breakpoint
CREATE INDEX "events_subject" ON "events" USING btree ("store","subject","seq");--> statement-breakpoint
CREATE INDEX "facts_category" ON "facts" USING btree ("store",("value" #>> '{}')) WHERE attribute = 'category';--> statement-breakpoint
CREATE INDEX "answers_round" ON "answers" USING btree ("store","seq");--> statement-breakpoint
CREATE INDEX "rounds_open" ON "rounds" USING btree ("store","seq") WHERE closed_as is null;--> statement-breakpoint
CREATE INDEX "dead_letters_ref" ON "dead_letters" USING btree ("store","kind","ref");