ALTER TABLE "api_key" ADD COLUMN "last_used_ip" text;--> statement-breakpoint
ALTER TABLE "client" ADD COLUMN "suspended_by" text;--> statement-breakpoint
ALTER TABLE "operator" ADD COLUMN "tenant_id" uuid;--> statement-breakpoint
ALTER TABLE "operator" ADD COLUMN "suspended_by" text;--> statement-breakpoint
ALTER TABLE "operator" DROP CONSTRAINT "operator_name_unique";--> statement-breakpoint
ALTER TABLE "operator" ADD CONSTRAINT "operator_name_unique" UNIQUE NULLS NOT DISTINCT("tenant_id","name");--> statement-breakpoint
ALTER TABLE "operator" ADD CONSTRAINT "operator_tenant_id_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id");--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_last_used_ip_short" CHECK (char_length("last_used_ip") BETWEEN 1 AND 45);--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_suspended_by_word" CHECK ("suspended_by" IN ('owner', 'tenant'));--> statement-breakpoint
ALTER TABLE "operator" ADD CONSTRAINT "operator_role_of_its_house" CHECK (("tenant_id" IS NULL) = ("role" IN ('owner', 'author', 'approver', 'auditor', 'billing', 'modelSteward')));--> statement-breakpoint
ALTER TABLE "operator" ADD CONSTRAINT "operator_suspended_by_word" CHECK ("suspended_by" IN ('owner', 'tenant'));--> statement-breakpoint
ALTER TABLE "operator" DROP CONSTRAINT "operator_role_word", ADD CONSTRAINT "operator_role_word" CHECK ("role" IN ('owner', 'author', 'approver', 'auditor', 'billing', 'modelSteward', 'tenant_admin', 'tenant_developer', 'tenant_viewer'));