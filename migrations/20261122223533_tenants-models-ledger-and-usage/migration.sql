CREATE TABLE "schema_breaking_change" (
	"name" text PRIMARY KEY,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "schema_breaking_change_name_short" CHECK (char_length("name") BETWEEN 1 AND 200)
);
--> statement-breakpoint
CREATE TABLE "audit_record" (
	"record_id" uuid PRIMARY KEY,
	"request_id" uuid NOT NULL,
	"phase" text NOT NULL,
	"event_type" text NOT NULL,
	"action" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"outcome" text,
	"http_status" integer,
	"error_code" text,
	"tenant_id" uuid,
	"client_id" uuid,
	"user_ref" text,
	"patient_ref" text,
	"purpose" text,
	"data_class" text,
	"model_version" text,
	"decision" text,
	"reason_code" text,
	"policy_set" text,
	"redactions" integer,
	"tokens_in" integer,
	"tokens_out" integer,
	"latency_ms" integer,
	"body" jsonb NOT NULL,
	CONSTRAINT "audit_record_phase_word" CHECK ("phase" IN ('decided', 'completed', 'single', 'abandoned', 'aggregate')),
	CONSTRAINT "audit_record_event_type_short" CHECK (char_length("event_type") BETWEEN 1 AND 64),
	CONSTRAINT "audit_record_action_word" CHECK ("action" IN ('C', 'R', 'U', 'D', 'E')),
	CONSTRAINT "audit_record_outcome_word" CHECK ("outcome" IN ('success', 'denied', 'client_error', 'client_aborted', 'upstream_error', 'timeout', 'failed', 'audit_unavailable', 'abandoned')),
	CONSTRAINT "audit_record_http_status_range" CHECK ("http_status" BETWEEN 100 AND 599),
	CONSTRAINT "audit_record_error_code_short" CHECK (char_length("error_code") BETWEEN 1 AND 64),
	CONSTRAINT "audit_record_user_ref_short" CHECK (char_length("user_ref") BETWEEN 1 AND 256),
	CONSTRAINT "audit_record_patient_ref_form" CHECK ("patient_ref" ~ '^[0-9a-f]{32}$'),
	CONSTRAINT "audit_record_purpose_word" CHECK ("purpose" IN ('TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HOPERAT', 'HRESCH', 'COVERAGE', 'PUBHLTH', 'PATRQT', 'HQUALIMP', 'HMARKT')),
	CONSTRAINT "audit_record_data_class_word" CHECK ("data_class" IN ('deidentified', 'limited', 'phi', 'sensitive')),
	CONSTRAINT "audit_record_model_version_short" CHECK (char_length("model_version") BETWEEN 1 AND 128),
	CONSTRAINT "audit_record_decision_word" CHECK ("decision" IN ('allow', 'allow_with_obligations', 'deny')),
	CONSTRAINT "audit_record_reason_code_short" CHECK (char_length("reason_code") BETWEEN 1 AND 128),
	CONSTRAINT "audit_record_policy_set_short" CHECK (char_length("policy_set") BETWEEN 1 AND 64),
	CONSTRAINT "audit_record_redactions_range" CHECK ("redactions" BETWEEN 0 AND 2147483647),
	CONSTRAINT "audit_record_tokens_in_range" CHECK ("tokens_in" BETWEEN 0 AND 2147483647),
	CONSTRAINT "audit_record_tokens_out_range" CHECK ("tokens_out" BETWEEN 0 AND 2147483647),
	CONSTRAINT "audit_record_latency_range" CHECK ("latency_ms" BETWEEN 0 AND 2147483647),
	CONSTRAINT "audit_record_body_object" CHECK (jsonb_typeof("body") = 'object')
);
--> statement-breakpoint
CREATE TABLE "ledger_sweep" (
	"one" integer PRIMARY KEY,
	"swept_at" timestamp with time zone NOT NULL,
	"swept_id" uuid NOT NULL,
	CONSTRAINT "ledger_sweep_one" CHECK ("one" = 1)
);
--> statement-breakpoint
CREATE TABLE "usage_record" (
	"tenant_id" uuid,
	"request_id" uuid,
	"kind" text,
	"seq" integer,
	"client_id" uuid NOT NULL,
	"model_version" text NOT NULL,
	"deployment" text NOT NULL,
	"policy_set" text NOT NULL,
	"purpose" text NOT NULL,
	"data_class" text NOT NULL,
	"outcome" text NOT NULL,
	"source" text NOT NULL,
	"tokens_in" bigint NOT NULL,
	"tokens_cached_in" bigint NOT NULL,
	"tokens_out" bigint NOT NULL,
	"tokens_reasoning" bigint NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "usage_record_pkey" PRIMARY KEY("tenant_id","request_id","kind","seq"),
	CONSTRAINT "usage_record_kind_word" CHECK ("kind" IN ('final')),
	CONSTRAINT "usage_record_seq_range" CHECK ("seq" BETWEEN 0 AND 1000000),
	CONSTRAINT "usage_record_model_version_short" CHECK (char_length("model_version") BETWEEN 1 AND 128),
	CONSTRAINT "usage_record_deployment_short" CHECK (char_length("deployment") BETWEEN 1 AND 128),
	CONSTRAINT "usage_record_policy_set_short" CHECK (char_length("policy_set") BETWEEN 1 AND 64),
	CONSTRAINT "usage_record_purpose_word" CHECK ("purpose" IN ('TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HOPERAT', 'HRESCH', 'COVERAGE', 'PUBHLTH', 'PATRQT', 'HQUALIMP', 'HMARKT')),
	CONSTRAINT "usage_record_data_class_word" CHECK ("data_class" IN ('deidentified', 'limited', 'phi', 'sensitive')),
	CONSTRAINT "usage_record_outcome_short" CHECK (char_length("outcome") BETWEEN 1 AND 64),
	CONSTRAINT "usage_record_source_word" CHECK ("source" IN ('upstream', 'drained', 'estimated', 'none')),
	CONSTRAINT "usage_record_tokens_in_range" CHECK ("tokens_in" BETWEEN 0 AND 1000000000000),
	CONSTRAINT "usage_record_tokens_cached_in_range" CHECK ("tokens_cached_in" BETWEEN 0 AND 1000000000000),
	CONSTRAINT "usage_record_tokens_out_range" CHECK ("tokens_out" BETWEEN 0 AND 1000000000000),
	CONSTRAINT "usage_record_tokens_reasoning_range" CHECK ("tokens_reasoning" BETWEEN 0 AND 1000000000000)
);
--> statement-breakpoint
CREATE TABLE "model_version" (
	"id" text PRIMARY KEY,
	"model" text NOT NULL,
	"stage" text NOT NULL,
	"deployment" text NOT NULL,
	"context_tokens" integer NOT NULL,
	"max_output_tokens" integer NOT NULL,
	"created" bigint NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "model_version_id_short" CHECK (char_length("id") BETWEEN 1 AND 128),
	CONSTRAINT "model_version_model_short" CHECK (char_length("model") BETWEEN 1 AND 128),
	CONSTRAINT "model_version_stage_word" CHECK ("stage" IN ('internal', 'pilot', 'ga', 'suspended', 'retired')),
	CONSTRAINT "model_version_deployment_short" CHECK (char_length("deployment") BETWEEN 1 AND 128),
	CONSTRAINT "model_version_context_range" CHECK ("context_tokens" BETWEEN 1 AND 100000000),
	CONSTRAINT "model_version_output_range" CHECK ("max_output_tokens" BETWEEN 1 AND 100000000),
	CONSTRAINT "model_version_created_range" CHECK ("created" BETWEEN 0 AND 253402300799)
);
--> statement-breakpoint
CREATE TABLE "api_key" (
	"id" text PRIMARY KEY,
	"environment" text NOT NULL,
	"secret_hmac" bytea NOT NULL,
	"pepper_id" text DEFAULT 'primary' NOT NULL,
	"client_id" uuid,
	"operator_id" uuid,
	"scopes" text[] NOT NULL,
	"cidrs" text[] NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"rotated_from" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "api_key_id_form" CHECK ("id" ~ '^[0-9A-Za-z]{12}$'),
	CONSTRAINT "api_key_environment_word" CHECK ("environment" IN ('live', 'test')),
	CONSTRAINT "api_key_secret_hmac_length" CHECK (octet_length("secret_hmac") = 32),
	CONSTRAINT "api_key_pepper_id_short" CHECK (char_length("pepper_id") BETWEEN 1 AND 64),
	CONSTRAINT "api_key_one_holder" CHECK (num_nonnulls("client_id", "operator_id") = 1),
	CONSTRAINT "api_key_scopes_short" CHECK (cardinality("scopes") <= 64 AND char_length(array_to_string("scopes", '')) <= 8192),
	CONSTRAINT "api_key_cidrs_short" CHECK (cardinality("cidrs") <= 64 AND char_length(array_to_string("cidrs", '')) <= 2752),
	CONSTRAINT "api_key_created_by_short" CHECK (char_length("created_by") BETWEEN 1 AND 64)
);
--> statement-breakpoint
CREATE TABLE "client" (
	"id" uuid PRIMARY KEY,
	"tenant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"requests_per_minute" integer NOT NULL,
	"tokens_per_minute" integer NOT NULL,
	"concurrent" integer NOT NULL,
	"jwks" jsonb,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "client_name_unique" UNIQUE("tenant_id","name"),
	CONSTRAINT "client_name_short" CHECK (char_length("name") BETWEEN 1 AND 200),
	CONSTRAINT "client_status_word" CHECK ("status" IN ('active', 'suspended')),
	CONSTRAINT "client_jwks_short" CHECK (pg_column_size("jwks") <= 65536),
	CONSTRAINT "client_requests_range" CHECK ("requests_per_minute" BETWEEN 0 AND 1000000),
	CONSTRAINT "client_tokens_range" CHECK ("tokens_per_minute" BETWEEN 0 AND 1000000000),
	CONSTRAINT "client_concurrent_range" CHECK ("concurrent" BETWEEN 0 AND 100000)
);
--> statement-breakpoint
CREATE TABLE "directory_epoch" (
	"one" integer PRIMARY KEY,
	"epoch" bigint NOT NULL,
	CONSTRAINT "directory_epoch_one" CHECK ("one" = 1)
);
--> statement-breakpoint
CREATE TABLE "operator" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL CONSTRAINT "operator_name_unique" UNIQUE,
	"role" text NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "operator_name_short" CHECK (char_length("name") BETWEEN 1 AND 200),
	CONSTRAINT "operator_role_word" CHECK ("role" IN ('owner', 'author', 'approver', 'auditor', 'billing', 'modelSteward')),
	CONSTRAINT "operator_status_word" CHECK ("status" IN ('active', 'suspended'))
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" uuid PRIMARY KEY,
	"slug" text NOT NULL CONSTRAINT "tenant_slug_unique" UNIQUE,
	"name" text NOT NULL,
	"tier" text NOT NULL,
	"status" text NOT NULL,
	"region" text NOT NULL,
	"default_purpose" text,
	"pinned_version" text,
	"requests_per_minute" integer NOT NULL,
	"tokens_per_minute" integer NOT NULL,
	"concurrent" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "tenant_slug_form" CHECK ("slug" ~ '^[a-z][a-z0-9-]{1,38}[a-z0-9]$'),
	CONSTRAINT "tenant_name_short" CHECK (char_length("name") BETWEEN 1 AND 200),
	CONSTRAINT "tenant_pinned_version_short" CHECK (char_length("pinned_version") BETWEEN 1 AND 128),
	CONSTRAINT "tenant_tier_word" CHECK ("tier" IN ('owner', 'covered-entity', 'research', 'payer')),
	CONSTRAINT "tenant_status_word" CHECK ("status" IN ('active', 'suspended')),
	CONSTRAINT "tenant_region_word" CHECK ("region" IN ('US', 'EU')),
	CONSTRAINT "tenant_default_purpose_word" CHECK ("default_purpose" IN ('TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HOPERAT', 'HRESCH', 'COVERAGE', 'PUBHLTH', 'PATRQT', 'HQUALIMP', 'HMARKT')),
	CONSTRAINT "tenant_requests_range" CHECK ("requests_per_minute" BETWEEN 0 AND 1000000),
	CONSTRAINT "tenant_tokens_range" CHECK ("tokens_per_minute" BETWEEN 0 AND 1000000000),
	CONSTRAINT "tenant_concurrent_range" CHECK ("concurrent" BETWEEN 0 AND 100000)
);
--> statement-breakpoint
CREATE INDEX "audit_record_time" ON "audit_record" ("recorded_at","record_id");--> statement-breakpoint
CREATE INDEX "audit_record_tenant_time" ON "audit_record" ("tenant_id","recorded_at","record_id");--> statement-breakpoint
CREATE INDEX "audit_record_request" ON "audit_record" ("request_id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_record_one_end" ON "audit_record" ("request_id") WHERE "phase" IN ('completed', 'abandoned');--> statement-breakpoint
CREATE INDEX "audit_record_decided" ON "audit_record" ("recorded_at","record_id") WHERE "phase" = 'decided';--> statement-breakpoint
CREATE INDEX "audit_record_correlation" ON "audit_record" (("body" ->> 'correlationId')) WHERE ("body" ->> 'correlationId') IS NOT NULL;--> statement-breakpoint
CREATE INDEX "audit_record_patient" ON "audit_record" ("patient_ref","recorded_at","record_id") WHERE ("patient_ref" is not null);--> statement-breakpoint
CREATE INDEX "audit_record_user" ON "audit_record" ("tenant_id","user_ref","recorded_at","record_id") WHERE ("user_ref" is not null);--> statement-breakpoint
CREATE INDEX "audit_record_unsuccessful" ON "audit_record" ("tenant_id","outcome","recorded_at","record_id") WHERE "outcome" <> 'success';--> statement-breakpoint
CREATE INDEX "audit_record_denied" ON "audit_record" ("recorded_at","record_id") WHERE "decision" = 'deny';--> statement-breakpoint
CREATE INDEX "usage_record_tenant_time" ON "usage_record" ("tenant_id","occurred_at");--> statement-breakpoint
CREATE INDEX "api_key_client" ON "api_key" ("client_id");--> statement-breakpoint
CREATE INDEX "api_key_operator" ON "api_key" ("operator_id");--> statement-breakpoint
CREATE INDEX "api_key_changed" ON "api_key" ("changed_epoch");--> statement-breakpoint
CREATE INDEX "client_changed" ON "client" ("changed_epoch");--> statement-breakpoint
CREATE INDEX "operator_changed" ON "operator" ("changed_epoch");--> statement-breakpoint
CREATE INDEX "tenant_changed" ON "tenant" ("changed_epoch");--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_client_id_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id");--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_operator_id_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operator"("id");--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_rotated_from_api_key_id_fkey" FOREIGN KEY ("rotated_from") REFERENCES "api_key"("id");--> statement-breakpoint
ALTER TABLE "client" ADD CONSTRAINT "client_tenant_id_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id");