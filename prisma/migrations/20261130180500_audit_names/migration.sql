ALTER TABLE "audit_entry" ADD COLUMN "actorName" TEXT, ADD COLUMN "subjectName" TEXT, ADD COLUMN "modelId" INTEGER;

-- Names of what is still there.
UPDATE "audit_entry" a SET "actorName" = u.name || ' (' || u.email || ')' FROM "user" u WHERE u.id = a.actor;
UPDATE "audit_entry" a SET "subjectName" = u.name || ' (' || u.email || ')'
  FROM "user" u WHERE a.subject = 'user' AND u.id = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = t.name FROM api_token t WHERE a.subject = 'token' AND t.id = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = p.name
  FROM preview_profile p WHERE a.subject = 'preview-profile' AND p.id = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = m.name FROM model m WHERE a.subject = 'model' AND m.id::text = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = f.filename, "modelId" = v."modelId"
  FROM model_file f JOIN model_version v ON v.id = f."versionId" WHERE a.subject = 'file' AND f.id::text = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = u.filename, "modelId" = coalesce(v."modelId", u."modelId")
  FROM upload u LEFT JOIN model_file f ON f.id = u."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
 WHERE a.subject = 'upload' AND u.id = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = s.filename, "modelId" = v."modelId"
  FROM sidecar s LEFT JOIN model_file f ON f.id = s."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
 WHERE a.subject = 'sidecar' AND s.id::text = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = g.name, "modelId" = v."modelId"
  FROM merge g LEFT JOIN model_file f ON f.id = g."fileId" LEFT JOIN model_version v ON v.id = f."versionId"
 WHERE a.subject = 'merge' AND g.id::text = a."subjectId";
UPDATE "audit_entry" a SET "subjectName" = m.name, "modelId" = m.id
  FROM preview w, model_file f, model_version v, model m
 WHERE a.subject = 'preview' AND w.id::text = a."subjectId" AND f."convertedSha256" = w.sha256
   AND v.id = f."versionId" AND m.id = v."modelId";

-- Names of what is gone, as the log itself gives them.
UPDATE "audit_entry" SET "modelId" = "subjectId"::int WHERE subject = 'model' AND "subjectId" ~ '^[1-9][0-9]{0,8}$';
UPDATE "audit_entry" a SET "subjectName" = d.before->>'name'
  FROM "audit_entry" d
 WHERE d.action = 'model.delete' AND a.subject = 'model' AND a."subjectId" = d."subjectId" AND a."subjectName" IS NULL;
UPDATE "audit_entry" a
   SET "subjectName" = e.after->>'filename', "modelId" = coalesce(a."modelId", (e.after->>'modelId')::int)
  FROM "audit_entry" e
 WHERE e.action = 'file.enter' AND a.subject = 'file' AND a."subjectId" = e."subjectId" AND a."subjectName" IS NULL;

DROP INDEX "audit_entry_at_idx";
CREATE INDEX "audit_entry_at_id_idx" ON "audit_entry"("at", "id");
CREATE INDEX "audit_entry_actor_at_id_idx" ON "audit_entry"("actor", "at", "id");
CREATE INDEX "audit_entry_action_at_id_idx" ON "audit_entry"("action", "at", "id");
CREATE INDEX "audit_entry_modelId_at_id_idx" ON "audit_entry"("modelId", "at", "id");

-- The engine of the migrations ends a statement at any semicolon, also within quotes: \x3b is one.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  RAISE EXCEPTION ''The audit log is append-only: entries cannot be changed or deleted.''\x3b
END';

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
