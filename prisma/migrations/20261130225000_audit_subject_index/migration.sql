-- What happened to one thing, in the order of time: its last name is one step in the index, however often it is named.
DROP INDEX "audit_entry_subject_subjectId_idx";
CREATE INDEX "audit_entry_subject_subjectId_at_id_idx" ON "audit_entry"("subject", "subjectId", "at", "id");
