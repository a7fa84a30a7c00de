ALTER TABLE "stores" ADD COLUMN "public_url" text;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "refused_topics" jsonb DEFAULT '[]'::jsonb NOT NULL;