ALTER TABLE "stores" ADD COLUMN "shop" text;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "webhooks" boolean DEFAULT true NOT NULL;