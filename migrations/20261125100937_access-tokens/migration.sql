CREATE TABLE "signing_key" (
	"kid" text PRIMARY KEY,
	"public_jwk" jsonb NOT NULL,
	"sealed_key" bytea NOT NULL,
	"signs_from" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "signing_key_kid_short" CHECK (char_length("kid") BETWEEN 1 AND 64),
	CONSTRAINT "signing_key_sealed_size" CHECK (octet_length("sealed_key") BETWEEN 29 AND 4096),
	CONSTRAINT "signing_key_public_short" CHECK (pg_column_size("public_jwk") <= 2048)
);
--> statement-breakpoint
CREATE TABLE "spent_name" (
	"name_hash" bytea PRIMARY KEY,
	"spent_until" timestamp with time zone NOT NULL,
	CONSTRAINT "spent_name_hash_length" CHECK (octet_length("name_hash") = 32)
);
--> statement-breakpoint
CREATE INDEX "spent_name_until" ON "spent_name" ("spent_until");
--> statement-breakpoint
CREATE TRIGGER signing_key_epoch BEFORE INSERT OR UPDATE ON signing_key
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
