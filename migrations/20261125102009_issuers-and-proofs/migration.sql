CREATE TABLE "issuer_client" (
	"issuer_id" uuid,
	"subject" text,
	"client_id" uuid NOT NULL,
	CONSTRAINT "issuer_client_pkey" PRIMARY KEY("issuer_id","subject"),
	CONSTRAINT "issuer_client_subject_short" CHECK (char_length("subject") BETWEEN 1 AND 256)
);
--> statement-breakpoint
CREATE TABLE "tenant_issuer" (
	"id" uuid PRIMARY KEY,
	"tenant_id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"jwks_uri" text NOT NULL,
	"audience" text NOT NULL,
	"algs" text[] NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "tenant_issuer_issuer_short" CHECK (char_length("issuer") BETWEEN 1 AND 512),
	CONSTRAINT "tenant_issuer_jwks_uri_short" CHECK (char_length("jwks_uri") BETWEEN 1 AND 1024),
	CONSTRAINT "tenant_issuer_audience_short" CHECK (char_length("audience") BETWEEN 1 AND 512),
	CONSTRAINT "tenant_issuer_algs_words" CHECK (cardinality("algs") BETWEEN 1 AND 7 AND "algs" <@ ARRAY['ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384', 'EdDSA']),
	CONSTRAINT "tenant_issuer_kind_word" CHECK ("kind" IN ('generic', 'entra')),
	CONSTRAINT "tenant_issuer_status_word" CHECK ("status" IN ('active', 'removed'))
);
--> statement-breakpoint
CREATE TABLE "used_proof" (
	"name_hash" bytea PRIMARY KEY,
	"held_until" timestamp with time zone NOT NULL,
	CONSTRAINT "used_proof_name_hash_length" CHECK (octet_length("name_hash") = 32)
);
--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_issuer_one_active" ON "tenant_issuer" ("issuer") WHERE "status" = 'active';--> statement-breakpoint
CREATE INDEX "tenant_issuer_tenant" ON "tenant_issuer" ("tenant_id");--> statement-breakpoint
CREATE INDEX "tenant_issuer_changed" ON "tenant_issuer" ("changed_epoch");--> statement-breakpoint
CREATE INDEX "used_proof_held_until" ON "used_proof" ("held_until");--> statement-breakpoint
ALTER TABLE "issuer_client" ADD CONSTRAINT "issuer_client_issuer_id_tenant_issuer_id_fkey" FOREIGN KEY ("issuer_id") REFERENCES "tenant_issuer"("id");--> statement-breakpoint
ALTER TABLE "issuer_client" ADD CONSTRAINT "issuer_client_client_id_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "client"("id");--> statement-breakpoint
ALTER TABLE "tenant_issuer" ADD CONSTRAINT "tenant_issuer_tenant_id_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id");--> statement-breakpoint
CREATE TRIGGER tenant_issuer_epoch BEFORE INSERT OR UPDATE ON tenant_issuer
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE TRIGGER tenant_issuer_kept BEFORE DELETE OR TRUNCATE ON tenant_issuer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
--> statement-breakpoint
-- What a provider's name for a client means is never changed: the provider is pinned anew.
CREATE TRIGGER issuer_client_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON issuer_client
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
