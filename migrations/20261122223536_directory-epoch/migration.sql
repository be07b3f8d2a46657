INSERT INTO directory_epoch (one, epoch) VALUES (1, 0);
--> statement-breakpoint
-- The lock on the epoch's row orders the commits of all changes, so a reader that knows epoch n knows every change up to n.
CREATE FUNCTION next_directory_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE directory_epoch SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch INTO STRICT NEW.changed_epoch;
  PERFORM pg_notify('stewardgate_directory', '');
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER tenant_epoch BEFORE INSERT OR UPDATE ON tenant
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE TRIGGER client_epoch BEFORE INSERT OR UPDATE ON client
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE TRIGGER operator_epoch BEFORE INSERT OR UPDATE ON operator
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE TRIGGER model_version_epoch BEFORE INSERT OR UPDATE ON model_version
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE TRIGGER api_key_epoch_insert BEFORE INSERT ON api_key
  FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
-- Not for last_used_at, which says nothing about what a key may do.
CREATE TRIGGER api_key_epoch_update
  BEFORE UPDATE OF id, environment, secret_hmac, pepper_id, client_id, operator_id, scopes, cidrs, expires_at, revoked_at
  ON api_key FOR EACH ROW EXECUTE FUNCTION next_directory_epoch();
--> statement-breakpoint
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never removed from, only suspended or revoked', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
CREATE TRIGGER tenant_kept BEFORE DELETE OR TRUNCATE ON tenant
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
--> statement-breakpoint
CREATE TRIGGER client_kept BEFORE DELETE OR TRUNCATE ON client
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
--> statement-breakpoint
CREATE TRIGGER operator_kept BEFORE DELETE OR TRUNCATE ON operator
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
--> statement-breakpoint
CREATE TRIGGER model_version_kept BEFORE DELETE OR TRUNCATE ON model_version
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
--> statement-breakpoint
CREATE TRIGGER api_key_kept BEFORE DELETE OR TRUNCATE ON api_key
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
