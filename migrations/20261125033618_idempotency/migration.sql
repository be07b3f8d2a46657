CREATE TABLE "idempotency" (
	"tenant_id" uuid,
	"client_id" uuid,
	"key_hmac" bytea,
	"body_hmac" bytea NOT NULL,
	"request_id" uuid NOT NULL,
	"state" text NOT NULL,
	"held_until" timestamp with time zone NOT NULL,
	"answer" bytea,
	CONSTRAINT "idempotency_pkey" PRIMARY KEY("tenant_id","client_id","key_hmac"),
	CONSTRAINT "idempotency_key_hmac_length" CHECK (octet_length("key_hmac") = 32),
	CONSTRAINT "idempotency_body_hmac_length" CHECK (octet_length("body_hmac") = 32),
	CONSTRAINT "idempotency_state_word" CHECK ("state" IN ('running', 'finished')),
	CONSTRAINT "idempotency_answer_size" CHECK (octet_length("answer") <= 1114112),
	CONSTRAINT "idempotency_answer_of_finished" CHECK ("answer" IS NULL OR "state" = 'finished')
);
--> statement-breakpoint
CREATE INDEX "idempotency_held_until" ON "idempotency" ("held_until");