CREATE SCHEMA "sandbox";
--> statement-breakpoint
CREATE TABLE "sandbox"."effects" (
	"store" text NOT NULL,
	"n" bigint GENERATED ALWAYS AS IDENTITY (sequence name "sandbox"."effects_n_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"action" text,
	"operation" text NOT NULL,
	"resource" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "effects_store_n_pk" PRIMARY KEY("store","n")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."idempotency" (
	"store" text NOT NULL,
	"key" text NOT NULL,
	"operation" text NOT NULL,
	"digest" text NOT NULL,
	"answer" jsonb NOT NULL,
	CONSTRAINT "idempotency_store_key_pk" PRIMARY KEY("store","key")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."outgoing" (
	"store" text NOT NULL,
	"n" bigint GENERATED ALWAYS AS IDENTITY (sequence name "sandbox"."outgoing_n_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"delivery" jsonb NOT NULL,
	CONSTRAINT "outgoing_store_n_pk" PRIMARY KEY("store","n")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."records" (
	"store" text NOT NULL,
	"kind" text NOT NULL,
	"id" text NOT NULL,
	"value" jsonb NOT NULL,
	CONSTRAINT "records_store_kind_id_pk" PRIMARY KEY("store","kind","id")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."roots" (
	"store" text NOT NULL,
	"n" bigint NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"root" jsonb NOT NULL,
	CONSTRAINT "roots_store_n_pk" PRIMARY KEY("store","n")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."sent" (
	"store" text NOT NULL,
	"id" text NOT NULL,
	"topic" text NOT NULL,
	"status" integer NOT NULL,
	"attempts" integer NOT NULL,
	"echo" boolean NOT NULL,
	"order_lines" integer NOT NULL,
	"position" bigint,
	"sent_at" timestamp(3) with time zone NOT NULL,
	"acked_at" timestamp(3) with time zone NOT NULL,
	"ack_ms" double precision NOT NULL,
	CONSTRAINT "sent_store_id_pk" PRIMARY KEY("store","id")
);
--> statement-breakpoint
CREATE TABLE "sandbox"."stores" (
	"store" text PRIMARY KEY NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"state" jsonb,
	"ended" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX "effects_action" ON "sandbox"."effects" USING btree ("store","action");--> statement-breakpoint
CREATE INDEX "sent_position" ON "sandbox"."sent" USING btree ("store","position");--> statement-breakpoint
-- The stand-in store has a schema of its own: its service owns what is in it, nobody else sees it.
GRANT USAGE ON SCHEMA sandbox TO parley_sandbox;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO parley_sandbox;
--> statement-breakpoint
GRANT USAGE ON ALL SEQUENCES IN SCHEMA sandbox TO parley_sandbox;
